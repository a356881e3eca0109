//! Flow: from the scanned offer to an enrolment that waits for its test.
//!
//! First the host alone, then a key set that is fetched with nothing of ours, then organisation and account; only
//! after the second yes are keys made, and the finished body is on the disk before it is sent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::calling::{refusal_of, service_error, text};
use super::offer::{Asked, Enrolled, Offered, PhoneInfo, PushAddress};
use super::signing::{dialect_of, known};
use super::{Authenticator, NoSuch, PushError, again};
use crate::account::Account;
use crate::crypto::random;
use crate::device::{Attestation, MadeKey, Presence, Purpose};
use crate::net::Reply;
use crate::push::clock::Offset;
use crate::push::dialects::{Dialect, Keys, Message, Method, NewPhone, Offer, Sending, Taken, ours};
use crate::push::enrolment::{Event, OfferError, Stage};
use crate::push::json;
use crate::push::wakeup::Receiver;
use crate::push::wire;
use crate::uri::{self, Text};
use crate::vault::push_db::{Enrolment, EnrolmentId, Loose, Names, WakeUp, number_of};
use crate::vault::{Duplicate, ItemId, NewItem};

/// How often the same body is sent when the reply was lost.
const TRIES: usize = 3;
const PAUSE_MS: u64 = 1_000;

impl Authenticator {
    /// Reads a scanned or pasted offer. Nothing is sent; show the host, and ask.
    ///
    /// # Errors
    /// [`PushError::Offer`], [`PushError::Net`] for a host that this app does not talk to.
    pub fn offer(&self, text: &str) -> Result<Offered, PushError> {
        let offer = Offer::parse(text)?;
        self.push()?.device.net.check(offer.origin().as_str())?;
        Ok(Offered { offer })
    }

    /// Fetches the offer behind a code of 12 characters that a person typed with the host it stands under.
    ///
    /// # Errors
    /// As [`Authenticator::offer`]; [`PushError::Service`] with `unknown_code`.
    pub async fn offer_by_code(&self, host: &str, code: &str) -> Result<Offered, PushError> {
        let origin: wire::Origin =
            format!("https://{}", host.trim()).parse().map_err(|_| OfferError::Link)?;
        let body = json::print(&wire::OfferBody { code: code.trim().to_owned() });
        let message = Message {
            method: Method::Post,
            url: origin.address(ours::OFFER),
            body: Some(("application/json", body.into_bytes())),
        };
        let reply = self.plain(&message, &[]).await?;
        if reply.status != 200 {
            return Err(service_error(&reply, &refusal_of(Dialect::Klink, &reply).code));
        }
        let offered = self.offer(&format!("pushenrol:#{}", text(&reply)?.trim()))?;
        if *offered.offer.origin() == origin { Ok(offered) } else { Err(OfferError::Host.into()) }
    }

    /// Fetches the service's keys, with nothing of ours in the request, and verifies the offer with them. Show
    /// organisation and account, and ask again. An offer that takes keys alone which this device cannot hold is
    /// refused here, before anybody is asked.
    ///
    /// # Errors
    /// [`PushError::Offer`], [`PushError::KeyStore`], [`PushError::Net`], [`PushError::Service`].
    pub async fn check_offer(&self, offered: &Offered) -> Result<Asked, PushError> {
        let offer = offered.offer.clone();
        let (keys, offset) = match offer.keys_at() {
            Some(url) => self.keys_of(url).await?,
            None => (Vec::new(), Offset::default()),
        };
        let believed = offer.believe(&keys, offset.at_service(self.now().await?))?;
        let held = self.push()?.device.ask(|keys| Ok(keys.kinds())).await?;
        if !held.contains(&believed.keys().kind()) {
            return Err(OfferError::KeyKind.into());
        }
        Ok(Asked { offer, believed, offset })
    }

    /// Fetches the keys that vouch for an offer, and learns the service's clock.
    async fn keys_of(&self, url: String) -> Result<(Vec<u8>, Offset), PushError> {
        let reply = self.plain(&Message { method: Method::Get, url, body: None }, &[]).await?;
        if reply.status != 200 {
            return Err(service_error(&reply, &refusal_of(Dialect::Klink, &reply).code));
        }
        let now = self.now().await?;
        let offset = reply.header("date").and_then(|date| Offset::learn(date, now)).unwrap_or_default();
        Ok((reply.body, offset))
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
        let aliases = [format!("klink.device.{id}"), format!("klink.approval.{id}")];
        let (enrolment, names) = match self.begin_enrolment(id, &aliases, asked, phone).await {
            Ok(begun) => begun,
            Err(error) => {
                self.forget_keys_of_nothing(id, aliases).await;
                return Err(error);
            }
        };
        let enrolled = self.send_enrolment(id, &enrolment).await?;
        self.fetch_logo(id, asked.believed.logo(), names).await;
        Ok(enrolled)
    }

