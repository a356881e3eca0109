//! Flow: the codes of the visible rows, and the next code of an account that counts.

use std::collections::HashMap;

use super::{Authenticator, Error};
use crate::otp::{Code, OtpError};
use crate::time::UnixTime;
use crate::vault::{HotpCode, ItemId, VaultError};

/// One row's code. Codes may be kept until they change; seeds are opened for one code and wiped.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// The account.
    pub id: ItemId,
    /// The code now, and when it ends; or why there is none.
    pub code: Result<Code, NoCode>,
    /// The code after that.
    pub next: Option<Code>,
}

/// Why a row shows no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoCode {
    /// Codes that count are asked for one by one: [`Authenticator::next_code`].
    Counts,
    /// The PIN is not known: ask for it.
    NeedsPin,
    /// The row is damaged, or of a kind that this version does not know.
    Unreadable,
    /// The time is one at which no code exists (before 1970).
    BadTime,
    /// The account has no code for this time step (some of those with MD5): the next one may have.
    NoSuchCode,
    /// The account asks every time: its owner confirms, then [`Authenticator::show_code`].
    AsksEveryTime,
}

/// The codes of some rows at one moment.
#[derive(Clone, Debug)]
pub struct CodesAt {
    /// In the order asked for; ids that do not exist are left out.
    pub rows: Vec<CodeRow>,
    /// When the first of these codes changes; `None` when none does.
    pub next_change_at: Option<UnixTime>,
}

impl Authenticator {
    /// Returns the codes of `ids` at `at`, with a clock offset of `offset_ms` milliseconds added to it. An account that asks
    /// every time has none but after [`Authenticator::show_code`], and then this one alone.
    ///
    /// # Errors
    /// [`Error::Locked`]; [`Error::Vault`] when the file cannot be read or was changed behind our back.
    pub fn codes(&self, at: UnixTime, offset_ms: i64, ids: &[ItemId]) -> Result<CodesAt, Error> {
        let mut place = self.vault();
        let open = place.as_mut().ok_or_else(|| self.absent())?;
        let mut rows = Vec::with_capacity(ids.len());
        for &id in ids {
            if !open.vault.asks_every_time(id)
                && let Some(cached) = open.codes.get(id, at, offset_ms)
            {
                rows.push(cached);
                continue;
            }
            let row = match open.vault.open_otp(id) {
                Ok(otp) => CodeRow {
                    id,
                    code: otp.code_at(at, offset_ms).map_err(NoCode::from),
                    next: otp.next_code_at(at, offset_ms).ok(),
                },
                Err(VaultError::NoSuchItem) => continue,
                Err(VaultError::ItemUnreadable) => CodeRow { id, code: Err(NoCode::Unreadable), next: None },
                Err(other) => return Err(other.into()),
            };
            // Asked only now: opening may have read again what another process wrote.
            if open.vault.asks_every_time(id) {
                rows.push(self.face().shown_codes.leave(row, at, offset_ms));
            } else {
                open.codes.keep(&row, offset_ms);
                rows.push(row);
            }
        }
        let face = self.face();
        let changes = rows.iter().filter_map(|row| match &row.code {
            Ok(code) => Some(code.valid_until),
            Err(_) => face.shown_codes.ends(row.id, at),
        });
        let next_change_at = changes.min();
        drop(face);
        Ok(CodesAt { rows, next_change_at })
    }

    /// Advances an account that counts, and returns the code; the new counter is on disk before this returns.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NoCode`] when codes follow the time, [`Error::Vault`]; [`Error::NotConfirmed`] for an
    /// account that asks every time, but after [`Authenticator::show_code`].
    pub fn next_code(&self, id: ItemId, at: UnixTime) -> Result<HotpCode, Error> {
        self.asked(id, at)?;
        self.write(|vault| {
            let code = vault.hotp_next(id)?;
            vault.used(id, at);
            Ok(code)
        })
    }

    /// Returns the last code of an account that counts once more; `None` when it never gave one.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`]; [`Error::NotConfirmed`] as for [`Authenticator::next_code`].
    pub fn last_code(&self, id: ItemId, at: UnixTime) -> Result<Option<HotpCode>, Error> {
        self.asked(id, at)?;
        self.read(|vault| vault.peek_last(id))
    }

    /// Returns the counter of an account's next code; `None` when its codes follow the time.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Vault`].
    pub fn counter(&self, id: ItemId) -> Result<Option<u64>, Error> {
        self.read(|vault| vault.counter(id))
    }

    /// Notes that a code was copied or shown on purpose, for sorting by use.
    ///
    /// # Errors
    /// [`Error::Locked`].
    pub fn used(&self, id: ItemId, at: UnixTime) -> Result<(), Error> {
        self.write(|vault| {
            vault.used(id, at);
            Ok(())
        })
    }
}

impl From<OtpError> for NoCode {
    fn from(error: OtpError) -> Self {
        match error {
            OtpError::CounterBased => Self::Counts,
            OtpError::NeedsPin => Self::NeedsPin,
            OtpError::BeforeEpoch | OtpError::TooLate => Self::BadTime,
            OtpError::NoSuchCode => Self::NoSuchCode,
            OtpError::Digits(_) | OtpError::Period(_) | OtpError::ShortSecret(_) => Self::Unreadable,
        }
    }
}

/// Codes that are still good; never seeds.
#[derive(Default)]
pub(super) struct CodeCache(HashMap<(ItemId, i64), CodeRow>);

impl CodeCache {
    fn get(&self, id: ItemId, at: UnixTime, offset_ms: i64) -> Option<CodeRow> {
        let row = self.0.get(&(id, offset_ms))?;
        let code = row.code.as_ref().ok()?;
        (code.valid_from <= at && at < code.valid_until).then(|| row.clone())
    }

    fn keep(&mut self, row: &CodeRow, offset_ms: i64) {
        if row.code.is_ok() {
            self.0.insert((row.id, offset_ms), row.clone());
        }
    }

    /// Forgets all codes: an account may have changed.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}
