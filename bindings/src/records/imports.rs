//! Other apps' files: what they are, what they hold, and what an import comes to. Secrets stay in the preview.

use authenticator_core::authenticator::{self as flows, Other, RowStatus};
use authenticator_core::import::{self, Place, Problem, Reason};
use authenticator_core::secret::SecretBytes;

use super::{AccountKind, Algorithm, count, small};

pub use authenticator_core::import::{
    Format as ImportFormat, Needs as ImportNeeds, NotReadable as ClosedReason,
};

/// What a file is.
#[uniffi::remote(Enum)]
pub enum ImportFormat {
    /// One otpauth, steam or motp link a line.
    UriList,
    /// Google Authenticator's migration codes, as links or pictures.
    GoogleMigration,
    /// Aegis JSON, plain or encrypted.
    Aegis,
    /// 2FAS backup, plain or encrypted.
    TwoFas,
    /// Ente Auth, plain or encrypted.
    Ente,
    /// Proton Authenticator, plain or encrypted.
    ProtonAuthenticator,
    /// Proton Pass.
    ProtonPass,
    /// Bitwarden vault, JSON or CSV.
    Bitwarden,
    /// Bitwarden Authenticator.
    BitwardenAuthenticator,
    /// Stratum, formerly Authenticator Pro.
    Stratum,
    /// A page of links: Stratum or Aegis HTML.
    Html,
    /// andOTP.
    AndOtp,
    /// FreeOTP 1, Android preferences.
    FreeOtp1,
    /// FreeOTP 2, a serialised map.
    FreeOtp2,
    /// FreeOTP+.
    FreeOtpPlus,
    /// Raivo OTP.
    Raivo,
    /// WinAuth text.
    WinAuth,
    /// Steam's own file, or a maFile.
    Steam,
    /// Authy, Android preferences.
    Authy,
    /// Duo Mobile.
    Duo,
    /// Battle.net Authenticator.
    BattleNet,
    /// TOTP Authenticator by BinaryBoot.
    TotpAuthenticator,
    /// Authenticator Plus.
    AuthenticatorPlus,
    /// Microsoft Authenticator's database.
    MicrosoftAuthenticator,
    /// Google Authenticator's database.
    GoogleDatabase,
    /// LastPass Authenticator.
    LastPass,
    /// KeePass database.
    KeePass,
    /// 1Password 1pux.
    OnePassword,
    /// FIDO Credential Exchange Format.
    Cxf,
    /// privacyIDEA Authenticator.
    PrivacyIdea,
    /// A picture with codes in it.
    Picture,
    /// Our own backup: it is restored, compared or merged.
    Backup,
    /// A file sealed by `age`: the terminal program opens it.
    Age,
}

/// What an encrypted file needs.
#[uniffi::remote(Enum)]
pub enum ImportNeeds {
    /// The password that was chosen for this export or backup.
    Password,
    /// A key file, or a key file besides the password.
    KeyFile,
}

/// Why a file is closed to everybody, and so what the user can do.
#[uniffi::remote(Enum)]
pub enum ClosedReason {
    /// Bound to the user's account at that company: export again with a password of your own.
    AccountRestricted,
    /// Encrypted by the phone's key store: only the app on that phone can read it.
    DeviceBound,
    /// Encrypted with OpenPGP: decrypt it first.
    OpenPgp,
    /// Kept by Windows for one user: export as text there.
    WindowsBound,
    /// Unlocked by biometry alone: make an export with a password.
    NoPasswordSlot,
    /// Sealed by `age`: decrypt it first, or import it with the terminal program.
    SealedByAge,
    /// One of our own backups; an import opens those, so that no app is told this.
    OwnBackup,
}

