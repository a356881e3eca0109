//! The core's errors, as the edge says them.

use authenticator_core::authenticator::{self as flows, NoSuch, ShellFault};
use authenticator_core::net::NetError;
use authenticator_core::push::enrolment::OfferError;
use authenticator_core::push::matching::GivenError;
use authenticator_core::qr::QrError;
use authenticator_core::vault;

use super::{
    AbsentTrouble, AccountTrouble, ImportError, NetworkTrouble, NumberTrouble, OfferTrouble, PushError,
    ScanError, StateTrouble, StorageTrouble, VaultError, WayInTrouble,
};
use crate::panics::Fault;
use crate::records::slip;

impl From<vault::VaultError> for VaultError {
    fn from(error: vault::VaultError) -> Self {
        use vault::VaultError as E;
        let state = |state| Self::WrongState { state };
        let way_in = |why| Self::WayIn { why };
        let account = |why| Self::Account { why };
        let storage = |why| Self::Storage { why };
        match error {
            E::NotFound => state(StateTrouble::NoVault),
            E::AlreadyExists => state(StateTrouble::VaultExists),
            E::PreviousVault(vault) => state(StateTrouble::PreviousVault { vault_id: vault.to_string() }),
            E::NoPortableSlot => way_in(WayInTrouble::NeedsPortable),
            E::NoSuchSlot => way_in(WayInTrouble::None),
            E::WrongKey => Self::WrongKey,
            E::TooSoon { wait_ms } => Self::TooSoon { wait_ms: i64::try_from(wait_ms).unwrap_or(i64::MAX) },
            E::SlotDamaged => way_in(WayInTrouble::Damaged),
            E::Kdf(_) => way_in(WayInTrouble::TooExpensive),
            E::ReadOnly(reason) => Self::ReadOnly { reason },
            E::NoSuchItem => account(AccountTrouble::NotThere),
            E::NoSuchGroup => account(AccountTrouble::NoSuchGroup),
            E::ItemUnreadable => account(AccountTrouble::Unreadable),
            E::NoCode(why) => account(AccountTrouble::NoCode { why: flows::NoCode::from(why) }),
            E::NotCounter => account(AccountTrouble::DoesNotCount),
            E::CounterAtEnd => account(AccountTrouble::CounterAtEnd),
            E::TooLarge => account(AccountTrouble::TooLarge),
            E::ChangedOutside => storage(StorageTrouble::ChangedOutside),
            E::Busy => storage(StorageTrouble::Busy),
            E::DiskFull => storage(StorageTrouble::DiskFull),
            E::FileDamaged => storage(StorageTrouble::Damaged),
            E::Io(_) => storage(StorageTrouble::NotReadable),
            E::KeyStore(kind) => Self::KeyStore { kind: kind.into() },
            E::Random(_) => storage(StorageTrouble::NoRandomness),
            E::Internal(code) => Self::Internal { report: format!("sqlite result {code}") },
        }
    }
}

impl From<flows::Error> for VaultError {
    fn from(error: flows::Error) -> Self {
        use flows::Error as E;
        match error {
            E::Locked => Self::Locked,
            E::AlreadyUnlocked => Self::WrongState { state: StateTrouble::AlreadyUnlocked },
            E::Suspended => Self::WrongState { state: StateTrouble::Suspended },
            E::NotConfirmed => Self::NotConfirmed,
            E::NotTypedBack(error) => slip(error),
            E::NoSuchAccount => Self::Account { why: AccountTrouble::NotThere },
            E::NoCode(why) => Self::Account { why: AccountTrouble::NoCode { why: flows::NoCode::from(why) } },
            E::Vault(error) => error.into(),
            // No call of the edge moves, exports, keeps backups in a folder or previews by the core yet.
            E::Move(_) | E::MoveCode(_) | E::Export(_) | E::Folder(_) | E::NoPreview => {
                Self::Internal { report: error.to_string() }
            }
        }
    }
}

