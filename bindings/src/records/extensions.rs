//! What an extension of the app may have, and what it leaves for the app.

use authenticator_core::authenticator as flows;

use super::ms;
use crate::error::VaultError;

/// What to put in a pack for a widget or for AutoFill.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct PackPlan {
    /// The accounts that the user chose, the most wanted first.
    pub ids: Vec<String>,
    /// For how long, in milliseconds: a day at most.
    pub length_ms: i64,
}

/// What a pack holds.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Packed {
    /// The accounts in it.
    pub ids: Vec<String>,
    /// Chosen accounts that are not: their codes count, need a PIN or cannot be made.
    pub left_out: Vec<String>,
    /// Until when it has codes: sooner than asked for when it would have become too large.
    pub until_ms: i64,
}

/// A message that an extension left. Nothing in it is believed.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct SpoolMessage {
    /// Names it: `spool_done` when it was dealt with.
    pub id: String,
    /// Whatever the extension was sent.
    pub bytes: Vec<u8>,
    /// Whether it was handed out before and not done: the app may have shown it already.
    pub again: bool,
}

impl TryFrom<PackPlan> for flows::PackPlan {
    type Error = VaultError;

    fn try_from(plan: PackPlan) -> Result<Self, VaultError> {
        let PackPlan { ids, length_ms } = plan;
        Ok(Self { ids: super::item_ids(&ids)?, length_ms })
    }
}

impl From<flows::Packed> for Packed {
    fn from(packed: flows::Packed) -> Self {
        let flows::Packed { ids, left_out, until } = packed;
        let named =
            |ids: Vec<authenticator_core::vault::ItemId>| ids.iter().map(ToString::to_string).collect();
        Self { ids: named(ids), left_out: named(left_out), until_ms: ms(until) }
    }
}

impl From<flows::Message> for SpoolMessage {
    fn from(message: flows::Message) -> Self {
        let flows::Message { id, bytes, again } = message;
        Self { id: id.to_string(), bytes, again }
    }
}
