//! What a scanned text is. Secrets stay in the session.

use authenticator_core::account::Account;
use authenticator_core::qr::Found;
use authenticator_core::secret::SecretText;
use authenticator_core::uri::Entered;
pub use authenticator_core::uri::{Dialect, Vendor, VendorHint};

use super::{AccountKind, Algorithm, small};
use crate::error::{KeySlip, ScanError};

/// Which protocol an enrolment offer belongs to.
#[uniffi::remote(Enum)]
pub enum Dialect {
    /// Ours: `pushenrol:` or `https://…/push-enrol#…`.
    Klink,
    /// privacyIDEA, and eduMFA with the same link.
    PrivacyIdea,
    /// eduMFA's own link.
    EduMfa,
}

/// Whose app a code is meant for.
#[uniffi::remote(Enum)]
pub enum Vendor {
    /// Microsoft Authenticator.
    Microsoft,
    /// Duo Mobile.
    Duo,
    /// Okta Verify.
    Okta,
    /// ForgeRock and Ping.
    ForgeRock,
    /// LinOTP.
    LinOtp,
    /// tiqr.
    Tiqr,
    /// Salt Edge Authenticator.
    SaltEdge,
}

/// What the user can do on the page that shows the code; the words are the app's.
#[uniffi::remote(Enum)]
pub enum VendorHint {
    /// The same page has a link "I want to use a different authenticator app": its code works here.
    UseDifferentApp,
    /// Go back and choose the method called "Google Authenticator": its code works here.
    ChooseGoogleAuthenticator,
    /// Look on the page for a method called authenticator app, verification code or TOTP: its code works here.
    LookForCodes,
    /// The service offers its own app alone; an administrator may allow others.
    VendorAppOnly,
}

/// One code in a picture or frame: what it says and where it is.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ScannedCode {
    /// What it is.
    pub what: Scanned,
    /// Its corners in pixels, `x` and `y` in turn: top left, top right, bottom right, bottom left of the code itself.
    pub corners: Vec<f32>,
}

/// What one scanned or pasted text is.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Scanned {
    /// One account: show it, then `add_scanned` with its number.
    Account {
        /// What is known of it; the secret stays in the session.
        account: ScannedAccount,
    },
    /// A part of an export: collect the missing parts, then `preview_scanned`.
    Migration {
        /// How far it has come.
        progress: MigrationProgress,
    },
    /// The offer of a service to enrol this phone: `offer` takes the text.
    Enrolment {
        /// Which protocol the service speaks.
        dialect: Dialect,
        /// The text as it is.
        text: String,
    },
    /// The code that a page shows beside an open request: `Decision.ApproveScanned` takes the text.
    PushMatch {
        /// The text as it is.
        text: String,
    },
    /// A code of a move from another device of the user's own: lead to the screen that receives it.
    Move {
        /// The text as it is.
        text: String,
    },
    /// A code for a vendor's own app; nobody else can enrol with it.
    VendorPush {
        /// Whose app.
        vendor: Vendor,
        /// What the user can do on that page instead.
        hint: VendorHint,
    },
    /// Looks like an account but has no secret: it enrols push with another company's app.
    AccountWithoutSecret,
    /// Meant as an account or a part of an export, and not usable as one.
    Broken {
        /// Which rule it breaks, for a log; nothing of the text is in it.
        report: String,
    },
    /// A passkey's sign-in code: the phone's own camera app takes it.
    Passkey,
    /// A network's name and password.
    Wifi,
    /// Somebody's card.
    Contact,
    /// The address of a web page.
    Url,
    /// A link that opens some other app.
    OtherLink,
    /// Anything else.
    Plain,
}

/// An account that a session found. Its secret stays there.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct ScannedAccount {
    /// Names it in its session.
    pub number: i32,
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
    /// Whether a PIN is needed and none is known: ask for it before adding.
    pub needs_pin: bool,
}

/// A key that a person types, because a page shows it as text. What stays nothing is as nearly every issuer has it.
#[derive(Clone, uniffi::Record)]
pub struct EnteredKey {
    /// The provider; may be empty.
    pub issuer: String,
    /// The user's name there; may be empty.
    pub account_name: String,
    /// The key as it was typed: base32 with spaces and dashes anywhere, hexadecimal for Mobile-OTP.
    pub secret: String,
    /// How its codes are made.
    pub kind: AccountKind,
    /// SHA-1 unless chosen; only TOTP and HOTP leave a choice.
    #[uniffi(default = None)]
    pub algorithm: Option<Algorithm>,
    /// Six unless chosen; Steam and Yandex leave no choice.
    #[uniffi(default = None)]
    pub digits: Option<i32>,
    /// Seconds of a time step: 30, or 10 for Mobile-OTP, unless chosen.
    #[uniffi(default = None)]
    pub period_s: Option<i32>,
    /// The counter of the next code, in decimal: 0 unless chosen.
    #[uniffi(default = None)]
    pub counter: Option<String>,
    /// The PIN of Mobile-OTP or Yandex, in UTF-8; it may be asked for later.
    #[uniffi(default = None)]
    pub pin: Option<Vec<u8>>,
}

/// How far an export in several codes has come.
#[derive(Clone, Debug, Eq, PartialEq, uniffi::Record)]
pub struct MigrationProgress {
    /// This part, counted from 1.
    pub part: i32,
    /// How many there are.
    pub parts: i32,
    /// Parts that were not seen yet, counted from 1.
    pub missing: Vec<i32>,
    /// Accounts in this part.
    pub accounts: i32,
    /// Entries of this part that cannot be used.
    pub damaged: i32,
    /// Whether this part was seen before.
    pub seen_before: bool,
}

impl TryFrom<EnteredKey> for Entered {
    type Error = ScanError;

    fn try_from(key: EnteredKey) -> Result<Self, ScanError> {
        let EnteredKey { issuer, account_name, secret, kind, algorithm, digits, period_s, counter, pin } =
            key;
        let number =
            |n: Option<i32>, slip| n.map(u32::try_from).transpose().map_err(|_| ScanError::Key { slip });
        let counter = counter.map(|text| text.trim().parse::<u64>()).transpose();
        Ok(Self {
            issuer,
            account_name,
            secret: SecretText::new(secret),
            kind,
            algorithm,
            digits: number(digits, KeySlip::Digits)?,
            period_s: number(period_s, KeySlip::Period)?,
            counter: counter.map_err(|_| ScanError::Key { slip: KeySlip::Counter })?,
            pin: pin.map(super::text),
        })
    }
}

impl ScannedAccount {
    /// Describes an account without its secret.
    pub(crate) fn of(number: usize, account: &Account) -> Self {
        let Account { issuer, account_name, otp, extra: _ } = account;
        Self {
            number: small(number),
            kind: otp.kind(),
            issuer: issuer.clone(),
            account_name: account_name.clone(),
            algorithm: otp.algorithm(),
            digits: small(otp.digits()),
            period_s: otp.period().map(|period| small(period.seconds())),
            needs_pin: otp.needs_pin(),
        }
    }
}

impl ScannedCode {
    /// Puts what a code is beside where it is.
    pub(crate) fn of(what: Scanned, found: &Found) -> Self {
        let Found { text: _, bytes: _, corners } = found;
        Self { what, corners: corners.iter().flat_map(|(x, y)| [*x, *y]).collect() }
    }
}
