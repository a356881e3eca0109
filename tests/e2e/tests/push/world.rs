//! The service behind a front that can lose what passes, its user's browser session, and phones.

use std::net::TcpListener;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use authenticator_core::authenticator::{
    Authenticator, Challenge, Decision, Device, Enrolled, EnrolmentInfo, Number, PushError, Wait,
};
use authenticator_core::device::{DeviceKeys, Purpose};
use authenticator_core::net::{LocalHosts, Net, NetConfig, TIMEOUT, Trust};
use authenticator_core::secret::SecretText;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{EnrolmentId, Key, NewSlot, Outcome, RecoveryCode, VaultId};
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use klink::anchor_file::FileAnchor;
use klink::phone::{Clock as RealClock, Folders, info, now};
use klink::soft_keys::SoftKeys;
use klink_service::accounts::{Session, SignIn, sessions, users};
use klink_service::clock::Clock;
use klink_service::http::Visitor;
use klink_service::push::offers::{self, ConfirmCheck, MakeOffer, Offer, OfferState};
use klink_service::requests::{self, Asked, Start};
use klink_service::store::Effect;
use klink_service::{Config, Service};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::authority::Authority;
use crate::faults::Faults;
use crate::wire::Wire;

const PASSWORD: &str = "correct horse";
/// One pixel, PNG.
pub const LOGO: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

/// What the front does to calls whose path ends so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lose {
    /// The service never sees the call.
    Call,
    /// The service has done it, and its reply is cut.
    Reply,
}

/// A rule of the front: calls whose method and path are these are lost, so many times.
struct Rule {
    method: &'static str,
    ends: &'static str,
    how: Lose,
    times: usize,
}

pub struct World {
    pub service: Service,
    pub clock: Clock,
    pub origin: String,
    pub authority: Authority,
    rules: Arc<Mutex<Vec<Rule>>>,
    /// Paths that reached the service, in order.
    seen: Arc<Mutex<Vec<String>>>,
    pub wire: Wire,
    pub folder: tempfile::TempDir,
    phones: AtomicUsize,
    effects: Mutex<Option<UnboundedReceiver<Effect>>>,
}

