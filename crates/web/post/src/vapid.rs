//! Who pushes: the house's own key, and the token that it signs for each service (VAPID, RFC 8292).

use data_encoding::BASE64URL_NOPAD;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

use crate::encrypt::uncompressed;

/// For how long a token is good, in seconds; a day at the most by the standard.
const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// {"typ":"JWT","alg":"ES256"}
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

/// The key by which push services know the house.
#[derive(Clone)]
pub struct VapidKey {
    private: SecretKey,
    public: String,
}

impl VapidKey {
    /// The key of these bytes; none for the few that are no key, which chance does not make.
    pub fn new(bytes: &[u8; 32]) -> Option<VapidKey> {
        let private = SecretKey::from_slice(bytes).ok()?;
        let public = BASE64URL_NOPAD.encode(&uncompressed(&private.public_key()));
        Some(VapidKey { private, public })
    }

    /// The public half, as browsers take it when they subscribe.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The line that says who pushes to the service of that origin: `subject` is how its people reach the house.
    pub(crate) fn line(&self, origin: &str, subject: &str, unix_seconds: i64) -> String {
        let until = unix_seconds.saturating_add(TOKEN_SECONDS);
        let claims = format!(r#"{{"aud":"{}","exp":{until},"sub":"{}"}}"#, quoted(origin), quoted(subject));
        let signed = format!("{HEADER}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()));
        let signature: Signature = SigningKey::from(&self.private).sign(signed.as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public)
    }
}

/// Origins and subjects are addresses, in which these never stand.
fn quoted(address: &str) -> String {
    address.chars().filter(|one| !matches!(one, '"' | '\\') && !one.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn the_token_says_for_whom_and_until_when_and_is_signed() {
        let key = VapidKey::new(&[7; 32]).unwrap();
        let line = key.line("https://push.example", "https://market.example", 1_000);
        let (token, public) = line.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        let claims = String::from_utf8(decode(signed.split_once('.').unwrap().1)).unwrap();
        assert_eq!(claims, r#"{"aud":"https://push.example","exp":44200,"sub":"https://market.example"}"#);
        let public = VerifyingKey::from_sec1_bytes(&decode(public)).unwrap();
        let signature = Signature::from_slice(&decode(signature)).unwrap();
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
        assert!(public.verify(b"another", &signature).is_err());
        assert!(VapidKey::new(&[0; 32]).is_none());
    }
}
