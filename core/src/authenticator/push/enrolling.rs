//! Flow: from the scanned offer to an enrolment that waits for its test.
//!
//! First the host alone, then a key set that is fetched with nothing of ours, then organisation and account; only
//! after the second yes are keys made, and the finished body is on the disk before it is sent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::calling::{key_of, problem, service_error, text};
use super::offer::{Asked, Enrolled, Offered, PhoneInfo, PushAddress};
use super::{Authenticator, PushError};
use crate::account::Account;
use crate::crypto::p256::PublicKey;
use crate::device::{Attestation, MadeKey, Presence, Purpose};
use crate::net::{Reply, Request, Verb};
use crate::push::clock::Offset;
use crate::push::enrolment::{EnrolledError, Event, OfferError, Scanned, Stage, check_enrolled};
use crate::push::json;
use crate::push::jwk::{Jwk, KeySet};
use crate::push::jws::{self, Unsigned};
use crate::push::wakeup::Receiver;
use crate::push::wire::{self, Code, NumericDate};
use crate::uri::{self, Text};
use crate::vault::push_db::{Enrolment, EnrolmentId, Names, WakeUp, number_of};
use crate::vault::{Duplicate, ItemId, NewItem};

const ENROL: &str = "/push/v1/enrol";
const KEY_SET: &str = "/.well-known/jwks.json";
/// How often the same body is sent when the reply was lost.
const TRIES: usize = 3;
const PAUSE_MS: u64 = 1_000;

impl Authenticator {
    /// Reads a scanned or pasted offer. Nothing is sent; show the host, and ask.
    ///
    /// # Errors
    /// [`PushError::Offer`], [`PushError::Net`] for a host that this app does not talk to.
    pub fn offer(&self, text: &str) -> Result<Offered, PushError> {
        let scanned = Scanned::parse(text)?;
        self.push()?.device.net.check(scanned.origin().as_str())?;
        Ok(Offered { scanned })
    }

    /// Fetches the offer behind a code of 12 characters that a person typed with the host it stands under.
    ///
    /// # Errors
    /// As [`Authenticator::offer`]; [`PushError::Service`] with `unknown_code`.
    pub async fn offer_by_code(&self, host: &str, code: &str) -> Result<Offered, PushError> {
        let origin: wire::Origin =
            format!("https://{}", host.trim()).parse().map_err(|_| OfferError::Link)?;
        let body = json::print(&wire::OfferBody { code: code.trim().to_owned() });
        let reply = self.plain(Verb::Post, &origin.address("/push/v1/offer"), Some(body)).await?;
        if reply.status != 200 {
            return Err(service_error(&reply, problem(&reply).code.as_str()));
        }
        let offered = self.offer(&format!("pushenrol:#{}", text(&reply)?.trim()))?;
        if *offered.scanned.origin() == origin { Ok(offered) } else { Err(OfferError::Host.into()) }
    }

    /// Fetches the service's keys, with nothing of ours in the request, and verifies the offer with them. Show
    /// organisation and account, and ask again.
    ///
    /// # Errors
    /// [`PushError::Offer`], [`PushError::Net`], [`PushError::Service`].
    pub async fn check_offer(&self, offered: &Offered) -> Result<Asked, PushError> {
        let scanned = offered.scanned.clone();
        let reply = self.plain(Verb::Get, &scanned.origin().address(KEY_SET), None).await?;
        if reply.status != 200 {
            return Err(service_error(&reply, problem(&reply).code.as_str()));
        }
        let now = self.now().await?;
        let offset = reply.header("date").and_then(|date| Offset::learn(date, now)).unwrap_or_default();
        let keys: KeySet = super::calling::read(&reply)?;
        let (offer, service_key) = scanned.verify(&keys, offset.at_service(now))?;
        Ok(Asked { scanned, offer, service_key, offset })
    }

