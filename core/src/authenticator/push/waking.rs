//! Flow: where wake-ups go, whose they must be, and what one that arrives opens.

use super::calling::{bare, read, refusal_of, service_error};
use super::offer::PushAddress;
use super::signing::{dialect_of, known};
use super::{Authenticator, NoSuch, PushError};
use crate::device::Purpose;
use crate::net::{Request, Verb};
use crate::push::dialects::{Dialect, Message, Method, Sending, Upkeep, ours};
use crate::push::ids::Id;
use crate::push::json;
use crate::push::jwk::KeySet;
use crate::push::vapid;
use crate::push::wakeup::Receiver;
use crate::push::wire;
use crate::secret::SecretBytes;
use crate::vault::push_db::{Enrolment, EnrolmentId, WakeUp};

/// Where on a relay a phone subscribes: `docs/relay.md`.
const SUBSCRIPTIONS: &str = "/v1/subscriptions";

/// As many addresses of one enrolment wait to be ended; where there are more, the oldest end by themselves.
const MOST_LEAVING: usize = 8;

/// A vendor that carries what a relay gives it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PushVendor {
    /// Firebase Cloud Messaging, Google.
    Fcm,
    /// Apple Push Notification service.
    Apns,
}

impl Authenticator {
    /// Returns the key by which a service's wake-ups are known (VAPID, RFC 8292), base64url of its 65 bytes: what a
    /// distributor or [`Authenticator::subscribe`] asks for. `None` when the service sends no wake-ups.
    ///
    /// It is fetched with nothing of ours in the request. Before enrolling, [`Asked::push_key`] has it.
    ///
    /// [`Asked::push_key`]: super::Asked::push_key
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::Revoked`], [`PushError::Service`], [`PushError::Net`],
    /// [`PushError::BadReply`].
    pub async fn push_key(&self, id: EnrolmentId) -> Result<Option<String>, PushError> {
        let row = self.working(id).await?;
        match dialect_of(&row.enrolment)? {
            Dialect::Klink => {}
            // Their servers push by their own vendors' accounts alone.
            Dialect::PrivacyIdea | Dialect::EduMfa => return Ok(None),
        }
        let reply = self.plain(&bare(&row.enrolment, Method::Get, ours::KEY_SET), &[]).await?;
        if reply.status != 200 {
            return Err(service_error(&reply, &refusal_of(Dialect::Klink, &reply).code));
        }
        let keys: KeySet = read(&reply)?;
        Ok(keys.vapid().as_ref().map(vapid::print_key))
    }

    /// Subscribes this phone at a relay to the wake-ups of one service, and returns the endpoint to enrol with or to
    /// give to [`Authenticator::change_push_address`]. Each call makes another endpoint, so that two services cannot
    /// tell that they wake one phone. It ends there when its service knows another one, and with its enrolment.
    ///
    /// `relay` is its origin, `https://host[:port]`; `token` is what the vendor gave the app; `push_key` is that of
    /// [`Authenticator::push_key`]. Nothing of any account is sent.
    ///
    /// # Errors
    /// [`PushError::Net`]; [`PushError::Service`] with `unknown_kind`, `malformed`, `rate_limited` or
    /// `too_many_subscriptions`; [`PushError::BadReply`].
    pub async fn subscribe(
        &self,
        relay: &str,
        vendor: PushVendor,
        token: &str,
        push_key: &str,
    ) -> Result<String, PushError> {
        let kind = match vendor {
            PushVendor::Fcm => wire::RelayKind::Fcm,
            PushVendor::Apns => wire::RelayKind::Apns,
        };
        let asked = wire::Subscribe { kind, token: token.to_owned(), vapid: push_key.to_owned() };
        let message = Message {
            method: Method::Post,
            url: format!("{}{SUBSCRIPTIONS}", relay.trim_end_matches('/')),
            body: Some(("application/json", json::print(&asked).into_bytes())),
        };
        let reply = self.plain(&message, &[]).await?;
        if reply.status != 201 {
            return Err(service_error(&reply, &refusal_of(Dialect::Klink, &reply).code));
        }
        let wire::Subscribed { endpoint } = read(&reply)?;
        let told = self.push()?.device.net.check(&endpoint);
        told.map_err(|_| PushError::BadReply("the endpoint is no https address"))?;
        // What stands elsewhere is not the relay's to have ended.
        if endpoint.strip_prefix(relay.trim_end_matches('/')).is_some_and(|path| path.starts_with('/')) {
            self.push()?.state().subscribed.insert(endpoint.clone());
        }
        Ok(endpoint)
    }

