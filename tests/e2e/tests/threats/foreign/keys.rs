//! Where the RSA key of a phone without a better place lies: sealed in the vault's folder, and open to a locked phone.

use std::sync::Arc;

use authenticator_core::authenticator::Decision;
use authenticator_core::device::{DeviceKeys, KeyKind, KeyStoreError, MadeKey, Presence, Purpose};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::Outcome;
use klink::soft_keys::SoftKeys;

use super::Foreign;
use crate::world::Phone;

/// The same key store as it was before there were loose keys.
struct Before(SoftKeys);

impl DeviceKeys for Before {
    fn kinds(&self) -> Vec<KeyKind> {
        self.0.kinds()
    }

    fn make(
        &self,
        alias: &str,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<&[u8]>,
    ) -> Result<MadeKey, KeyStoreError> {
        self.0.make(alias, kind, presence, challenge)
    }

    fn sign(&self, alias: &str, message: &[u8], purpose: Purpose) -> Result<Vec<u8>, KeyStoreError> {
        self.0.sign(alias, message, purpose)
    }

    fn put(&self, slot: &str, secret: &SecretBytes, presence: Presence) -> Result<(), KeyStoreError> {
        self.0.put(slot, secret, presence)
    }

    fn get(&self, slot: &str, purpose: Purpose) -> Result<SecretBytes, KeyStoreError> {
        self.0.get(slot, purpose)
    }

    fn delete(&self, alias: &str) -> Result<(), KeyStoreError> {
        self.0.delete(alias)
    }

    fn cancel(&self, alias: &str) {
        self.0.cancel(alias);
    }
}

/// Asks the device's own store for the key of the enrolment.
async fn released(phone: &Phone) -> Option<SecretBytes> {
    let keys = SoftKeys::new(phone.folders.device.clone(), Box::new(|_| Ok(())));
    keys.release(&format!("klink.device.{}", phone.id().await)).unwrap()
}

/// Denies a request while the vault is locked, then unlocks and approves another.
async fn works(foreign: Foreign, nonces: [&str; 2]) -> Foreign {
    foreign.lists(&[foreign.asks(nonces[0], None)]);
    foreign.phone.core.lock();
    let one = foreign.phone.look().await.challenges.remove(0);
    let denied = foreign.phone.core.answer(one.id, Decision::Deny { cancelled: false }).await.unwrap();
    assert_eq!(denied.outcome, Some(Outcome::Denied));
    let foreign = Foreign { phone: foreign.phone.begin_again(), ..foreign };
    foreign.lists(&[foreign.asks(nonces[1], None)]);
    let one = foreign.phone.look().await.challenges.remove(0);
    let number = authenticator_core::authenticator::Number::Nothing;
    let approved = foreign.phone.core.answer(one.id, Decision::Approve { number }).await.unwrap();
    assert_eq!(approved.outcome, Some(Outcome::Approved));
    foreign
}

#[tokio::test]
async fn a_software_key_is_sealed_in_the_vaults_folder_and_nowhere_else() {
    let foreign = Foreign::enrolled().await;
    assert!(released(&foreign.phone).await.is_none());
    works(foreign, ["abcdefgh01", "abcdefgh02"]).await;
}

#[tokio::test]
async fn a_key_that_the_device_kept_moves_into_the_vault_and_the_device_forgets_it() {
    let foreign = Foreign::with(|folders, trust| {
        let keys = Before(SoftKeys::new(folders.device.clone(), Box::new(|_| Ok(()))));
        Phone::with_keys(folders, trust, Arc::new(keys))
    })
    .await;
    foreign.phone.enrol(&foreign.link()).await.unwrap();
    assert!(released(&foreign.phone).await.is_some(), "the control: it lies in the device's file");
    // The next version begins; while it is locked it signs as before.
    let foreign = works(foreign, ["abcdefgh01", "abcdefgh02"]).await;
    assert!(released(&foreign.phone).await.is_none());
    works(foreign, ["abcdefgh03", "abcdefgh04"]).await;
}
