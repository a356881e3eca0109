//! A service, somebody in between, phones, and what a person does at the page.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use authenticator_core::authenticator::{
    Answered, Authenticator, Challenge, Decision, Device, Enrolled, EnrolmentInfo, EnrolmentState, Number,
    PushError, Refreshed, Wait,
};
use authenticator_core::device::{DeviceKeys, KeyStoreError};
use authenticator_core::net::{LocalHosts, Net, NetConfig, Trust};
use authenticator_core::secret::SecretText;
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{EnrolmentId, Key, NewSlot, Outcome, RecoveryCode};
use klink::phone::{Folders, codes_only, info, now};
use klink::soft_keys::SoftKeys;
use klink_service::accounts::{Session, SignIn, sessions, users};
use klink_service::clock::Clock;
use klink_service::config::TlsFiles;
use klink_service::http::Visitor;
use klink_service::push::offers::{self, ConfirmCheck, MakeOffer, Offer};
use klink_service::requests::{self, Asked, Start, State};
use klink_service::{Config, Running, Service, start_with};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::between::Between;

const PASSWORD: &str = "correct horse";

/// How long a call may take before the phone gives up.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) between: Between,
    pub(crate) authority: Vec<u8>,
    pub(crate) folder: tempfile::TempDir,
    running: Running,
    phones: Mutex<u32>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (authority, files) = certificate(folder.path(), "127.0.0.1");
        let between = Between::start(&files.certificate, &files.key, &authority).await;
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: folder.path().join("service"),
            public_url: Some(between.origin().parse().unwrap()),
            tls: Some(files),
            ..Config::default()
        };
        let clock = Clock::default();
        let running = start_with(config, clock.clone()).await.unwrap();
        between.lead_to(running.address());
        let world = Self { clock, between, authority, folder, running, phones: Mutex::default() };
        let password = SecretText::from(PASSWORD);
        let added = users::add(world.service(), "tess", "Tess", password).await.unwrap();
        assert_eq!(added, users::Add::Added);
        world
    }

    /// A service with one phone that works, and a sign-in that waits for its second factor.
    pub(crate) async fn with_phone() -> (Self, Phone, Session) {
        let world = Self::new().await;
        let phone = world.active_phone(&world.sign_in().await).await;
        let session = world.sign_in().await;
        (world, phone, session)
    }

    pub(crate) fn service(&self) -> &Service {
        self.running.service()
    }

    pub(crate) fn visitor() -> Visitor {
        Visitor { address: "192.0.2.1".to_owned(), agent: "Firefox/140 Linux".to_owned() }
    }

    pub(crate) async fn sign_in(&self) -> Session {
        let password = SecretText::from(PASSWORD);
        match sessions::sign_in(self.service(), &Self::visitor(), "tess", password).await.unwrap() {
            SignIn::Done { session, .. } => *session,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn again(&self, session: &Session) -> Session {
        sessions::again(self.service(), session).unwrap().unwrap()
    }

    pub(crate) async fn offer(&self, session: &Session) -> Offer {
        match offers::make(self.service(), session).await.unwrap() {
            MakeOffer::Made(offer) => offer,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn confirm(&self, session: &Session, offer: &Offer) {
        let confirmed = offers::confirm(self.service(), session, &offer.jti, true).await.unwrap();
        assert_eq!(confirmed, ConfirmCheck::Confirmed);
    }

    /// Enrols a phone and has its test approved.
    pub(crate) async fn active_phone(&self, session: &Session) -> Phone {
        let phone = self.phone();
        let offer = self.offer(session).await;
        phone.enrol(&offer.link).await.unwrap();
        self.confirm(session, &offer).await;
        let credential = self.newest_credential();
        let asked = self.start_test(session, &credential).await;
        assert_eq!(phone.approve(&asked).await.unwrap().outcome, Some(Outcome::Approved));
        assert_eq!(phone.state().await, EnrolmentState::Active);
        phone
    }

    pub(crate) async fn start_test(&self, session: &Session, credential: &str) -> Asked {
        match requests::start_test(self.service(), session, &Self::visitor(), credential).await.unwrap() {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn newest_credential(&self) -> String {
        let sql = "SELECT id FROM credentials ORDER BY rowid DESC LIMIT 1";
        self.service().store().read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).unwrap()
    }

    pub(crate) async fn start_login(&self, session: &Session) -> Start {
        requests::start_login(self.service(), session, &Self::visitor()).await.unwrap()
    }

    pub(crate) async fn ask(&self, session: &Session) -> Asked {
        match self.start_login(session).await {
            Start::Made(asked) => asked,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn request_state(&self, session: &Session, asked: &Asked) -> State {
        requests::watch(self.service(), session, &asked.id).unwrap().unwrap().state
    }

    /// Counts the answers to a request that the service took or refused for good.
    pub(crate) fn answers(&self, asked: &Asked) -> i64 {
        let sql = "SELECT count(*) FROM answers WHERE request = ?1";
        self.service().store().read(|conn| Ok(conn.query_row(sql, [&asked.id], |row| row.get(0))?)).unwrap()
    }

    /// A phone with a vault and nothing else.
    pub(crate) fn phone(&self) -> Phone {
        let mut count = self.phones.lock().unwrap();
        *count += 1;
        let folders = Folders::within(&self.folder.path().join(format!("phone-{count}")));
        Phone::new(folders, Trust::DeviceAnd(self.authority.clone()))
    }
}

/// Makes an authority, and a certificate of it for `host`.
pub(crate) fn certificate(folder: &Path, host: &str) -> (Vec<u8>, TlsFiles) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    // Two authorities of one name would be taken for one another, and then fail for another reason.
    let name = format!("authority of {}", folder.display());
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let leaf = leaf.signed_by(&key, &Issuer::from_params(&authority, authority_key)).unwrap();
    let files = TlsFiles { certificate: folder.join("leaf.pem"), key: folder.join("leaf.key") };
    std::fs::write(&files.certificate, leaf.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    (pem.into_bytes(), files)
}

/// The time of a phone, which may be wrong; pauses are short.
#[derive(Clone, Default)]
pub(crate) struct PhoneClock {
    pub(crate) ahead_ms: Arc<AtomicI64>,
    /// Where it stands, when it does.
    stopped: Arc<OnceLock<UnixTime>>,
}

impl PhoneClock {
    pub(crate) fn set_ahead_s(&self, seconds: i64) {
        self.ahead_ms.store(seconds * 1000, Ordering::SeqCst);
    }

    /// Has it stand still from now on.
    pub(crate) fn stop(&self) {
        self.stopped.set(self.now()).unwrap();
    }

    pub(crate) fn now(&self) -> UnixTime {
        let now = || now().plus_ms(self.ahead_ms.load(Ordering::SeqCst));
        self.stopped.get().copied().unwrap_or_else(now)
    }
}

impl Wait for PhoneClock {
    fn wait(&self, ms: u64) -> Pin<Box<dyn Future<Output = UnixTime> + Send>> {
        let clock = self.clone();
        Box::pin(async move {
            // A pause before another try is cut short; a limit on a person is not.
            match ms {
                0 => {}
                1..=4_000 => tokio::time::sleep(Duration::from_millis(5)).await,
                _ => tokio::time::sleep(Duration::from_millis(ms)).await,
            }
            clock.now()
        })
    }
}

pub(crate) struct Phone {
    pub(crate) core: Authenticator,
    pub(crate) clock: PhoneClock,
    pub(crate) present: Arc<AtomicBool>,
    pub(crate) folders: Folders,
    trust: Trust,
    code: RecoveryCode,
}

impl Phone {
    pub(crate) fn new(folders: Folders, trust: Trust) -> Self {
        let present = Arc::new(AtomicBool::new(true));
        let keys = keys(&folders, &present);
        Self { present, ..Self::with_keys(folders, trust, keys) }
    }

    /// A phone with a key store of its own.
    pub(crate) fn with_keys(folders: Folders, trust: Trust, keys: Arc<dyn DeviceKeys>) -> Self {
        let (clock, present) = (PhoneClock::default(), Arc::new(AtomicBool::new(true)));
        let code = RecoveryCode::make().unwrap();
        let core = core(&folders, trust.clone(), &clock, keys);
        core.create(&[NewSlot::RecoveryCode(&code)], now()).unwrap();
        Self { core, clock, present, folders, trust, code }
    }

    /// Ends the phone's process, as far as its memory goes, and begins another one on the same files.
    pub(crate) fn begin_again(self) -> Self {
        let Self { core: old, clock, present, folders, trust, code } = self;
        drop(old);
        let core = core(&folders, trust.clone(), &clock, keys(&folders, &present));
        core.unlock(Key::RecoveryCode(&code), now()).unwrap();
        Self { core, clock, present, folders, trust, code }
    }

    /// Has the device lose the approval key, as a new phone or a reset of its screen lock does.
    pub(crate) async fn lose_approval_key(&self) {
        let keys = SoftKeys::new(self.folders.device.clone(), Box::new(|_| Ok(())));
        keys.delete(&format!("klink.approval.{}", self.id().await)).unwrap();
    }

    pub(crate) async fn enrol(&self, link: &str) -> Result<Enrolled, PushError> {
        let offered = self.core.offer(link)?;
        let asked = self.core.check_offer(&offered).await?;
        self.core.enrol(&asked, &info("Tess' phone")).await
    }

    pub(crate) async fn info(&self) -> EnrolmentInfo {
        self.core.enrolments().await.unwrap().swap_remove(0)
    }

    pub(crate) async fn id(&self) -> EnrolmentId {
        self.info().await.id
    }

    pub(crate) async fn state(&self) -> EnrolmentState {
        self.info().await.state
    }

    pub(crate) async fn look(&self) -> Refreshed {
        self.core.refresh_challenges().await.unwrap()
    }

    /// Returns the request that a page asked, as the phone lists it.
    pub(crate) async fn listed(&self, asked: &Asked) -> Option<Challenge> {
        let challenges = self.look().await.challenges;
        challenges.into_iter().find(|one| one.id.request.to_string() == asked.id)
    }

    pub(crate) async fn approve(&self, asked: &Asked) -> Result<Answered, PushError> {
        let number = Number::Typed(asked.number.clone());
        self.answer(asked, Decision::Approve { number }).await
    }

    pub(crate) async fn deny(&self, asked: &Asked) -> Result<Answered, PushError> {
        self.answer(asked, Decision::Deny { cancelled: false }).await
    }

    pub(crate) async fn report(&self, asked: &Asked) -> Result<Answered, PushError> {
        self.answer(asked, Decision::Report { not_me: true, lock: false }).await
    }

    pub(crate) async fn answer(&self, asked: &Asked, decision: Decision) -> Result<Answered, PushError> {
        let challenge = self.listed(asked).await.expect("the request is listed");
        self.core.answer(challenge.id, decision).await
    }
}

fn core(folders: &Folders, trust: Trust, clock: &PhoneClock, keys: Arc<dyn DeviceKeys>) -> Authenticator {
    let net = Net::new(NetConfig { trust, local_hosts: LocalHosts::Allowed, timeout: TIMEOUT }).unwrap();
    codes_only(folders).with_device(Device { keys, net, wait: Arc::new(clock.clone()) })
}

/// Keys in software, of a device that asks whether somebody is there.
fn keys(folders: &Folders, present: &Arc<AtomicBool>) -> Arc<dyn DeviceKeys> {
    let present = Arc::clone(present);
    let ask = Box::new(
        move |_| {
            if present.load(Ordering::SeqCst) { Ok(()) } else { Err(KeyStoreError::Cancelled) }
        },
    );
    Arc::new(SoftKeys::new(folders.device.clone(), ask))
}

/// A number of the same length that is not the right one.
pub(crate) fn other_number(asked: &Asked) -> String {
    let first = if asked.number.starts_with('1') { "2" } else { "1" };
    format!("{first}{}", &asked.number[1..])
}