impl From<QrError> for ScanError {
    fn from(error: QrError) -> Self {
        match error {
            QrError::Empty => Self::Empty,
            QrError::Stride { .. } | QrError::Short { .. } => Self::Shape,
            QrError::TooManyPixels { .. } | QrError::TooMuchMemory => Self::TooLarge,
            QrError::Format => Self::Format,
            QrError::Damaged => Self::Damaged,
        }
    }
}

impl From<flows::Error> for ImportError {
    fn from(error: flows::Error) -> Self {
        Self::Vault { why: error.into() }
    }
}

impl From<flows::PushError> for PushError {
    fn from(error: flows::PushError) -> Self {
        use flows::PushError as E;
        match error {
            E::Locked => Self::Locked,
            E::NoSuch(NoSuch::Enrolments) => Self::NotThere { what: AbsentTrouble::AnyEnrolment },
            E::NoSuch(NoSuch::Enrolment) => Self::NotThere { what: AbsentTrouble::Enrolment },
            E::NoSuch(NoSuch::Request) => Self::NotThere { what: AbsentTrouble::Request },
            E::Offer(why) => offer(why),
            E::UpdateApp => Self::UpdateApp,
            E::Number(why) => Self::Number { why: why.into() },
            E::Net(why) => Self::Network { why: why.into() },
            E::Service { status, code, retry_after_s } => Self::Service {
                status: i32::from(status),
                code,
                retry_after_s: retry_after_s.map(|s| i32::try_from(s).unwrap_or(i32::MAX)),
            },
            E::BadReply(rule) => Self::NotBelieved { report: rule.to_owned() },
            E::Revoked => Self::Revoked,
            E::KeyStore(kind) => Self::KeyStore { kind: kind.into() },
            E::Vault(error) => Self::Vault { why: error.into() },
            E::Shell(ShellFault::NoDevice) => Self::Network { why: NetworkTrouble::NoTrust },
            E::Shell(ShellFault::Stopped) => Self::Internal { report: "stopped".to_owned() },
        }
    }
}

fn offer(why: OfferError) -> PushError {
    let why = match why {
        OfferError::UpdateApp => return PushError::UpdateApp,
        OfferError::Link | OfferError::NotHttps => OfferTrouble::Link,
        OfferError::Host => OfferTrouble::Host,
        OfferError::Jws(_) | OfferError::Key | OfferError::Signature | OfferError::Claims => {
            OfferTrouble::Forged
        }
        OfferError::Expired => OfferTrouble::Expired,
    };
    PushError::Offer { why }
}

impl From<GivenError> for NumberTrouble {
    fn from(error: GivenError) -> Self {
        match error {
            GivenError::Digits { digits } => Self::Digits { digits: i32::from(digits) },
            GivenError::NotAnOption => Self::NotAnOption,
            GivenError::ScanOnly => Self::ScanOnly,
            GivenError::Kind => Self::Kind,
            GivenError::OtherRequest => Self::OtherRequest,
        }
    }
}

impl From<NetError> for NetworkTrouble {
    fn from(error: NetError) -> Self {
        match error {
            NetError::NotHttps | NetError::LocalHost | NetError::BadHeader => Self::NotAllowed,
            NetError::NoConnection => Self::NoConnection,
            NetError::Tls(why) => Self::Tls { why },
            NetError::NoReply | NetError::TooLarge { .. } => Self::NoReply,
        }
    }
}

/// An error that a fault of ours becomes.
pub(crate) trait Internal {
    /// Makes it, with a report in which nothing is the user's.
    fn internal(report: String) -> Self;
}

impl Internal for VaultError {
    fn internal(report: String) -> Self {
        Self::Internal { report }
    }
}

impl Internal for ImportError {
    fn internal(report: String) -> Self {
        Self::Internal { report }
    }
}

impl Internal for PushError {
    fn internal(report: String) -> Self {
        Self::Internal { report }
    }
}

/// Makes the error of a fault.
pub(crate) fn of_fault<E: Internal>(fault: Fault) -> E {
    E::internal(format!("panic at {}", fault.place))
}
