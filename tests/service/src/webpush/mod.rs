//! Wake-ups: Web Push (RFC 8030) with a sealed body (RFC 8291) and a signed sender (RFC 8292).
//!
//! A wake-up is a doorbell: two ids and nothing else. It is sent beside whatever caused it, in the background;
//! nobody waits for it, and a phone that missed it finds the request when its app is open.

mod address;
mod vapid;
mod waking;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authenticator_core::crypto::random;
use authenticator_core::push::ids::Id;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use ring::digest;
use tokio::sync::Semaphore;

pub use address::{AddressError, PushAddress};
pub use vapid::{Vapid, VapidError};
pub(crate) use waking::{check, sender, wake};

use crate::outgoing;

/// Wake-ups that may be under way at once; what comes beyond is dropped, and the phone polls.
const MOST_WAITING: usize = 10_000;
/// Calls at once to one push service, so that a slow one cannot hold up the others.
const MOST_PER_ORIGIN: usize = 32;

/// One wake-up for one phone.
#[derive(Clone, Debug)]
pub struct WakeUp {
    /// Where the phone is woken.
    pub address: PushAddress,
    /// The account: pushes of one account to one phone replace each other.
    pub account: String,
    /// The phone's credential id.
    pub credential: Id,
    /// The request that waits.
    pub request: Id,
    /// Unix seconds at which the request ends.
    pub expires_at: i64,
}

/// How a wake-up ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The push service took it.
    Delivered,
    /// The address is no more, 404 or 410: it was dropped.
    Gone,
    /// The push service refused it for good, with this status.
    Refused(u16),
    /// The request ended before a push service took it.
    TooLate,
    /// There was no room for it.
    Full,
    /// It could not be sealed or signed.
    Failed,
}

impl Outcome {
    /// Returns its name in counters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Delivered => "sent",
            Self::Gone => "gone",
            Self::Refused(_) => "refused",
            Self::TooLate => "too_late",
            Self::Full => "full",
            Self::Failed => "failed",
        }
    }
}

/// Whoever keeps the addresses.
pub trait Addresses: Send + Sync {
    /// Forgets an address that its push service no longer knows, if the phone still has that one.
    fn drop_address<'a>(&'a self, credential: Id, endpoint: &'a str) -> BoxFuture<'a, ()>;
}

/// How long to wait between tries.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Before the second try; each later wait is twice as long.
    pub first: Duration,
    /// The longest wait of our own making.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(15) }
    }
}

/// Sends wake-ups; clones share the queue.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    vapid: Vapid,
    addresses: Arc<dyn Addresses>,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    pace: Pace,
    waiting: AtomicUsize,
    origins: Mutex<HashMap<String, Arc<Semaphore>>>,
    told: Box<dyn Fn(Outcome) + Send + Sync>,
}

impl Sender {
    /// Makes a sender; `now` gives Unix seconds, `told` is called with every outcome (for counters).
    ///
    /// `client` is one of [`outgoing::client`], with the reach that addresses were checked for.
    pub fn new(
        client: reqwest::Client,
        vapid: Vapid,
        addresses: Arc<dyn Addresses>,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        pace: Pace,
        told: impl Fn(Outcome) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            client,
            vapid,
            addresses,
            now: Box::new(now),
            pace,
            waiting: AtomicUsize::new(0),
            origins: Mutex::default(),
            told: Box::new(told),
        }))
    }

    /// Sends a wake-up in the background and returns at once. Must be called on a tokio runtime.
    pub fn wake(&self, wake_up: WakeUp) {
        let inner = self.0.clone();
        if inner.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            inner.waiting.fetch_sub(1, Ordering::Relaxed);
            (inner.told)(Outcome::Full);
            return;
        }
        tokio::spawn(async move {
            let outcome = inner.deliver(&wake_up).await;
            inner.waiting.fetch_sub(1, Ordering::Relaxed);
            tracing::debug!(request = %wake_up.request, push_service = wake_up.address.origin(), ?outcome, "wake-up");
            (inner.told)(outcome);
        });
    }

    /// Returns how many wake-ups are under way.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// Returns the key that phones name when they ask for an address.
    pub fn public_key(&self) -> String {
        self.0.vapid.public()
    }
}

