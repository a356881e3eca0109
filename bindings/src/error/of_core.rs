//! The core's errors, as the edge says them.

use authenticator_core::authenticator::{self as flows, NoSuch, ShellFault};
use authenticator_core::base32::Base32Error;
use authenticator_core::export::ExportError;
use authenticator_core::import::{self, KdfCost};
use authenticator_core::moving::{CodeError, MoveError};
use authenticator_core::net::NetError;
use authenticator_core::otp::OtpError;
use authenticator_core::push::enrolment::OfferError;
use authenticator_core::push::matching::GivenError;
use authenticator_core::qr::QrError;
use authenticator_core::uri::UriError;
use authenticator_core::vault;

use super::{
    AbsentTrouble, AccountTrouble, ClosedTrouble, ExportTrouble, KeySlip, MoveTrouble, NetworkTrouble,
    NumberTrouble, OfferTrouble, PushError, ScanError, SourcesTrouble, StateTrouble, StorageTrouble,
    TransferError, VaultError, WayInTrouble,
};
use crate::panics::Fault;
use crate::records::{count, slip, small};

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
            E::Folder(why) => Self::Storage { why: StorageTrouble::Folder { why: why.into() } },
            // Calls that move, export or preview have an error of their own.
            E::Move(_) | E::MoveCode(_) | E::Export(_) | E::NoPreview => {
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

impl From<UriError> for ScanError {
    fn from(error: UriError) -> Self {
        let slip = match error {
            UriError::NoSecret => KeySlip::Empty,
            UriError::Secret(Base32Error::Empty) => KeySlip::Empty,
            UriError::Secret(Base32Error::Character { position, class: _ }) => {
                KeySlip::Character { place: small(position) }
            }
            UriError::NotHex => KeySlip::NotHex,
            UriError::Otp(OtpError::Digits(_)) => KeySlip::Digits,
            UriError::Otp(OtpError::Period(_)) => KeySlip::Period,
            UriError::Otp(OtpError::ShortSecret(_)) => KeySlip::Short,
            UriError::Number(_) => KeySlip::Counter,
            // A typed key is no link: none of these comes of it.
            UriError::TooLong(_)
            | UriError::Scheme
            | UriError::Kind
            | UriError::TwoSecrets
            | UriError::Algorithm
            | UriError::Damaged
            | UriError::Otp(
                OtpError::CounterBased
                | OtpError::NeedsPin
                | OtpError::BeforeEpoch
                | OtpError::TooLate
                | OtpError::NoSuchCode,
            ) => KeySlip::Kind,
        };
        Self::Key { slip }
    }
}

impl From<VaultError> for TransferError {
    fn from(why: VaultError) -> Self {
        Self::Vault { why }
    }
}

impl From<flows::Error> for TransferError {
    fn from(error: flows::Error) -> Self {
        use flows::Error as E;
        match error {
            E::NoPreview => Self::Used,
            E::Export(why) => export(why),
            E::Move(why) => moving(why),
            E::MoveCode(why) => Self::Move {
                why: match why {
                    CodeError::NotOurs => MoveTrouble::NotACode,
                    CodeError::Newer(_) => MoveTrouble::Newer,
                    CodeError::Damaged => MoveTrouble::Misread,
                },
            },
            E::Locked
            | E::AlreadyUnlocked
            | E::Suspended
            | E::NotConfirmed
            | E::NotTypedBack(_)
            | E::NoSuchAccount
            | E::NoCode(_)
            | E::Folder(_)
            | E::Vault(_) => VaultError::from(error).into(),
        }
    }
}

fn export(why: ExportError) -> TransferError {
    let why = match why {
        ExportError::Stopped => ExportTrouble::Stopped,
        ExportError::EmptyPassword => ExportTrouble::EmptyPassword,
        ExportError::OutOfMemory => ExportTrouble::OutOfMemory,
        ExportError::Random(_) => return no_randomness().into(),
    };
    TransferError::Export { why }
}

fn moving(why: MoveError) -> TransferError {
    let why = match why {
        MoveError::Incomplete => MoveTrouble::Incomplete,
        MoveError::OtherFile => MoveTrouble::OtherFile,
        MoveError::Damaged => MoveTrouble::Damaged,
        MoveError::TooManyParts { parts } => MoveTrouble::TooManyParts { parts: count(parts) },
        MoveError::Random(_) => return no_randomness().into(),
    };
    TransferError::Move { why }
}

fn no_randomness() -> VaultError {
    VaultError::Storage { why: StorageTrouble::NoRandomness }
}

impl From<import::ImportError> for TransferError {
    fn from(error: import::ImportError) -> Self {
        use import::ImportError as E;
        let sources = |why| Self::Sources { why };
        match error {
            E::NotRecognised => Self::NotRecognised,
            E::NeedsPassword(format, needs) => Self::NeedsPassword { format, needs },
            E::WrongPassword(format) => Self::WrongPassword { format },
            E::Damaged(format, place) => Self::Damaged { format, place: place.into() },
            E::NewerVersion(format, version) => {
                Self::NotReadable { format, why: ClosedTrouble::NewerVersion { version: count(version) } }
            }
            E::NotReadable(format, reason) => {
                Self::NotReadable { format, why: ClosedTrouble::Closed { reason } }
            }
            E::TooExpensive { format, cost: KdfCost { memory_bytes, passes } } => {
                Self::TooExpensive { format, memory_bytes: count(memory_bytes), passes: count(passes) }
            }
            E::TooLarge(bytes) => sources(SourcesTrouble::TooLarge { bytes: count(bytes) }),
            E::TooManySources(files) => sources(SourcesTrouble::TooMany { files: count(files) }),
            E::TwoFormats(one, other) => sources(SourcesTrouble::TwoFormats { one, other }),
            E::Stranger { format, source_number } => {
                sources(SourcesTrouble::Stranger { format, number: small(source_number) })
            }
            E::Stopped => sources(SourcesTrouble::Stopped),
        }
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
        OfferError::KeyKind => OfferTrouble::KeyKind,
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

impl Internal for TransferError {
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
