//! Asking the device: keys on a thread of their own, and the time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use crate::crypto::p256::PublicKey;
use crate::device::{DeviceKeys, KeyKind, KeyStoreError, LooseKey, MadeKey, Presence, Purpose};
use crate::net::Net;
use crate::push::keys::PhoneKey;
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// What a shell gives the core for push.
pub struct Device {
    /// The device's keys.
    pub keys: Arc<dyn DeviceKeys>,
    /// The network.
    pub net: Net,
    /// The time.
    pub wait: Arc<dyn Wait>,
}

/// Waits for the core, which has no timer and no clock of its own.
pub trait Wait: Send + Sync {
    /// Resolves `ms` milliseconds from now with the time then; 0 asks for the time alone.
    fn wait(&self, ms: u64) -> Pin<Box<dyn Future<Output = UnixTime> + Send>>;
}

/// How often a call is made that ends in a hardware fault.
const TRIES: u32 = 3;

impl Device {
    /// Makes a key and returns its public half.
    pub(super) async fn make(
        &self,
        alias: String,
        kind: KeyKind,
        presence: Presence,
        challenge: Option<Vec<u8>>,
    ) -> Result<(PhoneKey, MadeKey), KeyStoreError> {
        let made = self.ask(move |keys| keys.make(&alias, kind, presence, challenge.as_deref())).await?;
        let public = PhoneKey::of_device(kind, &made.spki).ok_or(KeyStoreError::HardwareFault)?;
        Ok((public, made))
    }

    /// Makes a P-256 key.
    pub(super) async fn make_p256(
        &self,
        alias: String,
        presence: Presence,
        challenge: Option<Vec<u8>>,
    ) -> Result<(PublicKey, MadeKey), KeyStoreError> {
        match self.make(alias, KeyKind::P256, presence, challenge).await? {
            (PhoneKey::P256(public), made) => Ok((public, made)),
            (PhoneKey::Rsa(..), _) => Err(KeyStoreError::HardwareFault),
        }
    }

    /// Signs a message; `key` is the public half, and the signature is checked with it. It comes back as the device
    /// gave it.
    pub(super) async fn sign(
        &self,
        alias: String,
        key: &PhoneKey,
        message: Vec<u8>,
        purpose: Purpose,
    ) -> Result<Vec<u8>, KeyStoreError> {
        let signing = message.clone();
        let signature = self.ask(move |keys| keys.sign(&alias, &signing, purpose)).await?;
        checked(key, &message, signature)
    }

    /// Makes a key that the vault keeps, where the device keeps none of its kind.
    pub(super) async fn make_loose(
        &self,
        kind: KeyKind,
    ) -> Result<Option<(PhoneKey, SecretBytes)>, KeyStoreError> {
        let Some(LooseKey { spki, private }) = self.ask(move |keys| keys.make_loose(kind)).await? else {
            return Ok(None);
        };
        let public = PhoneKey::of_device(kind, &spki).ok_or(KeyStoreError::HardwareFault)?;
        Ok(Some((public, private)))
    }

    /// Signs a message with a key that the vault keeps.
    pub(super) async fn sign_loose(
        &self,
        private: SecretBytes,
        key: &PhoneKey,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, KeyStoreError> {
        let signing = message.clone();
        let signature = self.ask(move |keys| keys.sign_loose(&private, &signing)).await?;
        checked(key, &message, signature)
    }

    /// Lets a person be asked about `alias` until `ms` milliseconds from now: then the call is cancelled, and what comes
    /// later is thrown away.
    pub(super) async fn until<T>(
        &self,
        ms: u64,
        alias: String,
        call: impl Future<Output = Result<T, KeyStoreError>>,
    ) -> Result<T, KeyStoreError> {
        tokio::select! {
            biased;
            done = call => done,
            _ = self.wait.wait(ms) => {
                let keys = Arc::clone(&self.keys);
                on_own_thread(move || { keys.cancel(&alias); Ok(()) }).await?;
                Err(KeyStoreError::Cancelled)
            }
        }
    }

    pub(super) async fn get(&self, slot: String, purpose: Purpose) -> Result<SecretBytes, KeyStoreError> {
        self.ask(move |keys| keys.get(&slot, purpose)).await
    }

    pub(super) async fn put(
        &self,
        slot: String,
        secret: SecretBytes,
        presence: Presence,
    ) -> Result<(), KeyStoreError> {
        self.ask(move |keys| keys.put(&slot, &secret, presence)).await
    }

    pub(in crate::authenticator) async fn delete(&self, alias: String) -> Result<(), KeyStoreError> {
        self.ask(move |keys| keys.delete(&alias)).await
    }

    /// Makes one call on a thread of its own; a hardware fault is tried three times.
    pub(in crate::authenticator) async fn ask<T: Send + 'static>(
        &self,
        call: impl Fn(&dyn DeviceKeys) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let keys = Arc::clone(&self.keys);
        on_own_thread(move || {
            let mut tries = 1;
            loop {
                match call(&*keys) {
                    Err(KeyStoreError::HardwareFault) if tries < TRIES => tries += 1,
                    result => return result,
                }
            }
        })
        .await
    }
}

/// A key that was replaced behind our back must not look like one that works.
fn checked(key: &PhoneKey, message: &[u8], signature: Vec<u8>) -> Result<Vec<u8>, KeyStoreError> {
    if key.verifies(message, &signature) { Ok(signature) } else { Err(KeyStoreError::Invalidated) }
}

async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let (tell, told) = oneshot::channel();
    let started = thread::Builder::new().name("klink-keys".to_owned()).spawn(move || {
        // Nobody listens any more when the caller was cancelled: the result is thrown away.
        let _ = tell.send(work());
    });
    if started.is_err() {
        return Err(KeyStoreError::Unavailable);
    }
    // A thread that ends without an answer has panicked in the shell's code.
    told.await.unwrap_or(Err(KeyStoreError::HardwareFault))
}
