//! Flow: accounts that ask every time. Their codes are given after a fresh confirmation, and no longer than one lasts.

use std::collections::HashMap;

use super::codes::{CodeRow, NoCode};
use super::{Authenticator, Confirmation, Error};
use crate::otp::Code;
use crate::time::{BootTime, UnixTime};
use crate::vault::ItemId;

/// For so many milliseconds after a confirmation an account that counts gives codes, and the mark may be taken off: 30 s.
pub const SHOWN_MS: i64 = 30_000;

/// The accounts whose owner confirmed that a code is to be shown; a lock forgets them, and an app that goes out of sight
/// all but the code that was seen.
#[derive(Default)]
pub(super) struct ShownCodes(HashMap<ItemId, ShownCode>);

/// What one confirmation was for.
struct ShownCode {
    /// `None` once the app went out of sight: clocks are set elsewhere.
    at: Option<UnixTime>,
    /// The beginning of the time step by the true clock; `None` where codes count, or there was none.
    step: Option<UnixTime>,
}

impl ShownCodes {
    /// Leaves of a row of an account that asks every time what its owner confirmed: one code, and not the one after it.
    /// Why there is no code is always said.
    pub(super) fn leave(&self, row: CodeRow, at: UnixTime, offset_ms: i64) -> CodeRow {
        let shown = self.0.get(&row.id);
        let is_given = match &row.code {
            Ok(code) => shown.is_some_and(|shown| shown.step == Some(step_of(code, offset_ms))),
            Err(NoCode::Counts) => shown.is_some_and(|shown| shown.is_fresh(at)),
            Err(
                NoCode::NeedsPin
                | NoCode::Unreadable
                | NoCode::BadTime
                | NoCode::NoSuchCode
                | NoCode::AsksEveryTime,
            ) => true,
        };
        let code = if is_given { row.code } else { Err(NoCode::AsksEveryTime) };
        CodeRow { id: row.id, code, next: None }
    }

    /// Ends what lasts by the clock alone, before somebody can set it back.
    pub(super) fn out_of_sight(&mut self) {
        self.0.values_mut().for_each(|shown| shown.at = None);
    }

    /// Returns until when an account that counts gives codes; `None` when nobody confirmed just now.
    pub(super) fn ends(&self, id: ItemId, at: UnixTime) -> Option<UnixTime> {
        self.0.get(&id).filter(|shown| shown.is_fresh(at))?.at.map(|since| since.plus_ms(SHOWN_MS))
    }
}

impl ShownCode {
    fn is_fresh(&self, at: UnixTime) -> bool {
        self.at.is_some_and(|since| since <= at && at < since.plus_ms(SHOWN_MS))
    }
}

impl Authenticator {
    /// Has the code of an account that asks every time shown, because its owner confirmed that just now:
    /// [`Authenticator::codes`] gives it until its time step ends; for [`SHOWN_MS`] an account that counts gives codes, and
    /// [`Authenticator::change`] takes the mark off, unless the app goes out of sight before. `offset_ms` as for the codes.
    /// The confirmation is used up, whatever comes of it.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NoSuchAccount`], [`Error::NotConfirmed`], [`Error::Vault`].
    pub fn show_code(
        &self,
        id: ItemId,
        token: &Confirmation,
        at: UnixTime,
        offset_ms: i64,
        boot: BootTime,
    ) -> Result<(), Error> {
        self.item(id)?;
        self.spend(token, boot)?;
        let otp = self.read(|vault| vault.open_otp(id))?;
        let step = otp.code_at(at, offset_ms).ok().map(|code| step_of(&code, offset_ms));
        let mut face = self.face();
        // A lock that came meanwhile wins.
        if face.shown.is_none() {
            return Err(Error::Locked);
        }
        face.shown_codes.0.insert(id, ShownCode { at: Some(at), step });
        Ok(())
    }

    /// Refuses what an account that asks every time does for nobody who did not confirm it just now.
    pub(super) fn asked(&self, id: ItemId, at: UnixTime) -> Result<(), Error> {
        let asks = self.read(|vault| vault.asks_every_time_now(id))?;
        let is_refused = asks && self.face().shown_codes.ends(id, at).is_none();
        if is_refused { Err(Error::NotConfirmed) } else { Ok(()) }
    }
}

/// Returns the beginning of a code's time step by the true clock, whatever the caller's is off by.
fn step_of(code: &Code, offset_ms: i64) -> UnixTime {
    code.valid_from.plus_ms(offset_ms)
}
