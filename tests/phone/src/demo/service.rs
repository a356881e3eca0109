//! The reference service of the demo, in this process, with one user who has no second factor yet.

use std::path::Path;

use authenticator_core::secret::SecretText;
use klink_service::accounts::users::{self, Add};
use klink_service::texts::GatewayConfig;
use klink_service::{Config, Running};
use url::Url;

use super::stage::{Failed, check, failed};

/// The user's name at sign-in.
pub const USER: &str = "alex@example.org";
/// The user's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// Whose service it is.
pub const ORGANISATION: &str = "Example";

/// Starts the service on a free port of loopback; `pages` is a plain http origin for people's browsers, and text
/// messages are posted to `gateway`.
///
/// # Errors
/// It does not start.
pub async fn start(folder: &Path, gateway: &str, pages: Option<Url>) -> Result<Running, Failed> {
    let config = Config {
        listen: "127.0.0.1:0".parse()?,
        data: folder.join("service"),
        page_url: pages,
        organisation: ORGANISATION.to_owned(),
        text_messages: Some(GatewayConfig::to(gateway)),
        outgoing_private: true,
        ..Config::default()
    };
    let running = klink_service::start(config).await?;
    let added = users::add(running.service(), USER, "Alex", SecretText::from(PASSWORD)).await?;
    check(added == Add::Added, "the user could not be added")?;
    Ok(running)
}

/// Returns the certificate of the authority that the service made for itself.
///
/// # Errors
/// It cannot be read.
pub fn authority(running: &Running) -> Result<Vec<u8>, Failed> {
    let path = running.authority().ok_or_else(|| failed("the service made no authority"))?;
    Ok(std::fs::read(path)?)
}