/// One phone, with its folders; another [`Phone::again`] over them is the next start of the same phone.
pub struct Phone {
    pub core: Arc<Authenticator>,
    pub folders: Folders,
    code: Arc<RecoveryCode>,
    trust: Vec<u8>,
    /// Milliseconds that its clock is ahead.
    pub ahead: Arc<AtomicI64>,
    /// The device's keys.
    pub keys: Arc<SoftKeys>,
    /// The same, on their way to the core.
    pub faults: Arc<Faults>,
    asked: WhenAsked,
    pub vault: VaultId,
    id: Option<EnrolmentId>,
    /// Its credential at the service.
    pub credential: String,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_, _| {}).await
    }

    /// A world whose service is set as `change` says, which gets the file of an authority that it may trust.
    pub async fn with(change: impl FnOnce(&mut Config, PathBuf)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        // Phones reach the service through a wire that can be cut.
        let outside = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", outside.local_addr().unwrap());
        let wire = Wire::lay(outside, listener.local_addr().unwrap());
        let logo = folder.path().join("logo.png");
        std::fs::write(&logo, LOGO).unwrap();
        let mut config = Config {
            data: folder.path().join("service"),
            organisation: "Example Organisation".to_owned(),
            logo: Some(logo),
            ..Config::default()
        };
        let (authority, trusted) = (Authority::new(), folder.path().join("authority.pem"));
        std::fs::write(&trusted, &authority.pem).unwrap();
        change(&mut config, trusted);
        let clock = Clock::default();
        std::fs::create_dir_all(&config.data).unwrap();
        let (service, effects) = Service::open(config, &origin, origin.clone(), clock.clone()).unwrap();
        assert_eq!(
            users::add(&service, "tess", "Tess", SecretText::from(PASSWORD)).await.unwrap(),
            users::Add::Added
        );
        let (rules, seen) = (Arc::<Mutex<Vec<Rule>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (lost, passed) = (Arc::clone(&rules), Arc::clone(&seen));
        let front = from_fn(move |request: Request, next: Next| {
            front(Arc::clone(&lost), Arc::clone(&passed), request, next)
        });
        let router = klink_service::http::router(service.clone()).layer(front);
        authority.serve(listener, router);
        Self {
            service,
            clock,
            origin,
            authority,
            rules,
            seen,
            wire,
            folder,
            phones: AtomicUsize::new(0),
            effects: Mutex::new(Some(effects)),
        }
    }

    /// Wakes phones from now on.
    pub fn deliver(&self) {
        let effects = self.effects.lock().unwrap().take().unwrap();
        tokio::spawn(self.service.clone().deliver(effects));
    }

    /// Loses the next calls whose path ends so.
    pub fn lose(&self, method: &'static str, ends: &'static str, how: Lose, times: usize) {
        self.rules.lock().unwrap().push(Rule { method, ends, how, times });
    }

    /// Loses nothing more.
    pub fn lose_nothing(&self) {
        self.rules.lock().unwrap().clear();
    }

    /// Returns how many calls with such a path the service has seen.
    pub fn count(&self, ends: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|path| path.ends_with(ends)).count()
    }

    pub fn visitor() -> Visitor {
        Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
    }

    pub async fn sign_in(&self) -> Session {
        let right = SecretText::from(PASSWORD);
        match sessions::sign_in(&self.service, &Self::visitor(), "Tess", right).await.unwrap() {
            SignIn::Done { session, token: _ } => *session,
            other => panic!("{other:?}"),
        }
    }

    pub fn again(&self, session: &Session) -> Session {
        sessions::again(&self.service, session).unwrap().unwrap()
    }

    pub async fn offer(&self, session: &Session) -> Offer {
        match offers::make(&self.service, session).await.unwrap() {
            MakeOffer::Made(offer) => offer,
            other => panic!("{other:?}"),
        }
    }

    pub async fn start_test(&self, session: &Session, credential: &str) -> Asked {
        match requests::start_test(&self.service, session, &Self::visitor(), credential).await.unwrap() {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a sign-in, in a new session.
    pub async fn ask(&self) -> (Session, Asked) {
        let session = self.sign_in().await;
        match requests::start_login(&self.service, &session, &Self::visitor()).await.unwrap() {
            Start::Made(asked) => (session, asked),
            other => panic!("{other:?}"),
        }
    }

    /// Returns how a request stands, by its name in the protocol.
    pub fn state(&self, session: &Session, asked: &Asked) -> String {
        format!("{:?}", requests::watch(&self.service, session, &asked.id).unwrap().unwrap().state)
    }

    /// A phone with an empty vault that is unlocked.
    pub fn phone(&self) -> Phone {
        let number = self.phones.fetch_add(1, Ordering::SeqCst);
        let folders = Folders::within(&self.folder.path().join(format!("phone {number}")));
        let code = Arc::new(RecoveryCode::make().unwrap());
        let ahead = Arc::new(AtomicI64::new(0));
        let (core, faults, keys, asked) = core(&folders, &self.authority.pem, &ahead);
        let vault = core.create(&[NewSlot::RecoveryCode(&code)], now()).unwrap().vault_id;
        let (trust, credential) = (self.authority.pem.clone(), String::new());
        Phone { core, folders, code, trust, ahead, keys, faults, asked, vault, id: None, credential }
    }

    /// A new phone with what a backup of another one brings.
    pub fn restored(&self, from: &Phone) -> Phone {
        let number = self.phones.fetch_add(1, Ordering::SeqCst);
        let folders = Folders::within(&self.folder.path().join(format!("phone {number}")));
        let backup = self.folder.path().join(format!("{number}.akb"));
        from.core.write_backup(&backup, now()).unwrap();
        let ahead = Arc::new(AtomicI64::new(0));
        let (core, faults, keys, asked) = core(&folders, &self.authority.pem, &ahead);
        core.restore_backup(&backup, Key::RecoveryCode(&from.code), now()).unwrap();
        core.accept().unwrap();
        let (code, trust, vault) = (Arc::clone(&from.code), self.authority.pem.clone(), from.vault);
        let credential = String::new();
        Phone { core, folders, code, trust, ahead, keys, faults, asked, vault, id: None, credential }
    }

    /// A phone that is enrolled, and whose check number was confirmed.
    pub async fn pending_phone(&self, session: &Session) -> Phone {
        let mut phone = self.phone();
        let offer = self.offer(session).await;
        phone.id = Some(phone.enrol(&offer.link).await.unwrap().id);
        phone.credential = self.confirm(session, &offer).await;
        phone
    }

    /// A phone whose enrolment works.
    pub async fn active_phone(&self, session: &Session) -> Phone {
        let phone = self.pending_phone(session).await;
        let asked = self.start_test(session, &phone.credential).await;
        assert_eq!(phone.approve(&asked.number).await, Some(Outcome::Approved));
        phone
    }

    /// Says on the page that the check numbers are the same; returns the credential.
    pub async fn confirm(&self, session: &Session, offer: &Offer) -> String {
        let confirmed = offers::confirm(&self.service, session, &offer.jti, true).await.unwrap();
        assert_eq!(confirmed, ConfirmCheck::Confirmed);
        match offers::status(&self.service, session, &offer.jti).unwrap().unwrap() {
            OfferState::Enrolled { credential, .. } => credential,
            other => panic!("{other:?}"),
        }
    }
}

impl Phone {
    /// The same phone after a new start: nothing is left of what only a process knew.
    pub fn again(&self) -> Self {
        let phone = self.restarted();
        phone.unlock();
        phone
    }

    /// The same, with its vault locked.
    pub fn restarted(&self) -> Self {
        let (core, faults, keys, asked) = core(&self.folders, &self.trust, &self.ahead);
        Self {
            core,
            keys,
            faults,
            asked,
            vault: self.vault,
            folders: self.folders.clone(),
            code: Arc::clone(&self.code),
            trust: self.trust.clone(),
            ahead: Arc::clone(&self.ahead),
            id: self.id,
            credential: self.credential.clone(),
        }
    }

    /// Does this whenever the device asks for a person, who is there.
    pub fn when_asked(&self, then: impl Fn() + Send + 'static) {
        *self.asked.lock().unwrap() = Some(Box::new(then));
    }

    /// Tells whether the device has the key of that kind that came with the enrolment.
    pub fn has_key(&self, kind: &str) -> bool {
        self.keys.sign(&self.alias(kind), b"", Purpose::Device).is_ok()
    }

    /// Returns the name of a key that came with the enrolment.
    pub fn alias(&self, kind: &str) -> String {
        format!("klink.{kind}.{}", self.id())
    }

    /// Takes note of its one enrolment.
    pub async fn found(&mut self) {
        self.id = Some(self.enrolment().await.id);
    }

    /// Returns its one enrolment.
    pub fn id(&self) -> EnrolmentId {
        self.id.unwrap()
    }

    /// Returns its one enrolment as a list shows it.
    pub async fn enrolment(&self) -> EnrolmentInfo {
        let all = self.core.enrolments().await.unwrap();
        let [one] = &all[..] else { panic!("{all:?}") };
        one.clone()
    }

    pub fn unlock(&self) {
        self.core.unlock(Key::RecoveryCode(&self.code), now()).unwrap();
    }

    /// Gives the vault a new data key.
    pub fn rotate_vault(&self) {
        self.core.rotate_data_key(&Key::RecoveryCode(&self.code), now()).unwrap();
    }

    pub async fn enrol(&self, link: &str) -> Result<Enrolled, PushError> {
        let offered = self.core.offer(link)?;
        let asked = self.core.check_offer(&offered).await?;
        self.core.enrol(&asked, &info("a phone for tests")).await
    }

    /// Looks, and returns the one open request.
    pub async fn request(&self) -> Challenge {
        let refreshed = self.core.refresh_challenges().await.unwrap();
        assert!(refreshed.problems.is_empty(), "{:?}", refreshed.problems);
        let [one] = &refreshed.challenges[..] else { panic!("{:?}", refreshed.challenges) };
        one.clone()
    }

    pub async fn approve(&self, number: &str) -> Option<Outcome> {
        let one = self.request().await;
        self.core.answer(one.id, typed(number)).await.unwrap().outcome
    }
}

pub fn typed(number: &str) -> Decision {
    Decision::Approve { number: Number::Typed(number.to_owned()) }
}

/// Real time, moved by `ahead`; short pauses are a hundredth as long, so that no test waits.
struct MovedClock(Arc<AtomicI64>);

impl Wait for MovedClock {
    fn wait(&self, ms: u64) -> Pin<Box<dyn Future<Output = UnixTime> + Send>> {
        let ahead = Arc::clone(&self.0);
        Box::pin(async move {
            let at = RealClock.wait(if ms < 20_000 { ms / 100 } else { ms }).await;
            at.plus_ms(ahead.load(Ordering::SeqCst))
        })
    }
}

/// What happens when the device asks for a person.
type WhenAsked = Arc<Mutex<Option<Box<dyn Fn() + Send>>>>;

fn core(
    folders: &Folders,
    pem: &[u8],
    ahead: &Arc<AtomicI64>,
) -> (Arc<Authenticator>, Arc<Faults>, Arc<SoftKeys>, WhenAsked) {
    let trust = Trust::DeviceAnd(pem.to_vec());
    let net = Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout: TIMEOUT }).unwrap();
    let when_asked = WhenAsked::default();
    let then = Arc::clone(&when_asked);
    let ask = move |_| {
        if let Some(then) = &*then.lock().unwrap() {
            then();
        }
        Ok(())
    };
    let keys = Arc::new(SoftKeys::new(folders.device.clone(), Box::new(ask)));
    let wait = Arc::new(MovedClock(Arc::clone(ahead)));
    let faults = Arc::new(Faults::around(Arc::clone(&keys)));
    let device = Device { keys: Arc::<Faults>::clone(&faults), net, wait };
    let anchor = Arc::new(FileAnchor::new(folders.anchors.clone(), &folders.vault));
    let core = Authenticator::new(folders.vault.clone(), anchor).with_device(device);
    (Arc::new(core), faults, keys, when_asked)
}

pub fn anchors(folders: &Folders) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(&folders.anchors)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "anchor"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    all.sort();
    all
}

/// Passes a call on, unless a rule says that it or its reply is lost.
async fn front(
    rules: Arc<Mutex<Vec<Rule>>>,
    seen: Arc<Mutex<Vec<String>>>,
    request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let lost = {
        let mut rules = rules.lock().unwrap();
        let rule = rules
            .iter_mut()
            .find(|rule| rule.times > 0 && rule.method == method && path.ends_with(rule.ends));
        rule.map(|rule| {
            rule.times -= 1;
            rule.how
        })
    };
    if lost == Some(Lose::Call) {
        return cut();
    }
    seen.lock().unwrap().push(path);
    let response = next.run(request).await;
    if lost == Some(Lose::Reply) { cut() } else { response }
}

/// A reply whose body breaks off: the phone knows that it asked, and not what became of it.
fn cut() -> Response {
    let broken = futures_util::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}