impl Inner {
    async fn deliver(&self, wake_up: &WakeUp) -> Outcome {
        let origin = wake_up.address.origin();
        let gate = self.gate(&origin);
        let mut wait = self.pace.first;
        loop {
            let left = wake_up.expires_at - (self.now)();
            if left <= 0 {
                return Outcome::TooLate;
            }
            let tried = {
                let _permit = gate.acquire().await;
                self.attempt(wake_up, &origin).await
            };
            let asked = match tried {
                Tried::Done(outcome) => return outcome,
                Tried::Gone => {
                    let endpoint = wake_up.address.endpoint().as_str();
                    self.addresses.drop_address(wake_up.credential, endpoint).await;
                    return Outcome::Gone;
                }
                Tried::Later(asked) => asked,
            };
            let pause = asked.unwrap_or_else(|| jittered(wait));
            let left = wake_up.expires_at - (self.now)();
            if left <= 0 || pause >= Duration::from_secs(left.unsigned_abs()) {
                return Outcome::TooLate;
            }
            tokio::time::sleep(pause).await;
            wait = (wait * 2).min(self.pace.longest);
        }
    }

    /// Posts once. Sealed anew each time: a nonce is not used for two bodies, and a body not for two tries.
    async fn attempt(&self, wake_up: &WakeUp, origin: &str) -> Tried {
        let now = (self.now)();
        let left = (wake_up.expires_at - now).max(0);
        let (Some(authorization), Some(body)) = (self.vapid.authorization(origin, now), sealed(wake_up))
        else {
            return Tried::Done(Outcome::Failed);
        };
        let call = self
            .client
            .post(wake_up.address.endpoint().clone())
            .header("TTL", left.to_string())
            .header("Urgency", "high")
            .header("Topic", topic(wake_up))
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(body);
        let Ok(response) = call.send().await else { return Tried::Later(None) };
        match response.status() {
            status if status.is_success() => Tried::Done(Outcome::Delivered),
            StatusCode::NOT_FOUND | StatusCode::GONE => Tried::Gone,
            status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                let seconds = outgoing::retry_after(response.headers());
                Tried::Later(seconds.map(|seconds| Duration::from_secs(u64::from(seconds.max(1)))))
            }
            status => Tried::Done(Outcome::Refused(status.as_u16())),
        }
    }

    fn gate(&self, origin: &str) -> Arc<Semaphore> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() > 1000 {
            origins.retain(|_, gate| Arc::strong_count(gate) > 1);
        }
        origins.entry(origin.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(MOST_PER_ORIGIN))).clone()
    }
}

enum Tried {
    Done(Outcome),
    Gone,
    /// Again, after as long as the push service asked.
    Later(Option<Duration>),
}

/// The body: two ids, sealed for the phone.
fn sealed(wake_up: &WakeUp) -> Option<Vec<u8>> {
    wake_up.address.subscription().wake(wake_up.credential, wake_up.request).ok()
}

/// What pushes of one account to one phone have in common: 32 characters (RFC 8030 section 5.4), different
/// on every phone, so that nobody in between learns which phones belong together.
fn topic(wake_up: &WakeUp) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in ["klink-topic", &wake_up.account, &wake_up.credential.to_string()] {
        context.update(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    B64.encode(&context.finish().as_ref()[..24])
}

/// Returns between half and one and a half of `wait`, so that those who failed together do not return together.
fn jittered(wait: Duration) -> Duration {
    let [random] = random::make_array().unwrap_or([128]);
    wait / 2 + wait * u32::from(random) / 255
}

#[cfg(test)]
mod tests;