    /// Enrols this phone: makes two keys, signs, stores, sends, and takes in what the service answers: push, an account
    /// for codes, names and logo. The device may ask for presence.
    ///
    /// # Errors
    /// [`PushError::Locked`]; [`PushError::KeyStore`]: nothing was sent; [`PushError::Net`]: the body is stored, and
    /// [`Authenticator::resume_enrolment`] sends the same bytes again while the offer lasts; [`PushError::Service`]:
    /// the enrolment has failed; [`PushError::BadReply`].
    pub async fn enrol(&self, asked: &Asked, phone: &PhoneInfo) -> Result<Enrolled, PushError> {
        self.unlocked()?;
        self.wrap_push_key().await?;
        let id = EnrolmentId::make()?;
        let (device_alias, approval_alias) = (format!("klink.device.{id}"), format!("klink.approval.{id}"));
        let device = &self.push()?.device;
        let challenge = (asked.offer.att != wire::AttestationWish::None).then(|| challenge_of(&asked.offer));
        let (device_key, made_device) =
            device.make(device_alias.clone(), Presence::None, challenge.clone()).await?;
        let (approval_key, made_approval) =
            device.make(approval_alias.clone(), Presence::EachUse, challenge).await?;
        let receiver = match &phone.push {
            PushAddress::None => None,
            PushAddress::WebPush { endpoint } => Some((endpoint.clone(), Receiver::make()?)),
        };
        let now = self.now().await?;
        let hardware = made_device.hardware && made_approval.hardware;
        let claims = wire::EnrolResponse {
            aud: asked.offer.iss.clone(),
            jti: asked.offer.jti,
            nonce: asked.offer.nonce,
            dev: wire::Dev {
                device_jwk: Jwk(device_key),
                approval_jwk: Jwk(approval_key),
                name: label(&phone.name)?,
                os: label(&phone.os)?,
                app: label(&phone.app)?,
                hw: hardware,
            },
            push: receiver.as_ref().map_or(wire::PushAddress::None, |(endpoint, receiver)| {
                wire::PushAddress::webpush(endpoint, &receiver.subscription())
            }),
            att: attestation(&made_device, &made_approval),
            iat: NumericDate::from(asked.offset.at_service(now)),
            exp: asked.offer.exp,
        };
        // Printed once, so that both keys sign the same bytes.
        let payload = json::print(&claims);
        let left = asked.offer.exp.time().ms() - asked.offset.at_service(now).ms();
        let left = u64::try_from(left).map_err(|_| OfferError::Expired)?;
        let sign = async |alias: &str, key: &PublicKey| {
            let unsigned = Unsigned::with_payload::<wire::EnrolResponse>(key, payload.as_bytes());
            device.sign_until(alias.to_owned(), key, &unsigned, Purpose::Enrol, left).await
        };
        let body = json::print(&wire::EnrolBody {
            device: sign(&device_alias, &device_key).await?,
            approval: sign(&approval_alias, &approval_key).await?,
        });
        let enrolment = Enrolment {
            stage: number_of(Stage::Enrolling),
            issuer: asked.offer.iss.as_str().to_owned(),
            credential: String::new(),
            device_alias,
            approval_alias,
            device_key: device_key.sec1().to_vec().into(),
            approval_key: approval_key.sec1().to_vec().into(),
            service_keys: vec![(asked.service_key.sec1().to_vec().into(), 0)],
            offset_ms: asked.offset.ms(),
            offer: Some(asked.scanned.text().to_owned()),
            body: Some(body.into_bytes().into()),
            offer_exp: asked.offer.exp.time().seconds(),
            check_number: None,
            wake_up: receiver.map(|(endpoint, receiver)| WakeUp::new(endpoint, &receiver)),
            item: None,
            created_ms: now.ms(),
            polled_ms: None,
            woken_ms: None,
            reason: None,
            hardware,
            renew: false,
            rotation: None,
            dialect: 1,
        };
        let names = Names {
            service: asked.service().to_owned(),
            account_name: asked.account_name().to_owned(),
            own_name: None,
            logo: None,
        };
        let (row, called) = (enrolment.clone(), names.clone());
        self.unlocked()?;
        self.push_db(move |db| db.add_enrolment(id, &row, &called)).await?;
        let enrolled = self.send_enrolment(id, &enrolment).await?;
        self.fetch_logo(id, &asked.offer, names).await;
        Ok(enrolled)
    }

