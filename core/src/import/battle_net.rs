//! Battle.net: Android preferences of the messenger, secret and serial number under a mask that is the same everywhere.
//!
//! Source: beemdevelopment/Aegis `BattleNetImporter`.

use super::encodings::{self, hex_secret};
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Entry, Imported, Place, Reason};
use super::parts::OtpParts;
use super::sight::Sight;
use super::xml::{self, Preferences};
use crate::account::{Account, Kind};
use crate::otp::Otp;
use crate::secret::SecretText;

pub(super) const IMPORTER: Importer = Importer::new(Format::BattleNet, knows, read);

const SECRET: &str = "com.blizzard.messenger.AUTHENTICATOR_DEVICE_SECRET";
const SERIAL: &str = "com.blizzard.messenger.AUTHENTICATOR_SERIAL";

/// What the app combines both with, byte by byte.
const MASK: [u8; 57] = [
    0x39, 0x8e, 0x27, 0xfc, 0x50, 0x27, 0x6a, 0x65, 0x60, 0x65, 0xb0, 0xe5, 0x25, 0xf4, 0xc0, 0x6c, 0x04,
    0xc6, 0x10, 0x75, 0x28, 0x6b, 0x8e, 0x7a, 0xed, 0xa5, 0x9d, 0xa9, 0x81, 0x3b, 0x5d, 0xd6, 0xc8, 0x0d,
    0x2f, 0xb3, 0x80, 0x68, 0x77, 0x3f, 0xa5, 0x9b, 0xa4, 0x7c, 0x17, 0xca, 0x6c, 0x64, 0x79, 0x01, 0x5c,
    0x1d, 0x5b, 0x8b, 0x8f, 0x6b, 0x9a,
];

fn knows(sight: &Sight<'_>) -> bool {
    xml::is_preferences(sight.source.bytes, "com.blizzard.messenger.AUTHENTICATOR_")
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = encodings::without_mark(opening.source().bytes);
    let preferences = Preferences::read(bytes).map_err(|error| error.of(Format::BattleNet))?;
    let mut imported = Imported::new(Format::BattleNet);
    let Some(masked) = preferences.get(SECRET) else { return Ok(imported) };
    let serial = preferences.get(SERIAL).and_then(|serial| unmask(serial.expose()));
    let account_name = serial.map(|serial| serial.expose().to_owned()).unwrap_or_default();
    let place = Place::account(0, "Battle.net", &account_name);
    let read = otp(masked).map(|otp| {
        let account = Account { issuer: "Battle.net".to_owned(), account_name, otp, extra: Vec::new() };
        Entry::new(place.clone(), account)
    });
    imported.take(place, read);
    Ok(imported)
}

/// Under the mask the secret is text again, in hexadecimal.
fn otp(masked: &SecretText) -> Result<Otp, Reason> {
    let text = unmask(masked.expose()).ok_or(Reason::Field("AUTHENTICATOR_DEVICE_SECRET"))?;
    OtpParts { digits: Some(8), ..OtpParts::new(Kind::Totp, hex_secret(text.expose())?) }.otp()
}

fn unmask(masked: &str) -> Option<SecretText> {
    let mut bytes = encodings::hex(masked).filter(|bytes| bytes.len() <= MASK.len())?;
    bytes.expose_mut().iter_mut().zip(MASK).for_each(|(byte, mask)| *byte ^= mask);
    std::str::from_utf8(bytes.expose()).ok().map(SecretText::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{KdfBudget, Secrets, Source, detect, open};
    use crate::uri::{self, UriError};

    fn mask(text: &str) -> String {
        text.bytes().zip(MASK).map(|(byte, mask)| format!("{:02x}", byte ^ mask)).collect()
    }

    #[track_caller]
    fn check(secret: &str, serial: &str, expected: Result<&str, Reason>) {
        let xml = format!(
            "<?xml version='1.0' ?><map><string name=\"{SECRET}\">{secret}</string>\
             <string name=\"{SERIAL}\">{serial}</string></map>"
        );
        let source = Source { name: "", bytes: xml.as_bytes() };
        assert_eq!(detect(&source), Some(Format::BattleNet));
        let imported = open(&[source], &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap();
        assert_eq!(
            imported.entries.first().map(|entry| &entry.account),
            expected.ok().map(|uri| uri::parse(uri).unwrap()).as_ref()
        );
        assert_eq!(imported.problems.first().map(|problem| problem.reason), expected.err());
        assert_eq!(imported.total(), 1);
    }

    #[test]
    fn the_mask_is_taken_off_secret_and_serial_number() {
        let uri = "otpauth://totp/Battle.net:EU-1234-5678-9012?secret=AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT\
                   &issuer=Battle.net&digits=8";
        let secret = mask("000102030405060708090a0b0c0d0e0f10111213");
        check(&secret, &mask("EU-1234-5678-9012"), Ok(uri));
        check(&secret.to_uppercase(), "no hex", Ok(&uri.replace("EU-1234-5678-9012", "")));
    }

    #[test]
    fn what_is_no_secret_under_the_mask_is_damage() {
        check("0g", "", Err(Reason::Field("AUTHENTICATOR_DEVICE_SECRET")));
        check(&"00".repeat(58), "", Err(Reason::Field("AUTHENTICATOR_DEVICE_SECRET")));
        check(&mask("no hex"), "", Err(Reason::Uri(UriError::NotHex)));
        check("", "", Err(Reason::Uri(UriError::NoSecret)));
    }
}
