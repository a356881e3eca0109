//! From a request that was made to a wake-up on its way: the phone's stored address, and the sender's ways back.

use std::sync::Arc;

use authenticator_core::push::ids::Id;
use authenticator_core::push::wire;
use futures_util::future::BoxFuture;

use super::{AddressError, Addresses, Pace, PushAddress, Sender, Vapid, WakeUp};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::outgoing::Reach;
use crate::push::credentials;
use crate::requests::{State, row};
use crate::store::Store;
use crate::{Failure, Service};

struct Stored(Store);

impl Addresses for Stored {
    fn drop_address<'a>(&'a self, credential: Id, endpoint: &'a str) -> BoxFuture<'a, ()> {
        let endpoint = endpoint.to_owned();
        Box::pin(async move {
            let drop_it = move |tx: &crate::store::Tx<'_>| {
                credentials::drop_push_address(tx, &credential.to_string(), &endpoint)
            };
            if let Err(failure) = self.0.write(drop_it).await {
                tracing::error!(%failure, "a push address that is gone was not dropped");
            }
        })
    }
}

/// Makes the service's sender.
pub(crate) fn sender(
    client: reqwest::Client,
    vapid: Vapid,
    store: &Store,
    clock: &Clock,
    metrics: &Metrics,
) -> Sender {
    let (clock, sent) = (clock.clone(), metrics.sent.clone());
    let told = move |outcome: super::Outcome| sent.with_label_values(&["wake_up", outcome.word()]).inc();
    Sender::new(client, vapid, Arc::new(Stored(store.clone())), move || clock.now(), Pace::default(), told)
}

/// Checks an address that a phone names.
///
/// # Errors
/// [`AddressError`].
pub(crate) fn check(address: &wire::PushAddress, reach: Reach) -> Result<Option<PushAddress>, AddressError> {
    match address {
        wire::PushAddress::None => Ok(None),
        wire::PushAddress::Webpush { endpoint, p256dh, auth } => {
            PushAddress::check(endpoint, p256dh, auth, reach).map(Some)
        }
    }
}

/// Wakes a phone for a request that is open still, in the background; one without an address asks while its app is open.
pub(crate) fn wake(
    service: &Service,
    credential: &str,
    request: &str,
    expires_at: i64,
) -> Result<(), Failure> {
    let now = service.clock().now();
    let (phone, address, asked) = service.store().read(|conn| {
        let (phone, address) =
            (credentials::load(conn, credential, now)?, credentials::push_address(conn, credential)?);
        Ok((phone, address, row::by_id(conn, request)?))
    })?;
    let is_open = asked.is_some_and(|asked| asked.state_at(now) == State::Open);
    let (Some(phone), Some(address), true) = (phone, address, is_open) else { return Ok(()) };
    let Some(address) = check(&address, service.reach()).map_err(|_| Failure::Stored("push address"))? else {
        return Ok(());
    };
    let id = |text: &str| text.parse::<Id>().map_err(|_| Failure::Stored("id"));
    let (credential, request) = (id(credential)?, id(request)?);
    service.sender().wake(WakeUp { address, account: phone.user, credential, request, expires_at });
    Ok(())
}
