//! Flow: a picture or a text, and what it is. Parts of a Google export are collected in any order.

use crate::account::Account;
use crate::qr::{self, QrError};
use crate::uri::migration::{Adding, Batch, Part};
use crate::uri::{self, Text};

/// Collects what is scanned one after the other: several pictures, several codes in one picture.
#[derive(Default)]
pub struct ScanSession {
    batches: Vec<Batch>,
}

/// What one scanned or pasted text is.
#[derive(Debug)]
pub enum ScanOutcome {
    /// One account, ready for [`super::Authenticator::add`].
    Account(Box<Account>),
    /// A part of a Google export; its accounts may be added at once, whatever parts are missing still.
    Migration(MigrationPart),
    /// Not an account: see what it is instead.
    Other(Text),
}

/// How far a Google export has come.
#[derive(Debug)]
pub struct MigrationPart {
    /// This part, counted from 1.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// Parts that were not seen yet, counted from 1.
    pub missing: Vec<u32>,
    /// The accounts of this part; nothing when it was seen before.
    pub accounts: Vec<Account>,
    /// Entries of this part that cannot be used: index in the part, and why.
    pub problems: Vec<(usize, uri::UriError)>,
    /// Whether this part was seen before.
    pub seen_before: bool,
}

impl ScanSession {
    /// Begins with nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what one scanned or pasted text is. Never fails: a text that is nothing of ours is named.
    pub fn take_text(&mut self, text: &str) -> ScanOutcome {
        match uri::classify(text) {
            Text::Account(account) => ScanOutcome::Account(Box::new(account)),
            Text::Migration(part) => ScanOutcome::Migration(self.take_part(part)),
            other => ScanOutcome::Other(other),
        }
    }

    /// Reads a picture and says what each code in it is. `stop` is asked between the stages of reading.
    ///
    /// # Errors
    /// [`QrError`] when the picture cannot be read; no code in it is an empty answer, not an error.
    pub fn take_image(&mut self, bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Vec<ScanOutcome>, QrError> {
        let scan = qr::read_image(bytes, stop)?;
        Ok(scan
            .found
            .iter()
            .filter_map(|found| found.text.as_deref())
            .map(|text| self.take_text(text))
            .collect())
    }

    fn take_part(&mut self, part: Part) -> MigrationPart {
        let Part { accounts, problems, part: number, parts, batch_id: _, entry_ids: _ } = part.clone();
        let mut outcome = MigrationPart {
            part: number,
            parts,
            missing: Vec::new(),
            accounts,
            problems,
            seen_before: false,
        };
        for batch in &mut self.batches {
            match batch.add(&part) {
                Adding::Added => {}
                Adding::AlreadySeen => {
                    outcome.seen_before = true;
                    outcome.accounts.clear();
                }
                Adding::OtherBatch => continue,
            }
            outcome.missing = batch.missing();
            return outcome;
        }
        let mut batch = Batch::default();
        batch.add(&part);
        outcome.missing = batch.missing();
        self.batches.push(batch);
        outcome
    }
}
