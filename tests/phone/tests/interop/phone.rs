//! The phone: the whole core as `klink` puts it together, with its keys in software.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use authenticator_core::authenticator::{
    Answered, Authenticator, Challenge, Decision, Device, Enrolled, EnrolmentInfo, Number, PhoneInfo,
    PushAddress, PushError, Wait,
};
use authenticator_core::device::KeyStoreError;
use authenticator_core::net::{LocalHosts, Net, NetConfig, Trust};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{NewSlot, Outcome, RecoveryCode};
use klink::phone::{Folders, codes_only, info, now};
use klink::soft_keys::SoftKeys;

use crate::bed::Bed;

/// How long a reply may take. These servers take an enrolment once and tell their key once: a reply that a busy machine
/// brings too late is one that was lost.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Phone {
    pub(crate) core: Authenticator,
    /// Whether somebody is there when the device asks.
    pub(crate) present: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

/// Real time, `0` milliseconds ahead or so many.
struct Clock(Arc<AtomicI64>);

impl Wait for Clock {
    fn wait(&self, ms: u64) -> Pin<Box<dyn Future<Output = UnixTime> + Send>> {
        let ahead = self.0.load(Ordering::SeqCst);
        Box::pin(async move {
            if ms > 0 {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            now().plus_ms(ahead)
        })
    }
}

impl Phone {
    pub(crate) fn new(bed: &Bed) -> Self {
        Self::with(Trust::DeviceAnd(bed.authority()), 0)
    }

    /// A phone with another trust, or whose clock is so many milliseconds ahead.
    pub(crate) fn with(trust: Trust, ahead_ms: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::within(folder.path());
        let present = Arc::new(AtomicBool::new(true));
        let there = Arc::clone(&present);
        let ask = move |_| if there.load(Ordering::SeqCst) { Ok(()) } else { Err(KeyStoreError::Cancelled) };
        let keys = Arc::new(SoftKeys::new(folders.device.clone(), Box::new(ask)));
        let net = Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout: PATIENCE }).unwrap();
        let wait = Arc::new(Clock(Arc::new(AtomicI64::new(ahead_ms))));
        let core = codes_only(&folders).with_device(Device { keys, net, wait });
        core.create(&[NewSlot::RecoveryCode(&RecoveryCode::make().unwrap())], now()).unwrap();
        Self { core, present, _folder: folder }
    }

    /// A phone that is enrolled for a user, with the serial of its token.
    pub(crate) async fn enrolled(bed: &Bed, user: &str) -> (Self, String) {
        let (phone, token) = (Self::new(bed), bed.token(user, "push").await);
        phone.enrol(link(&token)).await.unwrap();
        (phone, token["serial"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn enrol(&self, link: &str) -> Result<Enrolled, PushError> {
        self.enrol_at(link, PushAddress::None).await
    }

    pub(crate) async fn enrol_at(&self, link: &str, push: PushAddress) -> Result<Enrolled, PushError> {
        let offered = self.core.offer(link)?;
        let asked = self.core.check_offer(&offered).await?;
        self.core.enrol(&asked, &PhoneInfo { push, ..info("a phone for tests") }).await
    }

    pub(crate) async fn enrolment(&self) -> EnrolmentInfo {
        self.core.enrolments().await.unwrap().swap_remove(0)
    }

    /// Looks; every server must answer.
    pub(crate) async fn look(&self) -> Vec<Challenge> {
        let seen = self.core.refresh_challenges().await.unwrap();
        assert!(seen.problems.is_empty(), "{:?}", seen.problems);
        seen.challenges
    }

    /// Looks until the one request is there.
    pub(crate) async fn request(&self) -> Challenge {
        for _ in 0..40 {
            let mut open = self.look().await;
            assert!(open.len() < 2, "{open:?}");
            if let Some(one) = open.pop() {
                return one;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("no request came");
    }

    pub(crate) async fn answer(&self, one: &Challenge, decision: Decision) -> Answered {
        self.core.answer(one.id, decision).await.unwrap()
    }

    /// Approves what asks for nothing.
    pub(crate) async fn approve(&self) -> Answered {
        let one = self.request().await;
        let answered = self.answer(&one, yes()).await;
        assert_eq!(answered.outcome, Some(Outcome::Approved));
        answered
    }

    /// Approves with an option.
    pub(crate) async fn pick(&self, one: &Challenge, option: &str) -> Option<Outcome> {
        let number = Number::Typed(option.to_owned());
        self.answer(one, Decision::Approve { number }).await.outcome
    }
}

/// Approves where nothing is asked for.
pub(crate) fn yes() -> Decision {
    Decision::Approve { number: Number::Nothing }
}

pub(crate) const DENY: Decision = Decision::Deny { cancelled: false };

/// Returns the link of a new token.
pub(crate) fn link(token: &serde_json::Value) -> &str {
    token["pushurl"]["value"].as_str().unwrap()
}
