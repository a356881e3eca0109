//! Asking the device: keys on a thread of their own, and the time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use crate::crypto::p256::PublicKey;
use crate::device::{DeviceKeys, KeyKind, KeyStoreError, MadeKey, Presence, Purpose};
use crate::net::Net;
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
    /// Makes a P-256 key and returns its public half.
    pub(super) async fn make(
        &self,
        alias: String,
        presence: Presence,
        challenge: Option<Vec<u8>>,
    ) -> Result<(PublicKey, MadeKey), KeyStoreError> {
        let made =
            self.ask(move |keys| keys.make(&alias, KeyKind::P256, presence, challenge.as_deref())).await?;
        let public = PublicKey::from_spki(&made.spki).map_err(|_| KeyStoreError::HardwareFault)?;
        Ok((public, made))
    }

    /// Signs a message; `key` is the public half, and the signature is checked with it. It comes back as the device
    /// gave it.
    pub(super) async fn sign(
        &self,
        alias: String,
        key: &PublicKey,
        message: Vec<u8>,
        purpose: Purpose,
    ) -> Result<Vec<u8>, KeyStoreError> {
        let signing = message.clone();
        let signature = self.ask(move |keys| keys.sign(&alias, &signing, purpose)).await?;
        let raw = crate::crypto::p256::raw_signature(&signature).map_err(|_| KeyStoreError::HardwareFault)?;
        // A key that was replaced behind our back must not look like one that works.
        if key.verifies(&message, &raw) { Ok(signature) } else { Err(KeyStoreError::Invalidated) }
    }

    /// Signs while a person may be asked, until `ms` milliseconds from now: then the call is cancelled, and a signature
    /// that comes later is thrown away.
    pub(super) async fn sign_until(
        &self,
        alias: String,
        key: &PublicKey,
        message: Vec<u8>,
        purpose: Purpose,
        ms: u64,
    ) -> Result<Vec<u8>, KeyStoreError> {
        let signing = self.sign(alias.clone(), key, message, purpose);
        tokio::select! {
            biased;
            signed = signing => signed,
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
