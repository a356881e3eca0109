//! What a widget, AutoFill and a notification's extension get and leave. No Rust runs in any of them.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use authenticator_core::authenticator::{Spool, SpoolError};

use crate::authenticator::Authenticator;
use crate::error::{StorageTrouble, VaultError};
use crate::records::{PackPlan, Packed, SpoolMessage, at};

#[uniffi::export]
impl Authenticator {
    /// Returns the 32 bytes that packs are sealed with (ChaCha20-Poly1305), to be kept where the app's extensions reach
    /// them: a shared Keychain group, a key of the Keystore's. They open packs and nothing else.
    pub async fn pack_key(self: Arc<Self>) -> Result<Vec<u8>, VaultError> {
        self.look(|own| Ok(own.core.pack_key()?.expose().to_vec())).await
    }

    /// Writes a pack of codes for a widget or for AutoFill to a file, in one step, and says what is in it. No seed is in
    /// it, and no code that counts.
    pub async fn write_pack(
        self: Arc<Self>,
        path: String,
        plan: PackPlan,
        at_ms: i64,
    ) -> Result<Packed, VaultError> {
        self.look(move |own| {
            let plan = plan.try_into()?;
            Ok(own.core.write_pack(&PathBuf::from(path), &plan, at(at_ms))?.into())
        })
        .await
    }

    /// Takes every message that an extension left in a folder; those of a run that was killed come first, and again.
    /// An extension writes `<32 hex digits>.msg` in one step. Works while locked.
    pub async fn take_spool(self: Arc<Self>, folder: String) -> Result<Vec<SpoolMessage>, VaultError> {
        self.look(move |_| {
            Ok(Spool::new(PathBuf::from(folder)).take()?.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// Says that a message was dealt with; it is not handed out again.
    pub async fn spool_done(self: Arc<Self>, folder: String, id: String) -> Result<(), VaultError> {
        self.look(move |_| {
            // A text that is no id names no message: it is done.
            let Ok(id) = id.parse() else { return Ok(()) };
            Ok(Spool::new(PathBuf::from(folder)).done(id)?)
        })
        .await
    }
}

impl From<SpoolError> for VaultError {
    fn from(error: SpoolError) -> Self {
        let why = match error {
            SpoolError::TooLarge(_) => StorageTrouble::TooLarge,
            SpoolError::Full(_) | SpoolError::Io(ErrorKind::StorageFull) => StorageTrouble::DiskFull,
            SpoolError::Io(_) => StorageTrouble::NotReadable,
            SpoolError::Random(_) => StorageTrouble::NoRandomness,
        };
        Self::Storage { why }
    }
}
