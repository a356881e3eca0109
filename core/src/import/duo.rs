//! Duo Mobile: `files/duokit/accounts.json`. Accounts that Duo itself protects are push, and must be enrolled again.
//!
//! Source: beemdevelopment/Aegis `DuoImporter`. The file has no issuers, digits, periods or algorithms.

use super::encodings::base32_secret;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::json::{self, Json};
use super::parts::OtpParts;
use super::sight::Sight;
use crate::account::{Account, Kind};
use crate::otp::Otp;

pub(super) const IMPORTER: Importer = Importer::new(Format::Duo, knows, read);

fn knows(sight: &Sight<'_>) -> bool {
    sight.has("[].otpGenerator") || (sight.has("[].pkey") && sight.has("[].accountType"))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let list = json::read(opening.source().bytes, Format::Duo)?;
    let mut imported = Imported::new(Format::Duo);
    for (index, json) in list.items().iter().enumerate() {
        opening.go_on()?;
        let account_name = json.text("name");
        let place = Place::entry(index, &account_name);
        let read = otp(json.get("otpGenerator")).map(|otp| {
            let account = Account { issuer: String::new(), account_name, otp, extra: Vec::new() };
            Entry::new(place.clone(), account)
        });
        imported.take(place, read);
    }
    Ok(imported)
}

/// What has a counter is HOTP.
fn otp(generator: &Json) -> Result<Otp, Reason> {
    if generator.is_null() {
        return Err(Reason::MustBeEnrolledAgain);
    }
    let counter = generator.number("counter")?;
    let kind = if counter.is_some() { Kind::Hotp } else { Kind::Totp };
    let secret = base32_secret(generator.need("otpSecret")?)?;
    OtpParts { counter, ..OtpParts::new(kind, secret) }.otp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{KdfBudget, Secrets, Source, detect, open};
    use crate::uri;

    const FILE: &str = r#"[
        {"accountType": "OtpAccount", "name": "ann", "otpGenerator": {"otpSecret": "JBSWY3DPEHPK3PXP"}, "pkey": "1"},
        {"accountType": "OtpAccount", "name": "ben", "otpGenerator": {"otpSecret": "JBSWY3DP", "counter": 0}},
        {"accountType": "DuoAccount", "name": "work", "pkey": "3"},
        {"accountType": "OtpAccount", "name": "empty", "otpGenerator": {"otpSecret": ""}},
        {"accountType": "OtpAccount", "name": "count", "otpGenerator": {"otpSecret": "JBSWY3DP", "counter": -1}}
    ]"#;

    #[test]
    fn accounts_with_a_counter_are_hotp_and_duos_own_are_named() {
        let source = Source { name: "", bytes: FILE.as_bytes() };
        assert_eq!(detect(&source), Some(Format::Duo));
        let imported = open(&[source], &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap();
        let accounts: Vec<_> = imported.entries.into_iter().map(|entry| entry.account).collect();
        let expected =
            ["otpauth://totp/ann?secret=JBSWY3DPEHPK3PXP", "otpauth://hotp/ben?secret=JBSWY3DP&counter=0"];
        assert_eq!(accounts, expected.map(|uri| uri::parse(uri).unwrap()));
        let problems: Vec<_> = imported.problems.iter().map(|p| (&*p.place.name, p.reason)).collect();
        let expected = [
            ("work", Reason::MustBeEnrolledAgain),
            ("empty", Reason::Uri(uri::UriError::NoSecret)),
            ("count", Reason::Field("counter")),
        ];
        assert_eq!(problems, expected);
    }
}
