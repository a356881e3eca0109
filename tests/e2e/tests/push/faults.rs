//! R20 for push: each of the six errors of a key store, from each call on, in each flow that asks it. The flow ends by the
//! name of the error, nothing is made because of it, and the same flow works when the key store does.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use authenticator_core::authenticator::{Decision, EnrolmentState, PushError, WhichKey};
use authenticator_core::device::{
    Attestation, DeviceKeys, KeyKind, KeyStoreError, MadeKey, Presence, Purpose,
};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::Outcome;
use klink::soft_keys::SoftKeys;

use crate::world::{Phone, World, anchors, typed};

const SIX: [KeyStoreError; 6] = [
    KeyStoreError::Unavailable,
    KeyStoreError::Cancelled,
    KeyStoreError::LockedOut,
    KeyStoreError::Invalidated,
    KeyStoreError::Missing,
    KeyStoreError::HardwareFault,
];

/// Software keys that can be made to fail, and that notice what is asked of them after they did.
pub struct Faults {
    inner: Arc<SoftKeys>,
    state: Mutex<State>,
    /// The names of what was made and not deleted since.
    kept: Mutex<BTreeSet<String>>,
    /// The kinds of key that this device holds, where they are not those of the software.
    kinds: Mutex<Option<Vec<KeyKind>>>,
    /// Whether this device says of a key that it made it, when it is asked.
    attests: AtomicBool,
}

#[derive(Default)]
struct State {
    asked: usize,
    failing: Option<(usize, KeyStoreError)>,
    /// Whether the call after it works again.
    once: bool,
    /// What the first call that failed was to make.
    failed: Option<String>,
    /// What else was to be made after it.
    made_after: Vec<String>,
}

impl Faults {
    pub fn around(inner: Arc<SoftKeys>) -> Self {
        Self {
            inner,
            state: Mutex::default(),
            kept: Mutex::default(),
            kinds: Mutex::default(),
            attests: AtomicBool::default(),
        }
    }

    /// Is a device that says of each key what it was asked to say and the key's name, as if that were a statement.
    pub fn attest(&self) {
        self.attests.store(true, Ordering::SeqCst);
    }

    /// Is a device that holds these kinds of key alone.
    pub fn hold(&self, kinds: &[KeyKind]) {
        *self.kinds.lock().unwrap() = Some(kinds.to_vec());
    }

    /// Fails the call of this number and all later ones; counts from now.
    fn fail(&self, from: usize, error: KeyStoreError) {
        *self.state.lock().unwrap() = State { failing: Some((from, error)), ..State::default() };
    }

    /// Fails the call of this number alone; counts from now.
    fn fail_once(&self, at: usize, error: KeyStoreError) {
        *self.state.lock().unwrap() = State { failing: Some((at, error)), once: true, ..State::default() };
    }

    /// Returns the keys of enrolments that are kept.
    fn keys_of_enrolments(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        let of_one =
            |name: &&String| ["klink.device.", "klink.approval."].iter().any(|start| name.starts_with(start));
        kept.iter().filter(of_one).cloned().collect()
    }

    fn keep(&self, name: &str) {
        self.kept.lock().unwrap().insert(name.to_owned());
    }

    /// Works again. Returns whether a call failed, and what was to be made after it.
    fn work(&self) -> (bool, Vec<String>) {
        let state = std::mem::take(&mut *self.state.lock().unwrap());
        let failed = state.failing.is_some_and(|(from, _)| state.asked > from);
        (failed, state.made_after)
    }

    fn answer(&self, makes: Option<&str>) -> Result<(), KeyStoreError> {
        let mut state = self.state.lock().unwrap();
        let call = state.asked;
        state.asked += 1;
        let Some((from, error)) = state.failing else { return Ok(()) };
        if call == from {
            state.failed = makes.map(str::to_owned);
        }
        // Failing hardware is asked three times for the same.
        if call > from && makes.is_some() && makes != state.failed.as_deref() {
            state.made_after.extend(makes.map(str::to_owned));
        }
        if call == from || call > from && !state.once { Err(error) } else { Ok(()) }
    }
}