/// One file or picture, as the user chose it.
#[derive(Clone, uniffi::Record)]
pub struct ImportSource {
    /// Its name; it only breaks ties, the content decides.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// What opens an encrypted file.
#[derive(Clone, Default, uniffi::Record)]
pub struct ImportSecrets {
    /// The password as the user typed it, in UTF-8.
    #[uniffi(default = None)]
    pub password: Option<Vec<u8>>,
    /// The key file of a KeePass database, all of it.
    #[uniffi(default = None)]
    pub key_file: Option<Vec<u8>>,
}

/// Where something stands among the files of an import.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ImportPlace {
    /// Which of the files, counted from 0.
    pub source: i32,
    /// Which entry, counted from 1; nothing when it is the file itself.
    pub entry: Option<i32>,
    /// "GitHub", "GitHub · ann", the name of a field or table; may be empty. Never a secret.
    pub name: String,
    /// The byte at which a file breaks, counted from 0, where it can be said.
    pub byte: Option<i64>,
}

/// One row of a preview.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct PreviewRow {
    /// Names it in its preview, counted from 0.
    pub number: i32,
    /// Where it stands in the files.
    pub place: ImportPlace,
    /// How it stands to the vault.
    pub status: PreviewStatus,
    /// Whether `commit` takes it over.
    pub ticked: bool,
    /// How it makes codes.
    pub kind: AccountKind,
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The hash under HMAC, where the kind leaves a choice.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code.
    pub digits: i32,
    /// Seconds of a time step; nothing for codes that count.
    pub period_s: Option<i32>,
    /// The names of its groups; those that the vault has not are made.
    pub groups: Vec<String>,
    /// Whether it is marked.
    pub favorite: bool,
    /// The note.
    pub note: String,
    /// Whether it goes to the trash, where the other app has it.
    pub trashed: bool,
}

/// How a row of a preview stands to the vault.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum PreviewStatus {
    /// There is nothing like it. Ticked.
    New,
    /// It is new, and its PIN is not known: ask for it now (`set_pin`), or later. Ticked.
    NeedsPin,
    /// The same credential with the same names is there: nothing is added for it, and it cannot be ticked.
    Duplicate {
        /// That account.
        other: OtherAccount,
    },
    /// The same secret is there under another name. Ticked.
    SameSecretOtherName {
        /// That account.
        other: OtherAccount,
    },
    /// The same names are there with another secret. Ticked; both are kept.
    SameNameOtherSecret {
        /// That account.
        other: OtherAccount,
    },
}

/// The account that a row is like.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum OtherAccount {
    /// One of the vault.
    InVault {
        /// Its id.
        id: String,
    },
    /// An earlier row of this preview.
    InFile {
        /// Its number.
        number: i32,
    },
}

/// An entry of a file that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ImportProblem {
    /// Where it is.
    pub place: ImportPlace,
    /// Why.
    pub why: ProblemReason,
    /// Whether it is broken; otherwise it is whole, and of no use here.
    pub damaged: bool,
    /// How many entries it stands for: one, but for those beyond the limit.
    pub entries: i64,
}

/// Why an entry cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum ProblemReason {
    /// A kind of account that has no codes anybody else can make: push, FIDO, a vendor's own.
    UnknownKind,
    /// A push account of another app: it must be enrolled again.
    MustBeEnrolledAgain,
    /// Its codes need a PIN that the file does not hold.
    NeedsPin,
    /// Its secret is kept by the other phone's key store.
    DeviceBound,
    /// Its link or its fields cannot be used as they are.
    Link {
        /// Which rule it breaks, for a log; nothing of the entry is in it.
        report: String,
    },
    /// A field that must be there is missing or of another type.
    Field {
        /// Its name.
        name: String,
    },
    /// Its seal does not open.
    Seal,
    /// One half of the entry is missing in the file.
    HalfMissing,
    /// There is no code in the picture, or the picture cannot be read.
    NoCode,
    /// With all that is said of it, it is larger than the vault takes.
    TooLarge,
    /// Beyond the limit of 10,000: so many were not read.
    TooMany,
}

/// How the one-time passwords of an import are accounted for: `total` is the sum of the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ImportCounts {
    /// All of them, outside recycle bins and histories.
    pub total: i64,
    /// Taken over, or to be taken over.
    pub imported: i64,
    /// There already.
    pub duplicates: i64,
    /// Whole, and of no use here: see `problems`.
    pub unsupported: i64,
    /// Broken: see `problems`.
    pub damaged: i64,
    /// Not ticked.
    pub skipped: i64,
}

