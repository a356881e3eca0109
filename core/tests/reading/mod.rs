//! What the tests of importing share: opening a fixture, and an entry in the fixtures' own words.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses its own part of this")]

use authenticator_core::import::{Entry, Icon, ImportError, Imported, KdfBudget, Secrets, Source, open};
use authenticator_core::otp::{Algorithm, Otp};
use authenticator_core::secret::{SecretBytes, SecretText};
use fixtures::{Fixture, Kind, Said};

/// A password that opens no fixture.
pub const WRONG: &str = "this is not the password";

/// Opens a fixture with what opens it.
pub fn open_fixture(fixture: &Fixture) -> Result<Imported, ImportError> {
    open_bytes(&borrowed(fixture), fixture.password, fixture.key_file.as_deref())
}

/// Opens files with a password and a key file, whatever it costs within reason.
pub fn open_bytes(
    sources: &[(&str, &[u8])],
    password: Option<&str>,
    key_file: Option<&[u8]>,
) -> Result<Imported, ImportError> {
    let sources: Vec<_> = sources.iter().map(|(name, bytes)| Source { name, bytes }).collect();
    let secrets =
        Secrets { password: password.map(SecretText::from), key_file: key_file.map(SecretBytes::from) };
    open(&sources, &secrets, KdfBudget::CONSENTED, &|| false)
}

pub fn borrowed(fixture: &Fixture) -> Vec<(&str, &[u8])> {
    fixture.sources.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect()
}

/// Returns an entry in the fixtures' words; `groups` are the import's.
pub fn said(entry: &Entry, groups: &[String]) -> Said {
    let otp = &entry.account.otp;
    let kind = match otp {
        Otp::Totp(_) => Kind::Totp,
        Otp::Hotp(_) => Kind::Hotp,
        Otp::Steam(_) => Kind::Steam,
        Otp::Motp(_) => Kind::Motp,
        Otp::Yandex(_) => Kind::Yandex,
    };
    let (icon, picture) = match &entry.icon {
        None => (None, None),
        Some(Icon::Named(name)) => (Some(name.clone()), None),
        Some(Icon::Picture(bytes)) => (None, Some(bytes.expose().to_vec())),
    };
    Said {
        issuer: entry.account.issuer.clone(),
        account_name: entry.account.account_name.clone(),
        kind,
        secret: otp.secret().expose().to_vec(),
        algorithm: otp.algorithm().unwrap_or(Algorithm::Sha1).name(),
        digits: otp.digits(),
        period: otp.period().map_or(30, |period| period.seconds()),
        counter: otp.counter().unwrap_or(0),
        // The fixtures have two PINs; a third one would be a mistake.
        pin: otp
            .pin()
            .map(|pin| ["1234", "5678"].into_iter().find(|known| *known == pin.expose()).unwrap_or("?")),
        note: entry.note.clone(),
        favorite: entry.favorite,
        groups: entry.groups.iter().map(|group| groups[*group].clone()).collect(),
        trashed: entry.trashed,
        usage_count: entry.usage_count,
        last_used_at_ms: entry.last_used_at.map(|at| at.ms() as u64),
        icon,
        picture,
    }
}

/// Returns what makes two entries of a file one: names and credential. An account in the trash never stands in the way of one
/// in the list.
pub fn identity(said: &Said) -> impl Ord + use<> {
    let names = (said.issuer.clone(), said.account_name.clone());
    let makes = (format!("{:?}", said.kind), said.algorithm, said.digits, said.period, said.pin);
    (names, makes, said.secret.clone(), said.trashed)
}