impl DeviceKeys for Faults {
    fn kinds(&self) -> Vec<KeyKind> {
        self.kinds.lock().unwrap().clone().unwrap_or_else(|| self.inner.kinds())
    }

    fn make(
        &self,
        alias: &str,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<&[u8]>,
    ) -> Result<MadeKey, KeyStoreError> {
        self.answer(Some(alias))?;
        self.keep(alias);
        let made = self.inner.make(alias, kind, presence, challenge)?;
        let attestation = challenge.filter(|_| self.attests.load(Ordering::SeqCst)).map(|challenge| {
            Attestation { format: "test".to_owned(), statement: [challenge, alias.as_bytes()].concat() }
        });
        Ok(MadeKey { attestation, ..made })
    }

    fn sign(&self, alias: &str, message: &[u8], purpose: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        self.answer(None)?;
        self.inner.sign(alias, message, purpose)
    }

    fn put(&self, slot: &str, secret: &SecretBytes, presence: Presence) -> Result<(), KeyStoreError> {
        self.answer(Some(slot))?;
        self.keep(slot);
        self.inner.put(slot, secret, presence)
    }

    fn get(&self, slot: &str, purpose: Purpose) -> Result<SecretBytes, KeyStoreError> {
        self.answer(None)?;
        self.inner.get(slot, purpose)
    }

    fn delete(&self, alias: &str) -> Result<(), KeyStoreError> {
        self.answer(None)?;
        self.kept.lock().unwrap().remove(alias);
        self.inner.delete(alias)
    }

    fn cancel(&self, alias: &str) {
        self.inner.cancel(alias);
    }
}

/// How a flow of a case ended.
type Ended = Result<(), PushError>;

/// Runs a flow with a key store that fails from the first call on, from the second, and so on, until none of its calls is
/// left to fail; each time nothing may have been made, and the vault is as it was. Returns how many cases that were.
async fn every_call(phone: &Phone, error: KeyStoreError, name: &str, flow: impl AsyncFn() -> Ended) -> usize {
    for call in 0.. {
        let before = (anchors(&phone.folders), phone.core.list().ok());
        phone.faults.fail(call, error);
        let ended = flow().await;
        let (failed, made) = phone.faults.work();
        // The secret that opens push.db while the vault is locked is made anew when the device says that it has none: the
        // vault is open then and holds what it wraps.
        let allowed = matches!(error, KeyStoreError::Missing | KeyStoreError::Invalidated);
        let made: Vec<_> = made.iter().filter(|name| !(allowed && name.starts_with("klink.push."))).collect();
        assert!(made.is_empty(), "{name}, call {call}, {error}: {made:?} was to be made");
        if !failed {
            ended.unwrap_or_else(|why| panic!("{name}: {why:?}"));
            return call;
        }
        match ended {
            Err(PushError::KeyStore(kind)) => {
                assert_eq!(kind, error, "{name}, call {call}");
                let after = (anchors(&phone.folders), phone.core.list().ok());
                assert_eq!(before, after, "{name}, call {call}, {error}: the vault has changed");
            }
            // Done all the same: what failed was only the deletion of a key that opens nothing any more.
            Ok(()) => return call + 1,
            Err(other) => panic!("{name}, call {call}, {error}: {other:?}"),
        }
    }
    unreachable!("a flow asks a key store a few times")
}

