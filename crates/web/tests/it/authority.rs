//! An authority that certifies servers of tests, and whom nobody believes who was not told to: certificates (RFC 5280)
//! written out by hand, for keys that are made when a test runs.

use data_encoding::BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Tags of what certificates are made of.
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const BYTES: u8 = 0x04;
const OBJECT: u8 = 0x06;
const WORDS: u8 = 0x0c;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const MOMENT: u8 = 0x18;

/// Names of things in certificates.
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// Something with its tag and its length.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let inside = parts.concat();
    let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    match length {
        [0, short @ 0..128] => out.push(short),
        [0, short] => out.extend([0x81, short]),
        [high, low] => out.extend([0x82, high, low]),
    }
    out.extend(inside);
    out
}

fn key() -> (EcdsaKeyPair, Vec<u8>) {
    let chance = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &chance).unwrap();
    (pair, document.as_ref().to_vec())
}

fn named(name: &str) -> Vec<u8> {
    let name = tagged(SEQUENCE, &[&tagged(OBJECT, &[COMMON_NAME]), &tagged(WORDS, &[name.as_bytes()])]);
    tagged(SEQUENCE, &[&tagged(SET, &[&name])])
}

/// An authority of tests.
pub struct Authority {
    key: EcdsaKeyPair,
    name: &'static str,
}

impl Authority {
    /// An authority of that name.
    pub fn new(name: &'static str) -> Authority {
        Authority { key: key().0, name }
    }

    /// The authority's own certificate, as a file of PEM holds it.
    pub fn pem(&self) -> String {
        let certificate = self.certify(self.name, self.key.public_key().as_ref());
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64.encode(&certificate))
    }

    /// A key of a server of that name, and what the authority says of it.
    pub fn server(&self, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let (key, document) = key();
        let certificate = self.certify(name, key.public_key().as_ref());
        (certificate.into(), PrivateKeyDer::Pkcs8(document.into()))
    }

    /// A certificate for all times, of a host of that name, which has that key.
    fn certify(&self, host: &str, public: &[u8]) -> Vec<u8> {
        let algorithm = tagged(SEQUENCE, &[&tagged(OBJECT, &[ECDSA_WITH_SHA256])]);
        let always = [b"20200101000000Z", b"99991231235959Z"].map(|moment| tagged(MOMENT, &[moment]));
        let kind = tagged(SEQUENCE, &[&tagged(OBJECT, &[EC_PUBLIC_KEY]), &tagged(OBJECT, &[P256])]);
        // A host by its name has the tag 2 among the names of this extension.
        let hosts = tagged(SEQUENCE, &[&tagged(0x82, &[host.as_bytes()])]);
        let extension = tagged(SEQUENCE, &[&tagged(OBJECT, &[ALTERNATIVE_NAME]), &tagged(BYTES, &[&hosts])]);
        let said = tagged(
            SEQUENCE,
            &[
                &tagged(0xa0, &[&tagged(INTEGER, &[&[2]])]),
                &tagged(INTEGER, &[&[1]]),
                &algorithm,
                &named(self.name),
                &tagged(SEQUENCE, &[&always[0], &always[1]]),
                &named(host),
                &tagged(SEQUENCE, &[&kind, &tagged(BITS, &[&[0], public])]),
                &tagged(0xa3, &[&tagged(SEQUENCE, &[&extension])]),
            ],
        );
        let signature = self.key.sign(&SystemRandom::new(), &said).unwrap();
        tagged(SEQUENCE, &[&said, &algorithm, &tagged(BITS, &[&[0], signature.as_ref()])])
    }
}