    /// Makes the keys, signs the body and stores it; nothing is sent.
    async fn begin_enrolment(
        &self,
        id: EnrolmentId,
        aliases: &[String; 2],
        asked: &Asked,
        phone: &PhoneInfo,
    ) -> Result<(Enrolment, Names), PushError> {
        let [device_alias, approval_alias] = aliases.clone();
        let device = &self.push()?.device;
        let challenge = asked.believed.attestation_challenge();
        let kind = asked.believed.keys().kind();
        let loose = match asked.believed.keys() {
            Keys::Two => None,
            Keys::Gated(kind) => device.make_loose(kind).await?,
        };
        let (device_key, made_device, loose) = match loose {
            Some((key, private)) => (key, None, Some(Loose::new(&private))),
            None => {
                let made = device.make(device_alias.clone(), kind, Presence::None, challenge.clone()).await?;
                (made.0, Some(made.1), None)
            }
        };
        let (approval_key, made_approval) = match asked.believed.keys() {
            Keys::Two => {
                let (key, made) =
                    device.make_p256(approval_alias.clone(), Presence::EachUse, challenge).await?;
                (Some(key), Some(made))
            }
            // One key signs all: before an approval this must come out, and only a person gets it out.
            Keys::Gated(_) => {
                let gate = random::make_secret(32)?;
                device.put(approval_alias.clone(), gate, Presence::EachUse).await?;
                (None, None)
            }
        };
        let receiver = match &phone.push {
            PushAddress::None => None,
            PushAddress::WebPush { endpoint } => Some((endpoint.clone(), Receiver::make()?)),
        };
        let relayed = receiver.as_ref().is_some_and(|(endpoint, _)| self.is_of_relay(endpoint));
        let now = self.now().await?;
        let hardware = made_device.as_ref().is_some_and(|made| made.hardware)
            && made_approval.as_ref().is_none_or(|made| made.hardware);
        let draft = asked.believed.enrol(
            &NewPhone {
                name: label(&phone.name)?,
                os: label(&phone.os)?,
                app: label(&phone.app)?,
                push: receiver.as_ref().map_or(wire::PushAddress::None, |(endpoint, receiver)| {
                    wire::PushAddress::webpush(endpoint, &receiver.subscription())
                }),
                device_key: device_key.clone(),
                approval_key,
                hardware,
                attestation: made_device
                    .zip(made_approval)
                    .and_then(|(one, other)| attestation(&one, &other)),
            },
            asked.offset.at_service(now),
        )?;
        let enrolment = Enrolment {
            stage: number_of(Stage::Enrolling),
            issuer: asked.offer.service().to_owned(),
            credential: String::new(),
            device_alias,
            approval_alias,
            device_key: device_key.to_stored().into(),
            approval_key: approval_key.map_or_else(Vec::new, |key| key.sec1().to_vec()).into(),
            service_keys: asked.believed.service_key().into_iter().map(|key| (key.into(), 0)).collect(),
            offset_ms: asked.offset.ms(),
            offer: Some(asked.offer.text().to_owned()),
            body: None,
            offer_exp: asked.believed.exp().seconds(),
            check_number: None,
            wake_up: receiver.map(|(endpoint, receiver)| WakeUp::new(endpoint, relayed, &receiver)),
            item: None,
            created_ms: now.ms(),
            polled_ms: None,
            woken_ms: None,
            reason: None,
            hardware,
            renew: false,
            rotation: None,
            dialect: asked.believed.dialect().number(),
            loose,
            leaving: None,
        };
        let left = asked.believed.exp().ms() - asked.offset.at_service(now).ms();
        let left = u64::try_from(left).map_err(|_| OfferError::Expired)?;
        let body = self.sign(&enrolment, draft, None, Purpose::Enrol, Some(left)).await?;
        let enrolment = Enrolment { body: Some(body.into_bytes().into()), ..enrolment };
        let names = Names {
            service: asked.service().to_owned(),
            account_name: asked.account_name().to_owned(),
            own_name: None,
            logo: None,
        };
        let (row, called) = (enrolment.clone(), names.clone());
        self.unlocked()?;
        self.push_db(move |db| db.add_enrolment(id, &row, &called)).await?;
        Ok((enrolment, names))
    }

