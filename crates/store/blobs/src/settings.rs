//! Where blobs are kept, as whoever starts the house says it; a secret in it shows itself to nobody.

use std::fmt;
use std::path::PathBuf;

/// A folder of this machine, or S3-compatible storage.
#[derive(Clone, Debug)]
pub enum Settings {
    /// A folder; it is made if it is not there.
    Folder(PathBuf),
    /// A bucket, which must be there.
    S3(S3Settings),
}

/// A bucket of S3-compatible storage and who asks it.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// Where the service is: `https://s3.ap-northeast-2.amazonaws.com`, `http://127.0.0.1:8333`. A path before the bucket
    /// is kept; a name, a password or a query in it are refused.
    pub endpoint: String,
    /// The region that signatures are for; whatever the service was told, often `us-east-1`, if it has none.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Who asks. Shown freely: it stands in every presigned address.
    pub key_id: String,
    /// What proves it. It never comes from the command line, which everyone on the machine reads.
    pub secret: Secret,
    /// Whether the bucket stands in the path (`/bucket/name`), as most services other than Amazon's want it, rather than
    /// before the host.
    pub path_style: bool,
    /// What stands before every name, so that several houses share a bucket: `""`, `pictures`, `house/pictures`.
    pub prefix: String,
}

/// What nobody but its owner and the service may read.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it in.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

/// What may be done at once and for how long. Every limit is one of time or number; being over one is `Busy` or
/// `Unavailable`, never a wait without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many calls are under way at once; further ones wait.
    pub calls_max: usize,
    /// How many wait; one more hears `Busy` at once.
    pub waiting_max: usize,
    /// How long one waits before it hears `Busy`, in milliseconds.
    pub waiting_ms_max: u64,
    /// How long one try over the network may take, from connecting to the last byte, in milliseconds.
    pub try_ms_max: u64,
    /// How long the second try waits for the first to be forgotten, in milliseconds; the third waits four times that.
    pub pause_ms: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { calls_max: 32, waiting_max: 256, waiting_ms_max: 2_000, try_ms_max: 10_000, pause_ms: 100 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let settings = Settings::S3(S3Settings {
            endpoint: "https://storage.test".into(),
            region: "r".into(),
            bucket: "pictures".into(),
            key_id: "who".into(),
            secret: Secret::new("open sesame"),
            path_style: true,
            prefix: String::new(),
        });
        let shown = format!("{settings:?}");
        assert!(shown.contains("pictures") && !shown.contains("sesame"), "{shown}");
    }
}
