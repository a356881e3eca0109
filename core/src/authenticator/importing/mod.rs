//! Flow: what other apps' files hold, shown before anything is changed, and then added in one transaction.
//!
//! `import::open` reads other apps' files and [`open_import`] our own backups too; here they are compared with the
//! vault and with themselves. Every one-time password of a file ends up in one of five counts, which add up to the
//! total.

mod backup;
mod icons;
mod matching;
mod preview;

use std::cell::Cell;
use std::sync::{Mutex, PoisonError, Weak};

pub use backup::open_import;
pub use preview::{ImportCounts, ImportPreview, ImportRow, Other, RowStatus};

use super::{Authenticator, Error};
use crate::import::Imported;
use crate::time::UnixTime;
use crate::vault::{Duplicate, ItemId, VaultError};
use preview::Contents;

/// What an import did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImportDone {
    /// The counts; those imported were read back from the file.
    pub counts: ImportCounts,
    /// The new accounts, in the order that they had in the other app.
    pub ids: Vec<ItemId>,
}

/// The previews that are open: a lock empties them.
#[derive(Default)]
pub(super) struct Previews(Mutex<Vec<Weak<Mutex<Option<Contents>>>>>);

impl Previews {
    fn register(&self, preview: &ImportPreview) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|known| known.strong_count() > 0);
        open.push(preview.weak());
    }

    /// Wipes what every open preview holds.
    pub(super) fn wipe(&self) {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for contents in open.iter().filter_map(Weak::upgrade) {
            *contents.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Authenticator {
    /// Shows what an import would do to the vault. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`] when the vault's file cannot be read.
    pub fn preview_import(&self, imported: Imported) -> Result<ImportPreview, Error> {
        let preview = ImportPreview::of(imported);
        self.previews.register(&preview);
        let compared = preview.entries(|entries| self.read(|vault| vault.find_duplicates(entries)));
        // Every way out but the last wipes it.
        preview.compare(&compared.ok_or(Error::NoPreview)??);
        self.shown().inspect_err(|_| preview.wipe())?;
        Ok(preview)
    }

    /// Adds the rows that are picked, in one transaction, after a snapshot; what became present meanwhile counts as a
    /// duplicate. The preview is used up; after an error it is as it was, unless the vault was locked.
    ///
    /// # Errors
    /// [`Error::NoPreview`] when it was used, or emptied by a lock; [`Error::Locked`]; [`Error::Vault`]: nothing was added.
    pub fn commit_import(&self, preview: &ImportPreview, at: UnixTime) -> Result<ImportDone, Error> {
        let done = self.commit_import_until(preview, at, &|| false)?;
        Ok(done.expect("nobody asks to stop"))
    }

    /// The same, for a user who may change their mind: `stop` is asked between accounts. `None` when it said so: nothing
    /// was added, and the preview is as it was.
    ///
    /// # Errors
    /// As [`Authenticator::commit_import`].
    pub fn commit_import_until(
        &self,
        preview: &ImportPreview,
        at: UnixTime,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<ImportDone>, Error> {
        let mut contents = preview.take().ok_or(Error::NoPreview)?;
        let stopped = Cell::new(false);
        let go_on = || {
            stopped.set(stopped.get() || stop());
            !stopped.get()
        };
        let done = self.write(|vault| {
            let compared = vault.find_duplicates(contents.accounts())?;
            contents.compare(&compared);
            let incoming = contents.incoming();
            if incoming.is_empty() {
                return Ok(Vec::new());
            }
            vault.snapshot_before(at)?;
            let ids = vault.add_incoming(&incoming, at, &go_on)?;
            for (id, incoming) in ids.iter().zip(&incoming) {
                if vault.open_otp(*id)? != incoming.item.account.otp {
                    return Err(VaultError::ChangedOutside);
                }
            }
            Ok(ids)
        });
        match done {
            Ok(ids) => Ok(Some(ImportDone { counts: contents.counts(), ids })),
            Err(error) => {
                preview.put_back(contents);
                // A lock that came meanwhile found it empty.
                if self.shown().is_err() {
                    preview.wipe();
                }
                if stopped.get() { Ok(None) } else { Err(error) }
            }
        }
    }
}

/// What the vault has of each account; nothing without a vault.
type Compared = [Duplicate];

#[cfg(test)]
mod tests;
