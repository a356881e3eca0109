//! From a draft to a text that can be sent: which key of the device signs which bytes.

use super::{Authenticator, NoSuch, PushError};
use crate::device::{KeyStoreError, Purpose};
use crate::push::dialects::{Dialect, Draft, Known, Signer};
use crate::push::jws::Unsigned;
use crate::push::keys::PhoneKey;
use crate::time::UnixTime;
use crate::vault::push_db::Enrolment;

/// A key that is not in the enrolment's row yet: its name, and what is stored of it.
pub(super) type NewKey<'a> = (&'a str, &'a [u8]);

impl Authenticator {
    /// Has the device sign a draft, and returns the text to send. With `ms` a person may be asked, for so long.
    pub(super) async fn sign(
        &self,
        enrolment: &Enrolment,
        draft: Draft,
        new: Option<NewKey<'_>>,
        purpose: Purpose,
        ms: Option<u64>,
    ) -> Result<String, PushError> {
        let device = &self.push()?.device;
        let mut signatures = Vec::new();
        for (signer, bytes) in draft.parts() {
            let (alias, key): NewKey<'_> = match signer {
                Signer::Device | Signer::Gated => (&enrolment.device_alias, &enrolment.device_key),
                Signer::Approval => (&enrolment.approval_alias, &enrolment.approval_key),
                Signer::New => new.ok_or(NoSuch::Enrolment)?,
            };
            if signer == Signer::Gated {
                // What it holds is of no use to anybody; that it came out is what counts.
                let gate = enrolment.approval_alias.clone();
                let got = device.get(gate.clone(), purpose);
                match ms {
                    Some(ms) => device.until(ms, gate, got).await?,
                    None => got.await?,
                };
            }
            let (alias, key) = (alias.to_owned(), PhoneKey::from_stored(key).ok_or(NoSuch::Enrolment)?);
            let loose = match signer {
                Signer::Device | Signer::Gated => enrolment.loose.as_ref(),
                Signer::Approval | Signer::New => None,
            };
            signatures.push(match (loose, ms) {
                (Some(loose), _) => device.sign_loose(loose.private(), &key, bytes).await?,
                (None, Some(ms)) => {
                    device.until(ms, alias.clone(), device.sign(alias, &key, bytes, purpose)).await?
                }
                (None, None) => device.sign(alias, &key, bytes, purpose).await?,
            });
        }
        Ok(draft.finish(&signatures).map_err(|_| KeyStoreError::HardwareFault)?)
    }

    /// Signs one message of our own dialect with the device key.
    pub(super) async fn sign_jws_by_device(
        &self,
        enrolment: &Enrolment,
        unsigned: &Unsigned,
    ) -> Result<String, PushError> {
        let draft = Draft::jws(Signer::Device, unsigned.clone());
        self.sign(enrolment, draft, None, Purpose::Device, None).await
    }
}

/// Returns which protocol an enrolment's service speaks.
pub(super) fn dialect_of(enrolment: &Enrolment) -> Result<Dialect, PushError> {
    Dialect::of(enrolment.dialect).ok_or(PushError::UpdateApp)
}

/// Returns what a dialect needs to know of an enrolment; of the service's keys those that count at `at`.
pub(super) fn known(enrolment: &Enrolment, at: UnixTime) -> Known<'_> {
    let counts = |ends: i64| ends == 0 || at.seconds() < ends;
    Known {
        service: &enrolment.issuer,
        credential: &enrolment.credential,
        device_key: &enrolment.device_key,
        approval_key: &enrolment.approval_key,
        hardware: enrolment.hardware,
        service_keys: enrolment
            .service_keys
            .iter()
            .filter(|(_, ends)| counts(*ends))
            .map(|(key, _)| key.as_slice())
            .collect(),
    }
}
