//! What `klink import` says: where something stands, why it cannot be taken, and what to do about a file.

use authenticator_core::import::{Format, ImportError, Needs, NotReadable, Place, Reason};
use serde_json::json;

use crate::refusal::Refusal;
use crate::tables::safe;

/// Says where something stands: "entry 7, 'GitHub'".
pub fn place(place: &Place, sources: usize) -> String {
    let file = (sources > 1).then(|| format!("file {}", place.source + 1));
    let entry = place.entry.map(|entry| format!("entry {entry}"));
    let byte = place.byte.map(|byte| format!("byte {byte}"));
    let name = (!place.name.is_empty()).then(|| format!("'{}'", safe(&place.name)));
    let parts: Vec<String> = [file, entry, name, byte].into_iter().flatten().collect();
    if parts.is_empty() { "the file".to_owned() } else { parts.join(", ") }
}

/// Says why an entry cannot be taken.
pub fn reason(reason: Reason) -> String {
    match reason {
        Reason::UnknownKind => "of a kind that has no codes Klink can make".to_owned(),
        Reason::MustBeEnrolledAgain => "approves sign-ins of that app; it must be set up again".to_owned(),
        Reason::NeedsPin => {
            "needs a PIN that the file does not hold; add it with: klink add --pin".to_owned()
        }
        Reason::DeviceBound => "its secret is kept by the other phone; it must be set up again".to_owned(),
        Reason::Uri(error) => error.to_string(),
        Reason::Field(name) => format!("its {name} is missing or not what it should be"),
        Reason::Seal => "its encryption does not open".to_owned(),
        Reason::HalfMissing => "one half of it is missing in the file".to_owned(),
        Reason::NoCode => "no code can be read in the picture".to_owned(),
        Reason::TooLarge => "larger than a vault takes".to_owned(),
        Reason::TooMany(entries) => format!("{entries} more entries than can be read at once"),
    }
}

/// Says why a file gives nothing, and what to do next.
pub fn refusal(error: &ImportError, names: &[String]) -> Refusal {
    match error {
        ImportError::NotRecognised => Refusal::new(
            "not_recognised",
            "Nothing that Klink knows is in there. See docs/importers.md for the files it reads.",
        ),
        ImportError::NeedsPassword(format, needs) => {
            let (word, text) = match needs {
                Needs::Password => ("password", "is encrypted. Give its password with --password-file FILE."),
                Needs::KeyFile => ("key_file", "needs its key file. Give it with --key-file FILE."),
            };
            Refusal::new("needs_password", format!("This {} file {text}", app(*format)))
                .with("format", format.name())
                .with("needs", word)
        }
        ImportError::WrongPassword(format) => Refusal::new(
            "wrong_password",
            format!("That is not the password of this {} file. It is the one chosen for the export.", app(*format)),
        )
        .with("format", format.name()),
        ImportError::Damaged(format, at) => Refusal::new(
            "damaged",
            format!("This {} file is damaged at {}. Export it again.", app(*format), place(at, names.len())),
        )
        .with("format", format.name())
        .with("place", place(at, names.len())),
        ImportError::NewerVersion(format, version) => Refusal::new(
            "newer_version",
            format!("This {} file has version {version}, which is newer than Klink knows.", app(*format)),
        )
        .with("format", format.name())
        .with("version", *version),
        ImportError::NotReadable(format, why) => {
            let (word, text) = instead(*why);
            Refusal::new("not_readable", format!("This {} file {text}", app(*format)))
                .with("format", format.name())
                .with("why", word)
        }
        ImportError::TooExpensive { format, cost } => Refusal::new(
            "too_expensive",
            format!(
                "The password of this {} file costs {} MiB of memory and {} passes. If that is fine: --allow-expensive",
                app(*format),
                cost.memory_bytes.div_ceil(1 << 20),
                cost.passes
            ),
        )
        .with("format", format.name())
        .with("memory_bytes", cost.memory_bytes)
        .with("passes", cost.passes),
        ImportError::TooLarge(bytes) => {
            Refusal::new("not_readable", "This is larger than any export, or unpacks to more. Nothing was read.")
                .with("why", "too_large")
                .with("bytes", *bytes)
        }
        ImportError::TooManySources(files) => {
            Refusal::new("not_readable", format!("{files} files are too many at once. Import fewer."))
                .with("why", "too_many_files")
        }
        ImportError::TwoFormats(one, other) => Refusal::new(
            "not_readable",
            format!("These are files of two apps, {} and {}. Import one after the other.", app(*one), app(*other)),
        )
        .with("why", "two_formats")
        .with("formats", json!([one.name(), other.name()])),
        ImportError::Stranger { format, source_number } => {
            let name = names.get(*source_number).map_or("", String::as_str);
            Refusal::new("not_recognised", format!("{name} does not belong to a {} export.", app(*format)))
                .with("file", name)
        }
        ImportError::Stopped => Refusal::stopped(),
    }
}

fn instead(why: NotReadable) -> (&'static str, &'static str) {
    match why {
        NotReadable::AccountRestricted => (
            "account_restricted",
            "is bound to your account there. Export again and choose a password of your own.",
        ),
        NotReadable::DeviceBound => {
            ("device_bound", "can be read by that app on that phone alone. Set the accounts up again.")
        }
        NotReadable::OpenPgp => ("openpgp", "is encrypted with OpenPGP. Decrypt it first."),
        NotReadable::WindowsBound => {
            ("windows_bound", "can be read on that Windows alone. Export it there as text.")
        }
        NotReadable::NoPasswordSlot => {
            ("no_password_slot", "opens with a finger alone. Make an export with a password.")
        }
        NotReadable::SealedByAge => (
            "sealed_for_a_key",
            "is sealed for a key and not under a passphrase. Open it with: age --decrypt",
        ),
        NotReadable::OwnBackup => ("own_backup", "is Klink's own. Restore it with: klink restore FILE"),
    }
}

/// Returns what people call the app.
pub fn app(format: Format) -> &'static str {
    match format {
        Format::UriList => "link",
        Format::GoogleMigration | Format::GoogleDatabase => "Google Authenticator",
        Format::Aegis => "Aegis",
        Format::TwoFas => "2FAS",
        Format::Ente => "Ente Auth",
        Format::ProtonAuthenticator => "Proton Authenticator",
        Format::ProtonPass => "Proton Pass",
        Format::Bitwarden => "Bitwarden",
        Format::BitwardenAuthenticator => "Bitwarden Authenticator",
        Format::Stratum => "Stratum",
        Format::Html => "HTML",
        Format::AndOtp => "andOTP",
        Format::FreeOtp1 | Format::FreeOtp2 => "FreeOTP",
        Format::FreeOtpPlus => "FreeOTP+",
        Format::Raivo => "Raivo",
        Format::WinAuth => "WinAuth",
        Format::Steam => "Steam",
        Format::Authy => "Authy",
        Format::Duo => "Duo",
        Format::BattleNet => "Battle.net",
        Format::TotpAuthenticator => "TOTP Authenticator",
        Format::AuthenticatorPlus => "Authenticator Plus",
        Format::MicrosoftAuthenticator => "Microsoft Authenticator",
        Format::LastPass => "LastPass Authenticator",
        Format::KeePass => "KeePass",
        Format::OnePassword => "1Password",
        Format::Cxf => "Credential Exchange",
        Format::PrivacyIdea => "privacyIDEA",
        Format::Picture => "picture",
        Format::Backup => "Klink backup",
        Format::Age => "age",
    }
}
