//! What the service is told: a TOML file, then the environment and flags, which win.
//!
//! ```toml
//! listen = "127.0.0.1:8443"
//! data = "data"
//! public_url = "https://sign-in.example.org"
//! organisation = "Example"
//!
//! [text_messages]
//! url = "https://gateway.example.net/send"
//! template = '{"to": "{to}", "text": "{text}"}'
//! headers = { Authorization = "Bearer of-the-operator" }
//! ```

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de};
use url::Url;

use crate::ciba::{self, PartyError};
use crate::texts::GatewayConfig;

/// All settings; every one has a default but the folder of the data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where devices and browsers connect by TLS; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The folder of the database, and of what is generated.
    pub data: PathBuf,
    /// The https origin that phones and links name; without it, `https://` and the address listened on.
    #[serde(deserialize_with = "optional_url")]
    pub public_url: Option<Url>,
    /// A loopback http origin that serves the pages too, for a demo without a trusted certificate.
    #[serde(deserialize_with = "optional_url")]
    pub page_url: Option<Url>,
    /// Where the certificate chain and its key lie, in PEM; without them a demo authority is made in `data`.
    pub tls: Option<TlsFiles>,
    /// Where the sealing key lies; without it, `sealing.key` beside the folder of the data.
    pub sealing_key_file: Option<PathBuf>,
    /// The organisation's name, as people know it.
    pub organisation: String,
    /// A PNG or JPEG of at most 64 KiB.
    pub logo: Option<PathBuf>,
    /// A file of users to add at the start: lines of `name,password,display name`.
    pub users: Option<PathBuf>,
    /// Digits of the number to match: 2, or 6 in the NIST profile.
    pub match_digits: u32,
    /// Whether phones must attest their keys.
    pub attestation: Attestation,
    /// The gateway of text messages; without it no number can be added.
    pub text_messages: Option<GatewayConfig>,
    /// Those who may ask for sign-ins (CIBA).
    pub relying_parties: Vec<RelyingParty>,
    /// What builds of the app for this organisation alone verify their links with.
    pub apps: Apps,
    /// Where people get the app.
    pub stores: Stores,
    /// Who push services may write to about our wake-ups, RFC 8292 section 2.1: `mailto:` or `https:`.
    pub contact: String,
    /// PEM file of further authorities that outgoing calls trust (gateway, push services).
    pub outgoing_ca: Option<PathBuf>,
    /// Whether outgoing calls may reach private and loopback addresses: for tests and the demo.
    pub outgoing_private: bool,
}

/// A certificate from files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is asked of a phone's keys.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Attestation {
    /// Nothing.
    None,
    /// An attestation is stored when there is one.
    Wanted,
    /// A phone without one is refused.
    Required,
}

/// Someone who may ask for sign-ins.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// `client_id`.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// A shared secret, or
    #[serde(default)]
    pub secret: Option<String>,
    /// the public key of `private_key_jwt`, a JWK on P-256 as JSON text.
    #[serde(default)]
    pub jwk: Option<String>,
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Builds of the app for this organisation alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Apps {
    /// Apple's application identifiers, `TEAM.bundle`.
    pub apple: Vec<String>,
    /// Android packages.
    pub android: Vec<AndroidApp>,
}

/// Where people get the app.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stores {
    /// For iPhones.
    #[serde(deserialize_with = "url")]
    pub ios: Url,
    /// For Android.
    #[serde(deserialize_with = "url")]
    pub android: Url,
}

impl Default for Stores {
    fn default() -> Self {
        let url = |text| Url::parse(text).expect("a constant");
        Self {
            ios: url("https://apps.apple.com/search?term=Klink%20authenticator"),
            android: url("https://play.google.com/store/search?q=Klink%20authenticator&c=apps"),
        }
    }
}

/// An Android package and the certificates it is signed with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidApp {
    /// The package's name.
    pub package: String,
    /// SHA-256 fingerprints, `AB:CD:…`.
    pub fingerprints: Vec<String>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration: {0}")]
    File(#[from] std::io::Error),
    /// The file is not what it should be.
    #[error("the configuration: {0}")]
    Toml(#[from] toml::de::Error),
    /// `public_url` is not an https origin.
    #[error("public_url is not an https origin")]
    PublicUrl,
    /// A relying party cannot be used.
    #[error(transparent)]
    Party(#[from] PartyError),
    /// `page_url` is not an http origin on loopback.
    #[error("page_url is not an http origin on loopback")]
    PageUrl,
    /// The number to match has 2 to 8 digits.
    #[error("{0} match digits, expected 2 to 8")]
    MatchDigits(u32),
    /// The organisation's name is not a line of at most 512 bytes.
    #[error("the organisation's name is not a line of at most 512 bytes")]
    Organisation,
    /// The logo is not a PNG or JPEG of at most 64 KiB.
    #[error("the logo is not a PNG or JPEG of at most 65536 bytes")]
    Logo,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            data: PathBuf::from("klink-service-data"),
            public_url: None,
            page_url: None,
            tls: None,
            sealing_key_file: None,
            organisation: "Klink reference service".to_owned(),
            logo: None,
            users: None,
            match_digits: 2,
            attestation: Attestation::None,
            text_messages: None,
            relying_parties: Vec::new(),
            apps: Apps::default(),
            stores: Stores::default(),
            contact: "mailto:admin@localhost".to_owned(),
            outgoing_ca: None,
            outgoing_private: false,
        }
    }
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError::File`], [`ConfigError::Toml`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Ok(toml::from_str(&std::fs::read_to_string(path)?)?)
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let origin = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if self.public_url.as_ref().is_some_and(|url| url.scheme() != "https" || !origin(url)) {
            return Err(ConfigError::PublicUrl);
        }
        if self.page_url.as_ref().is_some_and(|url| url.scheme() != "http" || !origin(url) || !loopback(url))
        {
            return Err(ConfigError::PageUrl);
        }
        ciba::check_parties(&self.relying_parties)?;
        if !(2..=8).contains(&self.match_digits) {
            return Err(ConfigError::MatchDigits(self.match_digits));
        }
        Ok(())
    }

    /// Returns where the sealing key lies: beside the folder of the data, so that a copy of the folder has
    /// not got it.
    pub fn sealing_key_path(&self) -> PathBuf {
        self.sealing_key_file.clone().unwrap_or_else(|| {
            let mut name = self.data.file_name().unwrap_or_default().to_owned();
            name.push(".sealing.key");
            self.data.with_file_name(name)
        })
    }
}

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(from)?).map_err(de::Error::custom)
}

fn optional_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    url(from).map(Some)
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Config, ConfigError> {
        let config: Config = toml::from_str(text)?;
        config.check().map(|()| config)
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(matches!(with("lisen = \"127.0.0.1:1\""), Err(ConfigError::Toml(_))));
    }

    #[test]
    fn phones_are_served_by_https_alone_and_plain_pages_on_loopback_alone() {
        assert!(matches!(with("public_url = \"http://a.example\""), Err(ConfigError::PublicUrl)));
        assert!(matches!(with("public_url = \"https://a.example/b\""), Err(ConfigError::PublicUrl)));
        assert!(matches!(with("page_url = \"http://a.example\""), Err(ConfigError::PageUrl)));
        assert!(with("page_url = \"http://127.0.0.1:8080\"\npublic_url = \"https://a.example\"").is_ok());
    }

    #[test]
    fn the_sealing_key_lies_outside_the_data() {
        let config = with("data = \"a/b\"").unwrap();
        assert_eq!(config.sealing_key_path(), Path::new("a/b.sealing.key"));
    }
}
