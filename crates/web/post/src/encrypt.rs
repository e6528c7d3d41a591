//! Encryption of what is pushed: RFC 8291 over `aes128gcm` of RFC 8188, in one record. Only the browser can read it, not the
//! service that carries it.

use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};

use crate::Fault;

/// The most bytes that are pushed: what every service takes (RFC 8030 §7.2), less what encryption adds.
pub const PAYLOAD_BYTES_MAX: usize = 3_993 - 100;

/// The size of a record; ours is one, and smaller.
const RECORD_BYTES: u32 = 4_096;

/// Ends the last record.
const LAST: u8 = 2;

/// What a browser gave away when it subscribed.
#[derive(Clone, Debug)]
pub struct BrowserKeys {
    key: PublicKey,
    secret: [u8; 16],
}

impl BrowserKeys {
    /// The keys of a browser; none if the first is no uncompressed point of P-256 or the second has not 16 bytes.
    pub fn new(key: &[u8], secret: &[u8]) -> Option<BrowserKeys> {
        let is_uncompressed = key.len() == 65 && key.first() == Some(&4);
        let key = PublicKey::from_sec1_bytes(key).ok().filter(|_| is_uncompressed)?;
        Some(BrowserKeys { key, secret: secret.try_into().ok()? })
    }
}

/// A length for HKDF.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], key: &[u8], info: &[&[u8]]) -> [u8; N] {
    let mut derived = [0; N];
    let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(key);
    let material = pseudorandom.expand(info, Length(N)).expect("the length is within what HKDF makes");
    material.fill(&mut derived).expect("the length is the one that was asked for");
    derived
}

/// What is sent to the service: a header with the salt and the sender's key, and the record. The private key and the salt
/// are chance and never used again.
///
/// # Errors
/// [`Fault::Never`] if it is too long, or the private key is none (which chance does not make).
pub fn encrypt(
    text: &[u8],
    browser: &BrowserKeys,
    private: &[u8; 32],
    salt: &[u8; 16],
) -> Result<Vec<u8>, Fault> {
    if text.len() > PAYLOAD_BYTES_MAX {
        return Err(Fault::never("the message is too long to be pushed"));
    }
    let private = SecretKey::from_slice(private).map_err(Fault::never)?;
    let ours = uncompressed(&private.public_key());
    let theirs = uncompressed(&browser.key);
    let shared = private.diffie_hellman(&browser.key);
    let shared: &[u8] = shared.raw_secret_bytes();
    let material: [u8; 32] = derive(&browser.secret, shared, &[b"WebPush: info\0", &theirs, &ours]);
    let key: [u8; 16] = derive(salt, &material, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = derive(salt, &material, &[b"Content-Encoding: nonce\0"]);

    let key = UnboundKey::new(&AES_128_GCM, &key).expect("the key has 16 bytes");
    let mut record = [text, &[LAST]].concat();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .map_err(Fault::never)?;
    let length = [u8::try_from(ours.len()).expect("a point has 65 bytes")];
    Ok([&salt[..], &RECORD_BYTES.to_be_bytes(), &length, &ours, &record].concat())
}

/// The 65 bytes of a public key.
pub(crate) fn uncompressed(key: &PublicKey) -> [u8; 65] {
    use p256::elliptic_curve::sec1::ToSec1Point;
    key.to_sec1_point(false).as_bytes().try_into().expect("an uncompressed point has 65 bytes")
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard() {
        let browser = BrowserKeys::new(
            &bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        );
        let private = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").try_into().unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let sent = encrypt(text, &browser.unwrap(), &private, &salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T\
                        lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4\
                        a-fN";
        assert_eq!(BASE64URL_NOPAD.encode(&sent), expected);
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let key =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let mut off = key.clone();
        off[64] ^= 1;
        for (name, key, secret, is_one) in [
            ("sound", &key[..], 16, true),
            ("short secret", &key, 15, false),
            ("long secret", &key, 17, false),
            ("off the curve", &off, 16, false),
            ("short key", &key[..64], 16, false),
            ("compressed", &[&[2], &key[1..33]].concat(), 16, false),
            ("nothing", &[], 16, false),
        ] {
            assert_eq!(BrowserKeys::new(key, &vec![1; secret]).is_some(), is_one, "{name}");
        }
        let browser = BrowserKeys::new(&key, &[1; 16]).unwrap();
        let long = vec![0; PAYLOAD_BYTES_MAX + 1];
        assert!(matches!(encrypt(&long, &browser, &[1; 32], &[1; 16]), Err(Fault::Never(_))));
        assert!(encrypt(&long[1..], &browser, &[1; 32], &[1; 16]).unwrap().len() <= 4_096);
    }
}
