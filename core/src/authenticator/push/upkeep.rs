//! Flow: what keeps an enrolment alive: keys in other keys' places, tests, and the end of it.

use super::calling::{bare, key_of, origin_of, read};
use super::challenges::pins;
use super::signing::{dialect_of, known};
use super::{Authenticator, NoSuch, PushError};
use crate::crypto::p256::PublicKey;
use crate::crypto::random;
use crate::device::{Presence, Purpose};
use crate::push::dialects::{Dialect, Method, Sending, Upkeep, ours};
use crate::push::enrolment::{Event, Stage};
use crate::push::ids::Id;
use crate::push::jwk::Jwk;
use crate::push::upkeep::follow;
use crate::push::wire::{self, NumericDate};
use crate::time::UnixTime;
use crate::vault::VaultError;
use crate::vault::push_db::{Enrolment, EnrolmentId, EnrolmentRow, Names, Rotation};

/// One of this phone's two keys at a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WhichKey {
    /// The key without a prompt.
    Device,
    /// The key that asks for presence.
    Approval,
}

/// A test that this phone asked for: the request comes like any other, with this number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TestPush {
    /// The request that will come.
    pub request: Id,
    /// What to type.
    pub number: String,
}

impl Authenticator {
    /// Asks the service for a test of an enrolment that is active.
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::Service`] (429: too many), [`PushError::Net`].
    pub async fn test_push(&self, id: EnrolmentId) -> Result<TestPush, PushError> {
        let row = self.working(id).await?;
        self.only_ours(&row)?;
        let reply = self.call(id, &row.enrolment, bare(&row.enrolment, Method::Post, ours::TEST)).await?;
        let wire::TestReply { jti, matching } = read(&reply)?;
        Ok(TestPush { request: jti, number: matching })
    }

    /// Puts a new key in a key's place. A lost approval key is made anew while the service allows it (`renew`): then the
    /// device key stands for the old one, and a test must be approved before it works again.
    ///
    /// # Errors
    /// [`PushError::NoSuch`]; [`PushError::Service`] with `not_permitted`; [`PushError::Net`]: what was signed
    /// is stored, and the next call sends the same bytes; [`PushError::KeyStore`].
    pub async fn rotate_key(&self, id: EnrolmentId, which: WhichKey) -> Result<(), PushError> {
        let row = self.working(id).await?;
        self.only_ours(&row)?;
        let at = self.service_time(id, &row.enrolment).await?;
        let stored = row.enrolment.rotation.clone().filter(|rotation| {
            rotation.approval == (which == WhichKey::Approval) && at.seconds() < rotation.exp
        });
        let rotation = match stored {
            Some(rotation) => rotation,
            None => self.sign_rotation(&row, which, at).await?,
        };
        let dialect = dialect_of(&row.enrolment)?;
        let message = dialect.message(&row.enrolment.issuer, &Sending::NewKey, rotation.body.to_vec());
        let message = message.ok_or(NoSuch::Enrolment)?;
        let reply = match self.call(id, &row.enrolment, message).await {
            Ok(reply) => reply,
            // The old device key is known no more: the reply to an earlier sending was lost.
            Err(PushError::Service { status: 401, code, .. })
                if which == WhichKey::Device && code == wire::OauthCode::InvalidClient.as_str() =>
            {
                return self.take_device_key(&row, rotation).await;
            }
            Err(error) => return Err(error),
        };
        let keys: wire::RotateReply = read(&reply)?;
        let thumbprint = |point: &[u8]| key_of(point).map(|key| Jwk(key).thumbprint());
        let new = thumbprint(&rotation.key)?;
        let expected = match which {
            WhichKey::Device => (new, thumbprint(&row.enrolment.approval_key)?),
            WhichKey::Approval => (thumbprint(&row.enrolment.device_key)?, new),
        };
        if (keys.jkt_d, keys.jkt_a) != expected {
            return Err(PushError::BadReply("the keys are not this phone's"));
        }
        self.take_key(&row, rotation).await
    }

    /// Ends an enrolment at its service, and then here.
    ///
    /// # Errors
    /// [`PushError::NoSuch`]; [`PushError::Service`], [`PushError::Net`]: it stays, call again, or remove it
    /// here alone with [`Authenticator::remove_enrolment`].
    pub async fn unenrol(&self, id: EnrolmentId) -> Result<(), PushError> {
        let row = self.push_db(move |db| db.enrolment(id)).await?;
        // Other people's servers have no such call: an administrator takes the token away there.
        if row.stage.polls() && dialect_of(&row.enrolment)? == Dialect::Klink {
            match self.call(id, &row.enrolment, bare(&row.enrolment, Method::Delete, ours::DEVICE)).await {
                // Gone there is as good as asked for.
                Ok(_) | Err(PushError::Revoked) => {}
                Err(error) => return Err(error),
            }
        }
        self.remove_enrolment(id).await
    }

    /// Removes an enrolment from this phone alone, with its keys. Its account for codes stays in the vault. What woke
    /// this phone for it ends at the relay, without being waited for.
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::Vault`].
    pub async fn remove_enrolment(&self, id: EnrolmentId) -> Result<(), PushError> {
        let row = self.push_db(move |db| db.enrolment(id)).await?;
        self.push_db(move |db| db.remove_enrolment(id)).await?;
        self.forget_calls(id)?;
        self.push()?.state().open.retain(|one| one.challenge.id.enrolment != id);
        self.end_subscriptions(row.enrolment.at_relays());
        let rotated = row.enrolment.rotation.map(|rotation| rotation.alias);
        for alias in [row.enrolment.device_alias, row.enrolment.approval_alias].into_iter().chain(rotated) {
            // A key that stays behind opens nothing any more.
            let _ = self.push()?.device.delete(alias).await;
        }
        Ok(())
    }

    /// Gives an enrolment a name of the user's own; an empty one takes it away.
    ///
    /// # Errors
    /// [`PushError::Locked`], [`PushError::NoSuch`], [`PushError::Vault`].
    pub async fn rename_enrolment(&self, id: EnrolmentId, name: &str) -> Result<(), PushError> {
        self.unlocked()?;
        let name = name.trim().to_owned();
        let renamed = self.push_db(move |db| {
            let names = db.enrolment(id)?.names.unwrap_or_default();
            db.set_names(id, &Names { own_name: (!name.is_empty()).then_some(name), ..names })
        });
        match renamed.await {
            // A lock came in between: names are written with the vault's key.
            Err(PushError::Vault(VaultError::WrongKey)) => Err(PushError::Locked),
            other => other,
        }
    }

    /// Announces no request of an enrolment before `until`; a moment that is past ends that.
    ///
    /// # Errors
    /// [`PushError::NoSuch`], [`PushError::Vault`].
    pub async fn mute(&self, id: EnrolmentId, until: UnixTime) -> Result<(), PushError> {
        self.push_db(move |db| {
            db.enrolment(id)?;
            let mut quiet = db.quiet(id)?;
            quiet.until_ms = until.ms();
            db.set_quiet(id, &quiet)
        })
        .await
    }

    /// Follows the service's keys from those that are pinned, and pins what it finds.
    pub(super) async fn follow_service_keys(&self, row: &EnrolmentRow) -> Result<Vec<PublicKey>, PushError> {
        let message = bare(&row.enrolment, Method::Get, ours::SERVICE_KEYS);
        let reply = self.call(row.id, &row.enrolment, message).await?;
        let chain: wire::ServiceKeys = read(&reply)?;
        let at = self.service_time(row.id, &row.enrolment).await?;
        let issuer = origin_of(&row.enrolment)?;
        let found = follow(&chain, &pins(&row.enrolment)?, &issuer, at);
        let id = row.id;
        let kept = found.iter().map(|(key, ends)| (key.sec1().to_vec().into(), *ends)).collect();
        self.push_db(move |db| db.change_enrolment(id, |enrolment| enrolment.service_keys = kept)).await?;
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }

    /// Makes the new key, has old and new sign, and stores both before anything is sent.
    async fn sign_rotation(
        &self,
        row: &EnrolmentRow,
        which: WhichKey,
        at: UnixTime,
    ) -> Result<Rotation, PushError> {
        let enrolment = &row.enrolment;
        let renewed = which == WhichKey::Approval && enrolment.renew;
        let (name, presence, which) = match which {
            WhichKey::Device => ("device", Presence::None, wire::WhichKey::Device),
            WhichKey::Approval => ("approval", Presence::EachUse, wire::WhichKey::Approval),
        };
        let number: [u8; 4] = random::make_array()?;
        let alias = format!("klink.{name}.{}.{:08x}", row.id, u32::from_be_bytes(number));
        let (key, _) = self.push()?.device.make_p256(alias.clone(), presence, None).await?;
        let what = Upkeep::NewKey { which, new: key.sec1(), renewed };
        let draft = dialect_of(enrolment)?.upkeep(&what, &known(enrolment, at), at, Id::make()?)?;
        let draft = draft.ok_or(NoSuch::Enrolment)?;
        let body = self.sign(enrolment, draft, Some((&alias, key.sec1())), Purpose::Rotate, None).await?;
        let rotation = Rotation {
            approval: which == wire::WhichKey::Approval,
            alias,
            key: key.sec1().to_vec().into(),
            body: body.into_bytes().into(),
            exp: NumericDate::from(at).plus_s(ours::UPKEEP_S).time().seconds(),
            renewed,
        };
        let (id, kept) = (row.id, rotation.clone());
        self.push_db(move |db| db.change_enrolment(id, |enrolment| enrolment.rotation = Some(kept))).await?;
        Ok(rotation)
    }

    /// Tries whether the service knows the new device key; only then it takes the old one's place here.
    async fn take_device_key(&self, row: &EnrolmentRow, rotation: Rotation) -> Result<(), PushError> {
        let mut enrolment = row.enrolment.clone();
        enrolment.device_alias = rotation.alias.clone();
        enrolment.device_key = rotation.key.clone();
        self.forget_calls(row.id)?;
        self.poll(row.id, &enrolment).await?;
        self.take_key(row, rotation).await
    }

    /// Takes the new key in use, and deletes the old one.
    async fn take_key(&self, row: &EnrolmentRow, rotation: Rotation) -> Result<(), PushError> {
        let Rotation { approval, alias, key, body: _, exp: _, renewed } = rotation;
        let id = row.id;
        self.push_db(move |db| {
            let take = |enrolment: &mut Enrolment| {
                enrolment.rotation = None;
                if approval {
                    enrolment.approval_alias = alias;
                    enrolment.approval_key = key;
                    enrolment.renew = false;
                } else {
                    enrolment.device_alias = alias;
                    enrolment.device_key = key;
                }
            };
            // A lost key that was made anew is good for tests until one is approved.
            if renewed { db.happen(id, Event::ApprovalKeyMade, take) } else { db.change_enrolment(id, take) }
        })
        .await?;
        self.forget_calls(id)?;
        let old = if approval { &row.enrolment.approval_alias } else { &row.enrolment.device_alias };
        // A key that stays behind opens nothing any more.
        let _ = self.push()?.device.delete(old.clone()).await;
        Ok(())
    }

    /// Refuses what only our own service offers.
    fn only_ours(&self, row: &EnrolmentRow) -> Result<(), PushError> {
        match dialect_of(&row.enrolment)? {
            Dialect::Klink => Ok(()),
            Dialect::PrivacyIdea | Dialect::EduMfa => Err(NoSuch::Enrolment.into()),
        }
    }

    /// Returns an enrolment that its service knows.
    pub(super) async fn working(&self, id: EnrolmentId) -> Result<EnrolmentRow, PushError> {
        let row = self.push_db(move |db| db.enrolment(id)).await?;
        match row.stage {
            Stage::PendingTest | Stage::Active | Stage::NeedsApprovalKey => Ok(row),
            Stage::Revoked => Err(PushError::Revoked),
            Stage::Enrolling | Stage::Failed => Err(NoSuch::Enrolment.into()),
        }
    }
}
