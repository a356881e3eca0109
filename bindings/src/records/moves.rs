//! Accounts on their way from one device to another.

use authenticator_core::authenticator as flows;
use authenticator_core::vault;

use super::{count, small};

pub use authenticator_core::moving::{Taken as MoveCodeTaken, Way as MoveWay};

/// How accounts travel.
#[uniffi::remote(Enum)]
pub enum MoveWay {
    /// In a sequence of codes.
    Codes,
    /// In a sealed file, which one code names and opens: for many accounts, or a device without a good camera.
    File,
}

/// What became of a code of a move.
#[uniffi::remote(Enum)]
pub enum MoveCodeTaken {
    /// It is new.
    New,
    /// It was there already.
    Again,
    /// It belongs to another move: nothing was taken. `stop_receiving` to take that one.
    OtherMove,
}

/// What the old device shows. Whoever films all of it has the accounts: say so on the screen.
#[derive(Clone, uniffi::Record)]
pub struct Outgoing {
    /// The texts of the codes, numbered from 1: in a sequence, or one that names the file. `qr_code` draws them.
    pub codes: Vec<String>,
    /// The sealed file, when the accounts travel in one.
    pub file: Option<Vec<u8>>,
    /// Accounts in the list.
    pub accounts: i64,
    /// Accounts that do not open here, and stay.
    pub left_out: Vec<String>,
}

/// What the receipt said, on the old device: "80 of 80".
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Handed {
    /// Accounts that are on the new device.
    pub arrived: i64,
    /// Accounts that were on their way.
    pub of: i64,
}

/// How far a move to this device has come.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Incoming {
    /// What became of the code that was just scanned; nothing when none was.
    pub code: Option<MoveCodeTaken>,
    /// Codes that were taken.
    pub taken: i64,
    /// Codes in all; nothing before the first was seen.
    pub codes: Option<i64>,
    /// The numbers of those that are missing, as the old device shows them.
    pub missing: Vec<i32>,
    /// Whether a file is wanted (`take_move_file`); nothing before the first code was seen.
    pub wants_file: Option<bool>,
    /// Accounts on their way; nothing before the first code was seen.
    pub accounts: Option<i64>,
}

/// What the new device shows at the end.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Received {
    /// Six digits, to be typed on the old device.
    pub receipt: String,
    /// Accounts of the move that are in the list here now.
    pub arrived: i64,
    /// Accounts that were on their way.
    pub of: i64,
    /// Services that approve sign-ins and do not know this device: the list to enrol again.
    pub renew: Vec<Renewal>,
}

/// A push account, whose keys cannot move.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Renewal {
    /// The service's host, punycode visible: its page has "add a phone".
    pub host: String,
    /// The user's own name for it, or the organisation's.
    pub service: String,
    /// The account's label there.
    pub account_name: String,
}

impl From<flows::Outgoing> for Outgoing {
    fn from(outgoing: flows::Outgoing) -> Self {
        let flows::Outgoing { codes, file, accounts, left_out } = outgoing;
        Self {
            codes: codes.iter().map(|code| code.expose().to_owned()).collect(),
            file,
            accounts: accounts.into(),
            left_out: left_out.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<flows::Handed> for Handed {
    fn from(handed: flows::Handed) -> Self {
        let flows::Handed { arrived, of } = handed;
        Self { arrived: arrived.into(), of: of.into() }
    }
}

impl From<flows::Incoming> for Incoming {
    fn from(incoming: flows::Incoming) -> Self {
        let flows::Incoming { code, taken, codes, missing, wants_file, accounts } = incoming;
        Self {
            code,
            taken: taken.into(),
            codes: codes.map(Into::into),
            missing: missing.into_iter().map(small).collect(),
            wants_file,
            accounts: accounts.map(count),
        }
    }
}

impl From<flows::Received> for Received {
    fn from(received: flows::Received) -> Self {
        let flows::Received { receipt, arrived, of, renew } = received;
        Self {
            receipt: receipt.to_string(),
            arrived: arrived.into(),
            of: of.into(),
            renew: renew.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<vault::Renewal> for Renewal {
    fn from(renewal: vault::Renewal) -> Self {
        let vault::Renewal { host, service, account_name } = renewal;
        Self { host, service, account_name }
    }
}