/// Looks for requests; that one enrolment could not be asked for is said in the list.
async fn look(phone: &Phone) -> Ended {
    let refreshed = phone.core.refresh_challenges().await?;
    refreshed.problems.into_iter().next().map_or(Ok(()), |(_, why)| Err(why))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flow_of_push_makes_anything_because_the_key_store_failed() {
    let mut cases = 0;
    for error in SIX {
        let world = World::new().await;
        let session = world.sign_in().await;
        let mut phone = world.phone();
        let offer = world.offer(&session).await;
        cases += every_call(&phone, error, "enrol", async || {
            let enrolled = phone.enrol(&offer.link).await;
            assert!(enrolled.is_ok() || world.count("/push/v1/enrol") == 0, "something was sent");
            enrolled.map(drop)
        })
        .await;
        assert_eq!(phone.core.enrolments().await.unwrap().len(), 1, "one enrolment, however often it failed");
        phone.found().await;
        phone.credential = world.confirm(&session, &offer).await;
        let asked = world.start_test(&session, &phone.credential).await;
        assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));

        // A new start has to say again who it is.
        let phone = phone.again();
        cases += every_call(&phone, error, "look", async || look(&phone).await).await;
        let (_, asked) = world.ask().await;
        let mut one = phone.request().await;
        // An approval key that is gone is noticed, and only its user makes another.
        let lost = matches!(error, KeyStoreError::Missing | KeyStoreError::Invalidated);
        if !lost {
            cases += every_call(&phone, error, "approve", async || {
                phone.core.answer(one.id, typed(&asked.number)).await.map(drop)
            })
            .await;
            world.ask().await;
            one = phone.request().await;
        } else {
            phone.faults.fail(0, error);
            let refused = phone.core.answer(one.id, typed(&asked.number)).await;
            assert!(matches!(refused, Err(PushError::KeyStore(kind)) if kind == error), "{refused:?}");
            assert_eq!(phone.faults.work(), (true, Vec::new()));
            assert_eq!(phone.enrolment().await.state, EnrolmentState::NeedsApprovalKey);
            cases += 1;
        }
        let deny = || Decision::Deny { cancelled: false };
        cases +=
            every_call(&phone, error, "deny", async || phone.core.answer(one.id, deny()).await.map(drop))
                .await;
        cases += every_call(&phone, error, "rotate the device key", async || {
            phone.core.rotate_key(phone.id(), WhichKey::Device).await
        })
        .await;
        if !lost {
            cases += every_call(&phone, error, "rotate the approval key", async || {
                phone.core.rotate_key(phone.id(), WhichKey::Approval).await
            })
            .await;
        }
        let locked = phone.restarted();
        cases += every_call(&locked, error, "look while locked", async || look(&locked).await).await;
        cases += every_call(&phone, error, "unenrol", async || phone.core.unenrol(phone.id()).await).await;
        assert!(phone.core.enrolments().await.unwrap().is_empty());
    }
    println!("{cases} failures of the key store in push");
    assert!(cases > 60);
}

/// An enrolment that its user breaks off, or that one failing call ends, has made keys by then; they go again.
#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_that_failed_leaves_no_key_behind() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let phone = world.phone();
    let offer = world.offer(&session).await;
    let mut broken_off = 0;
    loop {
        phone.faults.fail_once(broken_off, KeyStoreError::Cancelled);
        let ended = phone.enrol(&offer.link).await;
        let (failed, _) = phone.faults.work();
        if ended.is_ok() {
            break;
        }
        assert!(failed, "{ended:?}");
        assert_eq!(phone.faults.keys_of_enrolments(), Vec::<String>::new(), "call {broken_off}");
        assert!(phone.core.enrolments().await.unwrap().is_empty());
        broken_off += 1;
    }
    assert!(broken_off > 2, "both keys and the signature can be broken off");
    assert_eq!(
        phone.faults.keys_of_enrolments().len(),
        2,
        "the control: of one that succeeded they are seen"
    );
}

/// The control: a key store that is asked to make what it could not find.
#[test]
fn control_a_key_that_is_made_because_it_was_missing_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Arc::new(SoftKeys::new(folder.path().to_owned(), Box::new(|_| Ok(()))));
    let faults = Faults::around(keys);
    faults.fail(0, KeyStoreError::Missing);
    if faults.sign("klink.device.x", b"", Purpose::Device).is_err() {
        let _ = faults.make("klink.device.x", KeyKind::P256, Presence::None, None);
    }
    assert_eq!(faults.work(), (true, vec!["klink.device.x".to_owned()]));
}
