//! What a relay is told: one TOML file.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use crate::outgoing::ClientError;

/// All settings of a relay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayConfig {
    /// Where phones and services connect.
    #[serde(default = "usual_listen")]
    pub listen: SocketAddr,
    /// Where `/metrics` and `/healthz` are for operators; nowhere without it.
    #[serde(default)]
    pub operators_listen: Option<SocketAddr>,
    /// The https origin that endpoints begin with.
    pub public_url: Url,
    /// The database file.
    pub data: PathBuf,
    /// Certificate and key; without them the relay speaks plain http on loopback alone, behind a proxy.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Whether the last `X-Forwarded-For` is the caller's address: a proxy in front sets it.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Google's service, for `kind: fcm`.
    #[serde(default)]
    pub fcm: Option<Fcm>,
    /// Apple's service, for `kind: apns`.
    #[serde(default)]
    pub apns: Option<Apns>,
    /// How much one caller may do.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// A PEM file of further authorities that calls to vendors trust: for tests.
    #[serde(default)]
    pub outgoing_ca: Option<PathBuf>,
}

/// A certificate chain and its key, in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Access to Firebase Cloud Messaging, HTTP v1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fcm {
    /// The service account's file, as Google's console gives it.
    pub service_account: PathBuf,
    /// Google's service, unless a test stands in for it.
    #[serde(default = "google")]
    pub api: Url,
}

/// Access to Apple's service by token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apns {
    /// The key's file, `AuthKey_….p8`.
    pub key: PathBuf,
    /// The key's id, 10 characters.
    pub key_id: String,
    /// The team's id, 10 characters.
    pub team_id: String,
    /// The app's bundle id.
    pub topic: String,
    /// Which of Apple's two services.
    #[serde(default)]
    pub environment: Environment,
    /// Another service, when a test stands in for Apple's.
    #[serde(default)]
    pub api: Option<Url>,
}

/// Apple's two services: tokens of one are unknown to the other.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Apps from the store and from TestFlight.
    #[default]
    Production,
    /// Apps that Xcode put on a phone.
    Sandbox,
}

/// How much one caller may do. A burst of as many is allowed, and as many again over the time named.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Subscriptions per address (IPv6: per /64) and hour.
    pub subscriptions_per_hour: u32,
    /// Pushes per subscription and minute.
    pub pushes_per_minute: u32,
    /// Subscriptions that one vendor's token may have.
    pub subscriptions_per_token: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { subscriptions_per_hour: 60, pushes_per_minute: 30, subscriptions_per_token: 100 }
    }
}

/// Why the settings do not work.
#[derive(Debug, thiserror::Error)]
pub enum RelayConfigError {
    /// A file cannot be read.
    #[error("{what}: {error}")]
    File {
        /// Which.
        what: &'static str,
        /// Why.
        error: std::io::Error,
    },
    /// The settings are not of the form.
    #[error("the settings: {0}")]
    Toml(#[from] toml::de::Error),
    /// `public_url` is not an https origin.
    #[error("public_url must be an https origin, without a path")]
    PublicUrl,
    /// Without a certificate the relay listens on loopback alone.
    #[error("without a certificate the relay listens on loopback alone, behind a proxy that has one")]
    Plain,
    /// There is no vendor to carry anything to.
    #[error("neither fcm nor apns is set up")]
    NoVendor,
    /// The service account's file is not what Google's console gives.
    #[error("the service account: {0}")]
    ServiceAccount(&'static str),
    /// The key of Apple's service is not a P-256 key in PKCS #8.
    #[error("the key for APNs: {0}")]
    ApnsKey(&'static str),
    /// There is no client.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl RelayConfig {
    /// Reads a file of settings.
    ///
    /// # Errors
    /// [`RelayConfigError`].
    pub fn read(path: &Path) -> Result<Self, RelayConfigError> {
        let config: Self = toml::from_str(&read_file("the settings", path)?)?;
        config.origin()?;
        if config.tls.is_none() && !is_loopback(config.listen.ip()) {
            return Err(RelayConfigError::Plain);
        }
        Ok(config)
    }

    /// Returns the origin of endpoints, without a slash at its end.
    ///
    /// # Errors
    /// [`RelayConfigError::PublicUrl`].
    pub fn origin(&self) -> Result<String, RelayConfigError> {
        let url = &self.public_url;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if url.scheme() == "https" && bare {
            Ok(url.origin().ascii_serialization())
        } else {
            Err(RelayConfigError::PublicUrl)
        }
    }
}

/// Reads a text file that the settings name.
pub(super) fn read_file(what: &'static str, path: &Path) -> Result<String, RelayConfigError> {
    std::fs::read_to_string(path).map_err(|error| RelayConfigError::File { what, error })
}

fn usual_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8444))
}

fn google() -> Url {
    Url::parse("https://fcm.googleapis.com").expect("a constant that is a URL")
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RelayConfig, RelayConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        RelayConfig::read(file.path())
    }

    #[test]
    fn the_settings_of_the_manual_read() {
        let text = r#"
            public_url = "https://relay.example.org"
            data = "relay.db"
            behind_proxy = true
            operators_listen = "127.0.0.1:9187"
            [fcm]
            service_account = "service-account.json"
            [apns]
            key = "AuthKey_ABCDE12345.p8"
            key_id = "ABCDE12345"
            team_id = "FGHIJ67890"
            topic = "org.example.klink"
        "#;
        let config = read(text).unwrap();
        assert_eq!(config.origin().unwrap(), "https://relay.example.org");
        assert_eq!(config.fcm.unwrap().api.as_str(), "https://fcm.googleapis.com/");
        assert_eq!(config.apns.unwrap().environment, Environment::Production);
    }

    #[test]
    fn settings_that_would_expose_something_are_refused() {
        let base = "data = \"relay.db\"\n";
        for url in ["http://relay.example.org", "https://relay.example.org/x", "https://u@relay.example.org"]
        {
            assert!(
                matches!(read(&format!("{base}public_url = \"{url}\"")), Err(RelayConfigError::PublicUrl)),
                "{url}"
            );
        }
        let base = format!("{base}public_url = \"https://relay.example.org\"\n");
        assert!(read(&base).is_ok());
        assert!(read(&format!("{base}listen = \"[::1]:1\"")).is_ok());
        assert!(matches!(read(&format!("{base}listen = \"0.0.0.0:1\"")), Err(RelayConfigError::Plain)));
        assert!(matches!(read(&format!("{base}lissen = \"127.0.0.1:1\"")), Err(RelayConfigError::Toml(_))));
    }
}