    /// Takes a wake-up as it arrived, and notes that one did. What it says is a reason to look, nothing more.
    ///
    /// Returns the enrolment it was sealed to; `None` when it opens for none.
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::KeyStore`], [`PushError::Vault`].
    pub async fn wake_up(&self, message: &[u8]) -> Result<Option<EnrolmentId>, PushError> {
        let now = self.now().await?;
        let all = self.push_db(|db| db.enrolments()).await?;
        let woken = all.rows.iter().find(|row| {
            let receiver = row.enrolment.wake_up.as_ref().and_then(WakeUp::receiver);
            let said = receiver.and_then(|receiver| receiver.read(message).ok());
            said.is_some_and(|said| said.c.to_string() == row.enrolment.credential)
        });
        let Some(id) = woken.map(|row| row.id) else { return Ok(None) };
        self.push_db(move |db| db.change_enrolment(id, |kept| kept.woken_ms = Some(now.ms()))).await?;
        Ok(Some(id))
    }

    /// Tells the service where wake-ups go from now on. The phone's half of the new keys is stored first; calls go one
    /// after the other. An endpoint of [`Authenticator::subscribe`] that the service does not need any more ends at its
    /// relay, without being waited for.
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::Service`], [`PushError::Net`]: call again.
    pub async fn change_push_address(&self, id: EnrolmentId, to: &PushAddress) -> Result<(), PushError> {
        let _one = self.push()?.addressing.lock().await;
        let row = self.working(id).await?;
        let (push, wake_up, leaving) = match to {
            PushAddress::None => (wire::PushAddress::None, None, row.enrolment.at_relays()),
            PushAddress::WebPush { endpoint } => {
                let receiver = Receiver::make()?;
                let push = wire::PushAddress::webpush(endpoint, &receiver.subscription());
                let mut leaving = row.enrolment.at_relays();
                let relayed = leaving.contains(endpoint) || self.is_of_relay(endpoint);
                leaving.retain(|other| other != endpoint);
                (push, Some(WakeUp::new(endpoint.clone(), relayed, &receiver)), leaving)
            }
        };
        let at = self.service_time(id, &row.enrolment).await?;
        let dialect = dialect_of(&row.enrolment)?;
        let draft = dialect.upkeep(&Upkeep::Address(&push), &known(&row.enrolment, at), at, Id::make()?)?;
        let draft = draft.ok_or(NoSuch::Enrolment)?;
        let text = self.sign(&row.enrolment, draft, None, Purpose::Device, None).await?;
        let kept = (!leaving.is_empty()).then(|| leaving.clone());
        let store = move |enrolment: &mut Enrolment| {
            enrolment.wake_up = wake_up;
            enrolment.leaving = kept;
        };
        self.push_db(move |db| db.change_enrolment(id, store)).await?;
        let message = dialect.message(&row.enrolment.issuer, &Sending::Address, text.into_bytes());
        self.call(id, &row.enrolment, message.ok_or(NoSuch::Enrolment)?).await?;
        if !leaving.is_empty() {
            // Where this is not stored, they are ended once more the next time.
            let _ = self.push_db(move |db| db.change_enrolment(id, |kept| kept.leaving = None)).await;
            self.end_subscriptions(leaving);
        }
        Ok(())
    }

    /// Tells whether a relay gave that address to this process.
    pub(super) fn is_of_relay(&self, endpoint: &str) -> bool {
        self.push.as_ref().is_some_and(|push| push.state().subscribed.contains(endpoint))
    }

    /// Ends subscriptions at their relay: whoever knows the address may. Nobody waits for it, and nothing hangs on it: a
    /// relay that is not reached forgets them by itself.
    pub(super) fn end_subscriptions(&self, endpoints: Vec<String>) {
        let Some(push) = self.push.as_ref().filter(|_| !endpoints.is_empty()) else { return };
        push.state().subscribed.retain(|known| !endpoints.contains(known));
        let net = push.device.net.clone();
        tokio::spawn(async move {
            for url in &endpoints {
                let end = Request { method: Verb::Delete, url, headers: &[], body: None };
                let _ = net.send(end).await;
            }
        });
    }
}

impl Enrolment {
    /// Returns the addresses at a relay that are still this enrolment's, the newest last.
    pub(super) fn at_relays(&self) -> Vec<String> {
        let newest = self.wake_up.iter().filter(|wake_up| wake_up.relayed == Some(true));
        let all: Vec<&String> =
            self.leaving.iter().flatten().chain(newest.map(|wake_up| &wake_up.endpoint)).collect();
        all.into_iter().rev().take(MOST_LEAVING).rev().cloned().collect()
    }
}

impl WakeUp {
    pub(super) fn new(endpoint: String, relayed: bool, receiver: &Receiver) -> Self {
        let (private, auth) = receiver.to_parts();
        let (private, auth) = (private.expose().to_vec(), auth.expose().to_vec());
        Self { endpoint, private, auth, relayed: relayed.then_some(true) }
    }

    fn receiver(&self) -> Option<Receiver> {
        let private = SecretBytes::from(self.private.as_slice());
        Receiver::from_parts(&private, SecretBytes::from(self.auth.as_slice()))
    }
}
