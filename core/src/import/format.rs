//! The formats by name.

use std::fmt;

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// One otpauth, steam or motp link a line.
    UriList,
    /// Google Authenticator's `otpauth-migration` links or pictures of them.
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
    /// Our own backup.
    Backup,
    /// A file sealed by `age`.
    Age,
}

impl Format {
    /// Returns the name used in JSON and in `docs/importers.md`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UriList => "uri-list",
            Self::GoogleMigration => "google-migration",
            Self::Aegis => "aegis",
            Self::TwoFas => "2fas",
            Self::Ente => "ente",
            Self::ProtonAuthenticator => "proton-authenticator",
            Self::ProtonPass => "proton-pass",
            Self::Bitwarden => "bitwarden",
            Self::BitwardenAuthenticator => "bitwarden-authenticator",
            Self::Stratum => "stratum",
            Self::Html => "html",
            Self::AndOtp => "andotp",
            Self::FreeOtp1 => "freeotp-1",
            Self::FreeOtp2 => "freeotp-2",
            Self::FreeOtpPlus => "freeotp-plus",
            Self::Raivo => "raivo",
            Self::WinAuth => "winauth",
            Self::Steam => "steam",
            Self::Authy => "authy",
            Self::Duo => "duo",
            Self::BattleNet => "battle-net",
            Self::TotpAuthenticator => "totp-authenticator",
            Self::AuthenticatorPlus => "authenticator-plus",
            Self::MicrosoftAuthenticator => "microsoft-authenticator",
            Self::GoogleDatabase => "google-database",
            Self::LastPass => "lastpass",
            Self::KeePass => "keepass",
            Self::OnePassword => "1password",
            Self::Cxf => "cxf",
            Self::PrivacyIdea => "privacyidea",
            Self::Picture => "picture",
            Self::Backup => "klink-backup",
            Self::Age => "age",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