    /// Deletes keys that were made for an enrolment which never came to be: without a row nobody would ever find them.
    async fn forget_keys_of_nothing(&self, id: EnrolmentId, aliases: [String; 2]) {
        if self.push_db(move |db| db.enrolment(id)).await.is_ok() {
            return;
        }
        let Ok(push) = self.push() else { return };
        for alias in aliases {
            // Where the key store refuses, a key that opens nothing stays.
            let _ = push.device.delete(alias).await;
        }
    }

    /// Sends the body of an enrolment whose reply was lost once more: the same bytes get the same reply.
    ///
    /// # Errors
    /// As [`Authenticator::enrol`].
    pub async fn resume_enrolment(&self, id: EnrolmentId) -> Result<Enrolled, PushError> {
        self.unlocked()?;
        let row = self.push_db(move |db| db.enrolment(id)).await?;
        if row.stage != Stage::Enrolling {
            return Err(NoSuch::Enrolment.into());
        }
        let enrolled = self.send_enrolment(id, &row.enrolment).await?;
        if let (Some(names), Some(logo)) = (row.names, row.enrolment.offer.as_deref().and_then(ours::logo_of))
        {
            self.fetch_logo(id, Some(logo), names).await;
        }
        Ok(enrolled)
    }

    async fn send_enrolment(&self, id: EnrolmentId, enrolment: &Enrolment) -> Result<Enrolled, PushError> {
        let body = enrolment.body.as_ref().ok_or(NoSuch::Enrolment)?;
        let dialect = dialect_of(enrolment)?;
        let mut tries = 1;
        let reply = loop {
            if self.service_time(id, enrolment).await?.seconds() >= enrolment.offer_exp {
                return self.failed(id, "qr_expired", OfferError::Expired.into()).await;
            }
            let message = dialect.message(&enrolment.issuer, &Sending::Enrol, body.to_vec());
            let message = message.ok_or(NoSuch::Enrolment)?;
            match self.call_without_token(id, enrolment, message).await {
                Err(PushError::Net(error)) if error.may_have_arrived() && tries < TRIES => tries += 1,
                Ok(reply) if reply.status >= 500 && tries < TRIES => tries += 1,
                other => break other?,
            }
            self.push()?.device.wait.wait(PAUSE_MS).await;
        };
        if matches!(reply.status, 200 | 201) {
            return self.take_in(id, enrolment, &reply).await;
        }
        let code = refusal_of(dialect, &reply).code;
        let error = service_error(&reply, &code);
        // Too often or not now is no end; every other refusal is.
        if error.is_passing() {
            return Err(error);
        }
        let reason = if code.is_empty() { "refused" } else { &code };
        self.failed(id, reason, error).await
    }

    /// Believes the service's reply, and stores what came: the account first, because the same reply comes again
    /// until the enrolment says that it was taken in.
    async fn take_in(
        &self,
        id: EnrolmentId,
        enrolment: &Enrolment,
        reply: &Reply,
    ) -> Result<Enrolled, PushError> {
        let offer = enrolment.offer.as_deref().ok_or(NoSuch::Enrolment)?;
        let at = self.service_time(id, enrolment).await?;
        let taken = dialect_of(enrolment)?.enrolled(&reply.body, offer, &known(enrolment, at))?;
        let account = match taken.account.as_ref().map(|text| uri::classify(text.expose())) {
            None => None,
            Some(Text::Account(mut account)) => {
                again::remember(&mut account, enrolment.host());
                Some(self.add_account(account).await?)
            }
            Some(_) => return Err(PushError::BadReply("the account for codes is none")),
        };
        let Taken { credential, check_number: number, account: _, service_key, works } = taken;
        let check_number = number.clone();
        self.push_db(move |db| {
            db.happen(id, Event::Enrolled, |kept| {
                kept.credential = credential;
                kept.check_number = check_number;
                kept.item = account.map(|item| item.bytes().to_vec().into());
                kept.body = None;
                if let Some(key) = service_key {
                    // What was scanned is a secret that was used up; only the key counts from now on.
                    kept.offer = None;
                    kept.service_keys = vec![(key.into(), 0)];
                }
            })?;
            if works { db.happen(id, Event::TestApproved, |_| {}) } else { Ok(()) }
        })
        .await?;
        Ok(Enrolled { id, check_number: number, account })
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
    async fn fetch_logo(&self, id: EnrolmentId, logo: Option<String>, names: Names) {
        let Some(url) = logo else { return };
        let Ok(reply) = self.plain(&Message { method: Method::Get, url, body: None }, &[]).await else {
            return;
        };
        if reply.status == 200 && is_picture(&reply.body) {
            let names = Names { logo: Some(reply.body.into()), ..names };
            // A logo that is not kept is only not shown.
            let _ = self.push_db(move |db| db.set_names(id, &names)).await;
        }
    }
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
