//! What the user should do now and then, so that a way in is still known on the day it is needed.
//!
//! A passphrase that a finger has replaced for months is forgotten: it is asked for after 30, 60 and then every 90
//! days. A recovery code that was used is on a paper that was read aloud: it is made anew.

use minicbor::{CborLen, Decode, Encode};

use super::VaultError;
use super::docs::DocKind;
use super::slots::SlotKind;
use super::store::Vault;
use crate::time::UnixTime;

/// What is due.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Duties {
    /// Ask for the passphrase, or the recovery code when there is no passphrase: "check it now".
    pub check_passphrase: bool,
    /// A recovery code was used: make a new one.
    pub renew_recovery_code: bool,
}

/// The document that remembers it.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, CborLen, Eq, PartialEq)]
#[cbor(map)]
pub(super) struct Care {
    /// When a portable way in was used last, Unix ms.
    #[n(0)]
    pub(super) checked_ms: Option<i64>,
    /// How often in a row it was known when it was due.
    #[n(1)]
    pub(super) known: u32,
    #[n(2)]
    pub(super) recovery_code_used: bool,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const INTERVALS_DAYS: [i64; 3] = [30, 60, 90];
/// A passphrase that is typed every day needs no writing every day.
const REMEMBER_AGAIN_MS: i64 = 7 * DAY_MS;

impl Care {
    fn due_ms(&self) -> i64 {
        let last = INTERVALS_DAYS.len() - 1;
        let days = INTERVALS_DAYS[usize::try_from(self.known).map_or(last, |known| known.min(last))];
        self.checked_ms.unwrap_or(0).saturating_add(days * DAY_MS)
    }
}

impl Vault {
    /// Says what is due at `at`.
    pub fn duties(&self, at: UnixTime) -> Duties {
        let care = self.known.state.docs.care;
        let since = care.checked_ms.or_else(|| self.oldest_portable_slot());
        let due = Care { checked_ms: since, ..care }.due_ms();
        Duties {
            check_passphrase: since.is_some() && at.ms() >= due,
            renew_recovery_code: care.recovery_code_used,
        }
    }

    /// Remembers that a way in was known: the passphrase was typed, or the recovery code. It is written when it was due, or
    /// a week after the last time.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn way_in_was_known(&mut self, kind: SlotKind, at: UnixTime) -> Result<(), VaultError> {
        let mut care = self.known.state.docs.care;
        let due = self.duties(at).check_passphrase;
        match kind {
            SlotKind::Passphrase => {}
            SlotKind::RecoveryCode => care.recovery_code_used = true,
            SlotKind::Device | SlotKind::DeviceAlone | SlotKind::Unknown(_) => return Ok(()),
        }
        let stale =
            care.checked_ms.is_none_or(|last| at.ms().abs_diff(last) >= REMEMBER_AGAIN_MS.unsigned_abs());
        if due || stale {
            care.checked_ms = Some(at.ms());
        }
        care.known = care.known.saturating_add(u32::from(due));
        self.put_care(care)
    }

    /// Remembers that the user did not know the passphrase when asked: it is asked for again in 30 days.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn way_in_was_forgotten(&mut self) -> Result<(), VaultError> {
        self.put_care(Care { known: 0, ..self.known.state.docs.care })
    }

    /// Remembers that there is a new recovery code.
    ///
    /// # Errors
    /// As [`Vault::add`].
    pub fn recovery_code_was_renewed(&mut self) -> Result<(), VaultError> {
        self.put_care(Care { recovery_code_used: false, ..self.known.state.docs.care })
    }

    fn put_care(&mut self, care: Care) -> Result<(), VaultError> {
        if care == self.known.state.docs.care {
            return Ok(());
        }
        self.commit(|vault| {
            vault.known.state.docs.care = care;
            vault.put_doc(DocKind::Care)
        })
    }

    fn oldest_portable_slot(&self) -> Option<i64> {
        let portable = self.known.state.slots.iter().filter(|slot| slot.kind().is_portable());
        portable.filter_map(|slot| slot.info().created_at).map(UnixTime::ms).min()
    }
}
