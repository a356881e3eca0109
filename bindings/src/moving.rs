//! Accounts to another device, and from one.

use std::sync::Arc;

use crate::authenticator::Authenticator;
use crate::error::{PushError, TransferError, VaultError};
use crate::records::{Comparison, Handed, Incoming, MoveWay, Outgoing, Received, at, boot, item_ids};
use crate::running::to_the_end;

#[uniffi::export]
impl Authenticator {
    /// Seals the accounts for one journey and returns what to show: `confirm` first, within a minute. It is kept, sealed,
    /// until `handed_over` or `stop_sending`; one that was kept before is given up.
    pub async fn send_accounts(
        self: Arc<Self>,
        way: MoveWay,
        boot_ms: i64,
    ) -> Result<Outgoing, TransferError> {
        let own = Arc::clone(&self);
        let renewals = Arc::clone(&self).contained(async move {
            own.core.renewals().await.map_err(|error| match error.into() {
                PushError::Locked => VaultError::Locked,
                PushError::Vault { why } => why,
                PushError::KeyStore { kind } => VaultError::KeyStore { kind },
                // None of these comes of looking at what is enrolled.
                other => VaultError::Internal { report: other.to_string() },
            })
        });
        let renewals = to_the_end(renewals).await.unwrap_or_else(|fault| Err(self.faulted(fault)))?;
        self.write(move |own| {
            let token = own.confirmed()?;
            Ok(own.core.send_accounts(way, &renewals, &token, boot(boot_ms))?.into())
        })
        .await
    }

    /// Returns what a move shows that was begun and not ended; nothing when there is none. `confirm` first.
    pub async fn sending(self: Arc<Self>, boot_ms: i64) -> Result<Option<Outgoing>, TransferError> {
        self.look(move |own| {
            let token = own.confirmed()?;
            Ok(own.core.sending(&token, boot(boot_ms))?.map(Into::into))
        })
        .await
    }

    /// Tells whether a move was begun here and not ended: "go on with it?"
    pub async fn is_sending(self: Arc<Self>) -> Result<bool, TransferError> {
        self.look(|own| Ok(own.core.is_sending()?)).await
    }

    /// Takes the six digits that the new device shows and says how many accounts arrived; the move ends when all have.
    /// Nothing when these are not the digits of this move.
    pub async fn handed_over(self: Arc<Self>, typed: String) -> Result<Option<Handed>, TransferError> {
        self.write(move |own| Ok(own.core.handed_over(&typed)?.map(Into::into))).await
    }

    /// Ends a move from this device, because the user said so.
    pub async fn stop_sending(self: Arc<Self>) -> Result<(), TransferError> {
        self.write(|own| Ok(own.core.stop_sending()?)).await
    }

    /// Says how far the move to this device has come; it goes on after a restart.
    pub async fn incoming(self: Arc<Self>) -> Result<Incoming, TransferError> {
        self.look(|own| Ok(own.core.incoming()?.into())).await
    }

    /// Takes one scanned code of a move; it is on the disk when this returns.
    pub async fn take_move_code(self: Arc<Self>, text: String) -> Result<Incoming, TransferError> {
        let text = zeroize::Zeroizing::new(text);
        self.write(move |own| Ok(own.core.take_move_code(&text)?.into())).await
    }

    /// Takes the sealed file that the code of a move names.
    pub async fn take_move_file(self: Arc<Self>, bytes: Vec<u8>) -> Result<Incoming, TransferError> {
        self.write(move |own| Ok(own.core.take_move_file(&bytes)?.into())).await
    }

    /// Says how the accounts that arrived stand to those that are here. Nothing is changed.
    pub async fn compare_move(self: Arc<Self>) -> Result<Comparison, TransferError> {
        self.look(|own| Ok(own.core.compare_move()?.into())).await
    }

    /// Takes over everything that is not here yet, or only these accounts, after a snapshot; then counts what is here and
    /// makes the receipt. May be asked again: nothing is taken twice.
    pub async fn receive_accounts(
        self: Arc<Self>,
        only: Option<Vec<String>>,
        at_ms: i64,
    ) -> Result<Received, TransferError> {
        self.write(move |own| {
            let only = only.map(|ids| item_ids(&ids)).transpose()?;
            Ok(own.core.receive_accounts(only.as_deref(), at(at_ms))?.into())
        })
        .await
    }

    /// Forgets the move to this device: it is done, or was given up. What was taken over stays.
    pub async fn stop_receiving(self: Arc<Self>) -> Result<(), TransferError> {
        self.write(|own| Ok(own.core.stop_receiving()?)).await
    }
}