/// What an import did.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ImportDone {
    /// The counts; those imported were read back from the vault's file.
    pub counts: ImportCounts,
    /// The ids of the new accounts.
    pub ids: Vec<String>,
}

impl PreviewRow {
    /// Puts its number beside a row.
    pub(crate) fn of(number: usize, row: flows::ImportRow) -> Self {
        let flows::ImportRow {
            place,
            status,
            picked,
            kind,
            issuer,
            account_name,
            algorithm,
            digits,
            period_s,
            // It is no part of what a person compares.
            counter: _,
            groups,
            favorite,
            note,
            trashed,
            usage_count: _,
            last_used_at: _,
        } = row;
        Self {
            number: small(number),
            place: place.into(),
            status: status.into(),
            ticked: picked,
            kind,
            issuer,
            account_name,
            algorithm,
            digits: small(digits),
            period_s: period_s.map(small),
            groups,
            favorite,
            note,
            trashed,
        }
    }
}

impl From<RowStatus> for PreviewStatus {
    fn from(status: RowStatus) -> Self {
        match status {
            RowStatus::New => Self::New,
            RowStatus::NeedsPin => Self::NeedsPin,
            RowStatus::AlreadyPresent(other) => Self::Duplicate { other: other.into() },
            RowStatus::SameSecretOtherName(other) => Self::SameSecretOtherName { other: other.into() },
            RowStatus::SameNameOtherSecret(other) => Self::SameNameOtherSecret { other: other.into() },
        }
    }
}

impl From<Other> for OtherAccount {
    fn from(other: Other) -> Self {
        match other {
            Other::InVault(id) => Self::InVault { id: id.to_string() },
            Other::InFile(row) => Self::InFile { number: small(row) },
        }
    }
}

impl From<Place> for ImportPlace {
    fn from(place: Place) -> Self {
        let Place { source, entry, name, byte } = place;
        Self { source: small(source), entry: entry.map(small), name, byte: byte.map(count) }
    }
}

impl From<Problem> for ImportProblem {
    fn from(problem: Problem) -> Self {
        let entries = count(problem.entries());
        let Problem { place, reason } = problem;
        let why = match reason {
            Reason::UnknownKind => ProblemReason::UnknownKind,
            Reason::MustBeEnrolledAgain => ProblemReason::MustBeEnrolledAgain,
            Reason::NeedsPin => ProblemReason::NeedsPin,
            Reason::DeviceBound => ProblemReason::DeviceBound,
            Reason::Uri(why) => ProblemReason::Link { report: why.to_string() },
            Reason::Field(name) => ProblemReason::Field { name: name.to_owned() },
            Reason::Seal => ProblemReason::Seal,
            Reason::HalfMissing => ProblemReason::HalfMissing,
            Reason::NoCode => ProblemReason::NoCode,
            Reason::TooLarge => ProblemReason::TooLarge,
            Reason::TooMany(_) => ProblemReason::TooMany,
        };
        Self { place: place.into(), why, damaged: reason.is_damage(), entries }
    }
}

impl From<flows::ImportCounts> for ImportCounts {
    fn from(counts: flows::ImportCounts) -> Self {
        let flows::ImportCounts { total, imported, duplicates, unsupported, damaged, skipped } = counts;
        Self {
            total: count(total),
            imported: count(imported),
            duplicates: count(duplicates),
            unsupported: count(unsupported),
            damaged: count(damaged),
            skipped: count(skipped),
        }
    }
}

impl From<flows::ImportDone> for ImportDone {
    fn from(done: flows::ImportDone) -> Self {
        let flows::ImportDone { counts, ids } = done;
        Self { counts: counts.into(), ids: ids.iter().map(ToString::to_string).collect() }
    }
}

impl From<ImportSecrets> for import::Secrets {
    fn from(secrets: ImportSecrets) -> Self {
        let ImportSecrets { password, key_file } = secrets;
        Self { password: password.map(super::text), key_file: key_file.map(SecretBytes::new) }
    }
}
