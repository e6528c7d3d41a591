//! Settings of pictures: where their bytes are kept, and how many are made at once.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use store_blobs::{S3Settings, Secret};

use super::{Origin, Setting, Values, on_or_off, setting};

/// The settings of pictures.
pub const TABLE: [Setting; 9] = [
    setting("pictures_dir", "", "folder of the pictures' bytes; empty: `pictures` in data_dir"),
    setting("picture_workers", "1", "how many pictures are made at once, each with up to 352 MiB of memory"),
    setting(
        "s3_endpoint",
        "",
        "S3-compatible storage for pictures instead, such as https://s3.example; empty: none",
    ),
    setting("s3_bucket", "", "its bucket, which must be there"),
    setting("s3_region", "us-east-1", "the region that requests are signed for"),
    setting("s3_key_id", "", "who asks the storage"),
    setting("s3_secret", "", "what proves it; never on the command line"),
    setting(
        "s3_path_style",
        "on",
        "on: the bucket stands in the path; off: before the host, as Amazon wants it",
    ),
    setting("s3_prefix", "", "what stands before every name, so that several houses share a bucket"),
];

/// More workers only wait for processors.
const WORKERS_MAX: usize = 16;

/// Where pictures lie in the folder of the store.
const FOLDER: &str = "pictures";

/// Where the bytes of pictures are kept.
///
/// # Errors
/// If it is said to be in two places, or the storage is said by half.
pub fn blobs(values: &Values) -> Result<store_blobs::Settings> {
    let folder = values.text("pictures_dir");
    if values.text("s3_endpoint").is_empty() {
        if let Some(alone) =
            ["s3_bucket", "s3_key_id", "s3_secret"].into_iter().find(|name| !values.text(name).is_empty())
        {
            bail!("{alone}: it is of no use without s3_endpoint");
        }
        let folder = if folder.is_empty() {
            PathBuf::from(values.text("data_dir")).join(FOLDER)
        } else {
            folder.into()
        };
        return Ok(store_blobs::Settings::Folder(folder));
    }
    if !folder.is_empty() {
        bail!("pictures_dir and s3_endpoint are both set: say where pictures are meant to lie");
    }
    if values.0.get("s3_secret").is_some_and(|(_, origin)| *origin == Origin::Flag) {
        bail!(
            "s3_secret: everyone on this machine reads command lines: say it in the environment or in the file"
        );
    }
    let needed = |name: &str| match values.text(name) {
        "" => bail!("{name}: s3_endpoint needs it"),
        text => Ok(text.to_owned()),
    };
    Ok(store_blobs::Settings::S3(S3Settings {
        endpoint: needed("s3_endpoint")?,
        region: needed("s3_region")?,
        bucket: needed("s3_bucket")?,
        key_id: needed("s3_key_id")?,
        secret: Secret::new(needed("s3_secret")?),
        path_style: values.read("s3_path_style", on_or_off)?,
        prefix: values.text("s3_prefix").to_owned(),
    }))
}

/// How many pictures are made at once.
///
/// # Errors
/// If it is no such number.
pub fn workers(text: &str) -> Result<usize> {
    let workers = text.trim().parse().context("it is a number of workers")?;
    if !(1..=WORKERS_MAX).contains(&workers) {
        bail!("there are 1 to {WORKERS_MAX} workers");
    }
    Ok(workers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORAGE: [(&str, &str); 4] = [
        ("s3_endpoint", "http://127.0.0.1:8333"),
        ("s3_bucket", "pictures"),
        ("s3_key_id", "who"),
        ("NEIGHBORBID_S3_SECRET", "open sesame"),
    ];

    /// Where pictures are kept by these flags and variables, or why not.
    fn read(said: &[(&str, &str)]) -> Result<String, String> {
        let find =
            |name: &str| said.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let values = Values::gather(find, find, None).expect("values");
        blobs(&values).map(|settings| format!("{settings:?}")).map_err(|why| format!("{why:#}"))
    }

    #[test]
    fn pictures_lie_in_one_place() {
        assert_eq!(read(&[]), Ok(r#"Folder("./data/pictures")"#.to_owned()));
        assert_eq!(read(&[("pictures_dir", "/disk")]), Ok(r#"Folder("/disk")"#.to_owned()));
        let storage = read(&STORAGE).expect("the storage is said in full");
        assert!(storage.contains("8333") && !storage.contains("sesame"), "{storage}");
        let both = [&STORAGE[..], &[("pictures_dir", "/disk")]].concat();
        assert!(read(&both).expect_err("two places").starts_with("pictures_dir"));
    }

    #[test]
    fn half_a_storage_is_none() {
        for (at, (missing, _)) in STORAGE.iter().enumerate() {
            let said: Vec<_> = STORAGE.iter().filter(|one| *one != &STORAGE[at]).copied().collect();
            let why = read(&said).expect_err(missing);
            assert!(why.contains("s3_") && !why.contains("sesame"), "{why}");
        }
        let by_flag = [&STORAGE[..3], &[("s3_secret", "open sesame")]].concat();
        let why = read(&by_flag).expect_err("everyone reads it");
        assert!(why.starts_with("s3_secret") && !why.contains("sesame"), "{why}");
    }

    #[test]
    fn there_is_at_least_one_worker_and_no_crowd() {
        for (text, expected) in [("1", Some(1)), (" 16 ", Some(16)), ("0", None), ("17", None), ("two", None)]
        {
            assert_eq!(workers(text).ok(), expected, "{text}");
        }
    }
}
