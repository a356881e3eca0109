//! What an import would add, before it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authenticator_core::authenticator as flows;
use authenticator_core::import::{self, KdfBudget, Source};
use zeroize::Zeroizing;

use crate::authenticator::Authenticator;
use crate::error::TransferError;
use crate::panics::contained;
use crate::records::{
    ImportCounts, ImportDone, ImportFormat, ImportProblem, ImportSecrets, ImportSource, PreviewRow, at,
    small, text,
};
use crate::scan::ScanSession;

/// Everything that an import found, how each account stands to the vault, and what is ticked. Nothing is added before
/// `commit`, and a preview that is dropped has added nothing. A lock empties it.
#[derive(uniffi::Object)]
pub struct ImportPreview {
    own: Arc<Authenticator>,
    preview: flows::ImportPreview,
}

/// Says what a file is, by its content; nothing when it is nothing that can be imported. Any thread; at once.
#[uniffi::export]
pub fn detect_import(name: String, bytes: &[u8]) -> Option<ImportFormat> {
    // A file on which a reader fails is none that it knows.
    contained(|| import::detect(&Source { name: &name, bytes })).ok().flatten()
}

#[uniffi::export]
impl Authenticator {
    /// Reads exports, backups, databases and pictures of other apps; several where an app writes several. What is
    /// encrypted answers `NeedsPassword` first. `consented` says that the user has seen the figures of
    /// `TooExpensive`. Takes as long as the file's password asks for; nobody waits for it any more when its caller is
    /// cancelled.
    pub async fn preview_import(
        self: Arc<Self>,
        sources: Vec<ImportSource>,
        secrets: ImportSecrets,
        consented: bool,
    ) -> Result<Arc<ImportPreview>, TransferError> {
        let waiting = Waiting::default();
        let stop = waiting.stop();
        let preview = self.look(move |own| {
            let files: Vec<(String, Zeroizing<Vec<u8>>)> =
                sources.into_iter().map(|source| (source.name, Zeroizing::new(source.bytes))).collect();
            let sources: Vec<Source<'_>> = files.iter().map(|(name, bytes)| Source { name, bytes }).collect();
            let budget = if consented { KdfBudget::CONSENTED } else { KdfBudget::PHONE };
            let imported =
                flows::open_import(&sources, &secrets.into(), budget, &|| stop.load(Ordering::Relaxed))?;
            Ok::<_, TransferError>(own.core.preview_import(imported)?)
        });
        let preview = preview.await?;
        drop(waiting);
        Ok(Arc::new(ImportPreview { own: self, preview }))
    }

    /// Previews the exports of Google Authenticator that a session has collected, complete or not.
    pub async fn preview_scanned(
        self: Arc<Self>,
        session: Arc<ScanSession>,
    ) -> Result<Arc<ImportPreview>, TransferError> {
        let preview = self.look(move |own| {
            let imported = session.migrated().ok_or(TransferError::NotRecognised)?;
            Ok::<_, TransferError>(own.core.preview_import(imported)?)
        });
        let preview = preview.await?;
        Ok(Arc::new(ImportPreview { own: self, preview }))
    }
}

#[uniffi::export]
impl ImportPreview {
    /// Returns what the files are. Any thread; at once.
    pub fn format(&self) -> ImportFormat {
        self.preview.format()
    }

    /// Returns the parts of an export in several codes that are missing still, counted from 1. Any thread; at once.
    pub fn missing_parts(&self) -> Vec<i32> {
        self.preview.missing_parts().iter().map(|part| small(*part)).collect()
    }

    /// Returns the rows, in the order of the files; nothing after a lock or a commit. Any thread; at once.
    pub fn rows(&self) -> Vec<PreviewRow> {
        let rows = self.preview.rows().into_iter().enumerate();
        rows.map(|(number, row)| PreviewRow::of(number, row)).collect()
    }

    /// Returns the entries that cannot be used, each with its place and why. Any thread; at once.
    pub fn problems(&self) -> Vec<ImportProblem> {
        self.preview.problems().into_iter().map(Into::into).collect()
    }

    /// Returns what a `commit` would come to now. Any thread; at once.
    pub fn counts(&self) -> ImportCounts {
        self.preview.counts().into()
    }

    /// Ticks a row or takes its tick away, and tells whether that could be done: a duplicate cannot be ticked. Any
    /// thread; at once.
    pub fn set_ticked(&self, number: i32, ticked: bool) -> bool {
        usize::try_from(number).is_ok_and(|row| self.preview.pick(row, ticked))
    }

    /// Gives a row its PIN, in UTF-8, and tells whether it wanted one. Any thread; at once.
    pub fn set_pin(&self, number: i32, pin: Vec<u8>) -> bool {
        let pin = text(pin);
        usize::try_from(number).is_ok_and(|row| self.preview.set_pin(row, pin))
    }

    /// Adds what is ticked in one step, after a snapshot, reads it back, and says what the import came to. Once; after an
    /// error nothing was added and the preview is as it was.
    pub async fn commit(self: Arc<Self>, at_ms: i64) -> Result<ImportDone, TransferError> {
        let own = Arc::clone(&self.own);
        own.write(move |own| Ok(own.core.commit_import(&self.preview, at(at_ms))?.into())).await
    }
}

/// Somebody who waits; dropped, nobody does.
#[derive(Default)]
struct Waiting(Arc<AtomicBool>);

impl Waiting {
    /// Returns what tells that nobody waits any more.
    fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
