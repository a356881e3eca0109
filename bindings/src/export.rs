//! What leaves the vault: said first, then confirmed, then written.

use std::sync::Arc;

use authenticator_core::export::Drawing;

use crate::authenticator::Authenticator;
use crate::error::{TransferError, VaultError};
use crate::panics::contained;
use crate::records::{
    ExportFormat, ExportFormatInfo, ExportOrder, ExportReport, Exported, QrCode, boot, item_ids,
};

/// Lists the formats that are written, in the order in which they are offered.
#[uniffi::export]
pub fn export_formats() -> Vec<ExportFormatInfo> {
    ExportFormat::ALL.map(|format| ExportFormatInfo { format, plain: format.is_plain() }).to_vec()
}

/// Draws a text as a QR code; nothing when no code holds it. Any thread; at once.
#[uniffi::export]
pub fn qr_code(text: String) -> Option<QrCode> {
    let text = zeroize::Zeroizing::new(text);
    contained(|| Drawing::of(&text)).ok().flatten().map(Into::into)
}

#[uniffi::export]
impl Authenticator {
    /// Says what an export of these accounts, or of the whole list, would hold and what it would not. Nothing leaves.
    pub async fn export_report(
        self: Arc<Self>,
        format: ExportFormat,
        ids: Option<Vec<String>>,
    ) -> Result<ExportReport, TransferError> {
        self.look(move |own| {
            let ids = chosen(ids)?;
            Ok(own.core.export_report(format, ids.as_deref())?.into())
        })
        .await
    }

    /// Writes an export of these accounts, or of the whole list: `confirm` first, within a minute. The confirmation is
    /// used up, whatever comes of it.
    pub async fn export(
        self: Arc<Self>,
        order: ExportOrder,
        ids: Option<Vec<String>>,
        boot_ms: i64,
    ) -> Result<Exported, TransferError> {
        self.look(move |own| {
            let ids = chosen(ids)?;
            let token = own.confirmed()?;
            let exported =
                order.with(|order| own.core.export(order, ids.as_deref(), &token, boot(boot_ms), &|| false));
            Ok(exported?.into())
        })
        .await
    }
}

fn chosen(ids: Option<Vec<String>>) -> Result<Option<Vec<authenticator_core::vault::ItemId>>, VaultError> {
    ids.map(|ids| item_ids(&ids)).transpose()
}
