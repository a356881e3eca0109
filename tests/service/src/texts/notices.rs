//! Notices by text message: a factor was added or removed. They go to the number that was confirmed before.

use authenticator_core::secret::SecretText;

use super::numbers::PhoneNumber;
use super::words::{self, Language};
use crate::accounts::notices::Notice;
use crate::accounts::{numbers, users};
use crate::{Failure, Service, ids};

/// Sends a notice in the background; nobody waits for it. Without a number or a gateway the next sign-in
/// tells it alone.
pub(crate) fn tell(service: &Service, notice: Notice) {
    let service = service.clone();
    tokio::spawn(async move {
        let outcome = match send(&service, &notice).await {
            Ok(outcome) => outcome,
            Err(failure) => {
                tracing::error!(%failure, "a notice was not sent");
                "failed"
            }
        };
        service.metrics().sent.with_label_values(&["notice", outcome]).inc();
    });
}

async fn send(service: &Service, notice: &Notice) -> Result<&'static str, Failure> {
    let (Some(gateway), Some(sealed)) = (service.gateway(), &notice.number) else { return Ok("nowhere") };
    let e164 = numbers::open(service.sealing(), &notice.user, sealed)?;
    let number = PhoneNumber::from_e164(e164.expose()).map_err(|_| Failure::Stored("number"))?;
    let user = service.store().read(|conn| users::by_id(conn, &notice.user))?;
    let language = Language::of_tag(user.as_ref().and_then(|user| user.language.as_deref()));
    let text = words::notice(language, notice.kind, &notice.detail, service.organisation().as_str());
    match gateway.send(&number, &SecretText::new(text), &ids::make()?).await {
        Ok(()) => Ok("sent"),
        Err(error) => {
            tracing::warn!(user = notice.user, kind = notice.kind.name(), %error, "a notice was not sent");
            Ok("failed")
        }
    }
}