    /// Sends the body of an enrolment whose reply was lost once more: the same bytes get the same reply.
    ///
    /// # Errors
    /// As [`Authenticator::enrol`].
    pub async fn resume_enrolment(&self, id: EnrolmentId) -> Result<Enrolled, PushError> {
        self.unlocked()?;
        let row = self.push_db(move |db| db.enrolment(id)).await?;
        if row.stage != Stage::Enrolling {
            return Err(PushError::NoSuchEnrolment);
        }
        let enrolled = self.send_enrolment(id, &row.enrolment).await?;
        if let (Some(names), Ok(offer)) = (row.names, offer_of(&row.enrolment)) {
            self.fetch_logo(id, &offer, names).await;
        }
        Ok(enrolled)
    }

    async fn send_enrolment(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<Enrolled, PushError> {
        let body = enrolment.body.as_ref().ok_or(PushError::NoSuchEnrolment)?;
        let mut tries = 1;
        let reply = loop {
            if self.service_time(id, enrolment).await?.seconds() >= enrolment.offer_exp {
                return self.failed(id, "qr_expired", OfferError::Expired.into()).await;
            }
            match self.call_without_token(id, enrolment, ENROL, "application/json", body).await {
                Err(PushError::Net(error)) if error.may_have_arrived() && tries < TRIES => tries += 1,
                Ok(reply) if reply.status >= 500 && tries < TRIES => tries += 1,
                other => break other?,
            }
            self.push()?.device.wait.wait(PAUSE_MS).await;
        };
        if reply.status == 201 {
            return self.take_in(id, enrolment, &reply).await;
        }
        let code = problem(&reply).code;
        let error = service_error(&reply, code.as_str());
        // Too often or not now is no end; every other refusal is.
        if error.is_passing() {
            return Err(error);
        }
        let reason =
            if code == Code::Other(String::new()) { "refused".to_owned() } else { code.as_str().to_owned() };
        self.failed(id, &reason, error).await
    }

    /// Believes the service's reply, and stores what came: the account first, because the same reply comes again
    /// until the enrolment says that it was taken in.
    async fn take_in(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        reply: &Reply,
    ) -> Result<Enrolled, PushError> {
        let offer = offer_of(enrolment)?;
        let service_key = key_of(&enrolment.service_keys.first().ok_or(PushError::NoSuchEnrolment)?.0)?;
        let thumbprint = |point: &[u8]| key_of(point).map(|key| Jwk(key).thumbprint());
        let (device, approval) = (thumbprint(&enrolment.device_key)?, thumbprint(&enrolment.approval_key)?);
        let (enrolled, number) = check_enrolled(text(reply)?.trim(), &offer, &service_key, device, approval)
            .map_err(|error| match error {
                EnrolledError::Jws(_) => PushError::BadReply("the enrolment is not signed by the service"),
                EnrolledError::Offer => PushError::BadReply("the enrolment is another one's"),
                EnrolledError::Keys => PushError::BadReply("the keys are not this phone's"),
            })?;
        let account = match uri::classify(enrolled.account.expose()) {
            Text::Account(account) => account,
            _ => return Err(PushError::BadReply("the account for codes is none")),
        };
        let item = self.add_account(account).await?;
        let (credential, digits) = (enrolled.aud.to_string(), number.clone());
        self.push_db(move |db| {
            db.happen(id, Event::Enrolled, |kept| {
                kept.credential = credential;
                kept.check_number = Some(digits);
                kept.item = Some(item.bytes().to_vec().into());
                kept.body = None;
            })
        })
        .await?;
        Ok(Enrolled { id, check_number: number, account: item })
    }

    /// Adds the account for codes unless it is there: the same reply may come twice.
    async fn add_account(&self, account: Account) -> Result<ItemId, PushError> {
        let now = self.now().await?;
        self.unlocked()?;
        Ok(self.write(|vault| match vault.find_duplicate(&account)? {
            Duplicate::Same(id) => Ok(id),
            Duplicate::None | Duplicate::SameSecretOtherName(_) | Duplicate::SameNameOtherSecret(_) => {
                vault.add(NewItem::from(account), now)
            }
        })?)
    }

    async fn failed<T>(&self, id: EnrolmentId, reason: &str, error: PushError) -> Result<T, PushError> {
        let reason = reason.to_owned();
        self.push_db(move |db| {
            db.happen(id, Event::Refused, |kept| {
                kept.reason = Some(reason);
                kept.body = None;
            })
        })
        .await?;
        Err(error)
    }

    /// Fetches the logo from the service itself; without it the enrolment is as good.
    async fn fetch_logo(&self, id: EnrolmentId, offer: &wire::Offer, names: Names) {
        let Some(path) =
            offer.logo.as_deref().filter(|path| path.starts_with('/') && !path.starts_with("//"))
        else {
            return;
        };
        let Ok(reply) = self.plain(Verb::Get, &offer.iss.address(path), None).await else { return };
        if reply.status == 200 && is_picture(&reply.body) {
            let names = Names { logo: Some(reply.body.into()), ..names };
            // A logo that is not kept is only not shown.
            let _ = self.push_db(move |db| db.set_names(id, &names)).await;
        }
    }

    /// Calls with nothing of ours in the request.
    async fn plain(&self, method: Verb, url: &str, body: Option<String>) -> Result<Reply, PushError> {
        let body = body.map(|body| ("application/json", body.into_bytes()));
        Ok(self.push()?.device.net.send(Request { method, url, headers: &[], body }).await?)
    }
}

impl WakeUp {
    pub(super) fn new(endpoint: String, receiver: &Receiver) -> Self {
        let (private, auth) = receiver.to_parts();
        Self { endpoint, private: private.expose().to_vec(), auth: auth.expose().to_vec() }
    }
}

/// Reads the stored offer again; it was verified before it was stored.
fn offer_of(enrolment: &Enrolment) -> Result<wire::Offer, PushError> {
    let text = enrolment.offer.as_deref().ok_or(PushError::NoSuchEnrolment)?;
    jws::parse::<wire::Offer>(text)
        .and_then(|message| message.claims_before_verifying())
        .map_err(|_| PushError::NoSuchEnrolment)
}

/// What hardware is asked to put into its attestation: SHA-256 of the texts of `jti` and `nonce`.
fn challenge_of(offer: &wire::Offer) -> Vec<u8> {
    Sha256::digest(format!("{}{}", offer.jti, offer.nonce)).to_vec()
}

fn attestation(device: &MadeKey, approval: &MadeKey) -> Option<wire::Attestation> {
    let (Some(of_device), Some(of_approval)) = (&device.attestation, &approval.attestation) else {
        return None;
    };
    let print = |Attestation { format: _, statement }: &Attestation| URL_SAFE_NO_PAD.encode(statement);
    Some(wire::Attestation {
        fmt: of_device.format.clone(),
        device: print(of_device),
        approval: print(of_approval),
    })
}

fn label(text: &str) -> Result<wire::Label, PushError> {
    text.parse().map_err(|_| PushError::BadReply("a name of this phone is no line for people"))
}

/// Tells whether the bytes are a PNG or JPEG of a size that a screen can take, without unpacking it.
fn is_picture(bytes: &[u8]) -> bool {
    use image::ImageFormat::{Jpeg, Png};
    let format = image::guess_format(bytes);
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes));
    let size = reader.with_guessed_format().ok().and_then(|reader| reader.into_dimensions().ok());
    matches!(format, Ok(Png | Jpeg)) && size.is_some_and(|(width, height)| width <= 1024 && height <= 1024)
}
