//! Public P-256 keys as JSON (RFC 7517, RFC 7518 section 6.2) and their thumbprints (RFC 7638).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::b64;
use super::ids::Thumbprint;
use crate::crypto::p256::PublicKey;

/// A public key that prints as `{"kty":"EC","crv":"P-256","x":…,"y":…}`. A private member is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Jwk(pub PublicKey);

impl Jwk {
    /// Returns the SHA-256 thumbprint, RFC 7638 section 3.
    pub fn thumbprint(&self) -> Thumbprint {
        let (x, y) = (b64::encode(self.0.x()), b64::encode(self.0.y()));
        let required = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Thumbprint(Sha256::digest(required.as_bytes()).into())
    }
}

impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self(key)
    }
}

/// The keys of a service, `/.well-known/jwks.json`: its signing keys and the one it signs wake-ups with.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeySet {
    /// All of them; those of other kinds read as [`SetKey::Other`].
    pub keys: Vec<SetKey>,
}

/// One key of a set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SetKey {
    /// A key on P-256 with the name that the set gives it, which is no proof of anything.
    P256 {
        /// The key.
        key: PublicKey,
        /// `kid`.
        kid: Option<String>,
    },
    /// A key that this version does not use.
    Other,
}

/// The name in a key set of the key that signs wake-ups.
pub const VAPID_KID: &str = "vapid";

impl KeySet {
    /// Finds the key with this thumbprint; it is computed, `kid` is not asked.
    pub fn find(&self, thumbprint: Thumbprint) -> Option<PublicKey> {
        self.public_keys().find(|key| Jwk(*key).thumbprint() == thumbprint)
    }

    /// Finds the key that signs wake-ups.
    pub fn vapid(&self) -> Option<PublicKey> {
        self.keys.iter().find_map(|entry| match entry {
            SetKey::P256 { key, kid } if kid.as_deref() == Some(VAPID_KID) => Some(*key),
            SetKey::P256 { .. } | SetKey::Other => None,
        })
    }

    fn public_keys(&self) -> impl Iterator<Item = PublicKey> {
        self.keys.iter().filter_map(|entry| match entry {
            SetKey::P256 { key, .. } => Some(*key),
            SetKey::Other => None,
        })
    }
}

#[derive(Deserialize, Serialize)]
struct Members {
    kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(default, skip_serializing)]
    d: Option<de::IgnoredAny>,
}

impl Members {
    fn of(key: &PublicKey) -> Self {
        Self {
            kty: "EC".to_owned(),
            crv: Some("P-256".to_owned()),
            x: Some(b64::encode(key.x())),
            y: Some(b64::encode(key.y())),
            kid: None,
            alg: None,
            d: None,
        }
    }

    fn public_key(&self) -> Option<PublicKey> {
        let coordinate = |text: &Option<String>| b64::decode_array::<32>(text.as_deref()?);
        if self.kty != "EC" || self.crv.as_deref() != Some("P-256") || self.d.is_some() {
            return None;
        }
        PublicKey::from_xy(&coordinate(&self.x)?, &coordinate(&self.y)?).ok()
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Members::of(&self.0).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let key = Members::deserialize(from)?.public_key();
        key.map(Self).ok_or_else(|| de::Error::custom("no public P-256 key"))
    }
}

impl Serialize for SetKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::P256 { key, kid } => {
                let alg = Some("ES256".to_owned());
                Members { kid: kid.clone(), alg, ..Members::of(key) }.serialize(to)
            }
            Self::Other => Err(serde::ser::Error::custom("a key of another kind is not kept")),
        }
    }
}

impl<'de> Deserialize<'de> for SetKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(from)?;
        let key = members.public_key();
        Ok(key.map_or(Self::Other, |key| Self::P256 { key, kid: members.kid }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    /// RFC 7517 appendix A.1, the first key.
    const RFC: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#;

    #[test]
    fn a_key_reads_and_prints() {
        let jwk: Jwk = json::read(RFC.as_bytes(), json::CAP).unwrap();
        let printed = json::print(&jwk);
        assert!(printed.starts_with(r#"{"kty":"EC","crv":"P-256","x":"MKBC"#), "{printed}");
        assert_eq!(json::read::<Jwk>(printed.as_bytes(), json::CAP), Ok(jwk));
    }

    #[test]
    fn private_keys_other_kinds_and_points_beside_the_curve_are_refused() {
        for (from, to) in [
            ("\"use\":\"enc\"", "\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\""),
            ("\"use\":\"enc\"", "\"d\":1"),
            ("P-256", "P-384"),
            ("\"EC\"", "\"RSA\""),
            ("4Etl", "4Etm"),
            ("\"y\"", "\"z\""),
            ("MKBC", "AMKBC"),
        ] {
            let text = RFC.replace(from, to);
            assert_ne!(text, RFC);
            assert!(json::read::<Jwk>(text.as_bytes(), json::CAP).is_err(), "{from} -> {to}");
        }
    }

    /// RFC 9449: the key of figure 2 has the thumbprint of figure 9 (`jkt`).
    #[test]
    fn the_thumbprint_is_that_of_rfc_9449() {
        let key = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
        let jwk: Jwk = json::read(key.as_bytes(), json::CAP).unwrap();
        assert_eq!(jwk.thumbprint().to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_set_is_searched_by_thumbprint_not_by_name() {
        let set = format!(r#"{{"keys":[{{"kty":"RSA","n":"AQ","e":"AQAB","kid":"vapid"}},{RFC}]}}"#);
        let set: KeySet = json::read(set.as_bytes(), json::CAP).unwrap();
        let jwk: Jwk = json::read(RFC.as_bytes(), json::CAP).unwrap();
        assert_eq!(set.keys[0], SetKey::Other);
        assert_eq!(set.find(jwk.thumbprint()), Some(jwk.0));
        assert_eq!(set.find(Thumbprint([0; 32])), None);
        assert_eq!(set.vapid(), None);
    }
}
