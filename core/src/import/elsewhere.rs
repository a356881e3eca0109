//! Files that are known here and read elsewhere: our own backups by the flow that has the vault below it, files of `age` in
//! a terminal.

use super::error::{ImportError, NotReadable};
use super::format::Format;
use super::formats::Importer;
use super::sight::Sight;

/// Our own backup: `docs/vault-format.md`, "Copies".
pub(super) const BACKUP: Importer = Importer::new(
    Format::Backup,
    |sight| sight.begins(b"AKB1\n"),
    |_| Err(ImportError::NotReadable(Format::Backup, NotReadable::OwnBackup)),
);

/// age-encryption.org/v1, in bytes or in letters.
pub(super) const AGE: Importer = Importer::new(Format::Age, knows_age, |_| {
    Err(ImportError::NotReadable(Format::Age, NotReadable::SealedByAge))
});

fn knows_age(sight: &Sight<'_>) -> bool {
    sight.begins(b"age-encryption.org/v1\n") || sight.text_begins("-----BEGIN AGE ENCRYPTED FILE-----")
}

#[cfg(test)]
mod tests {
    use super::super::formats::open_one;
    use super::*;

    #[test]
    fn they_are_known_by_their_first_bytes_and_say_what_to_do() {
        let check = |bytes: &[u8], format, why| {
            assert_eq!(open_one(bytes, Some("x")).unwrap_err(), ImportError::NotReadable(format, why));
        };
        check(b"AKB1\nrest", Format::Backup, NotReadable::OwnBackup);
        check(b"age-encryption.org/v1\n-> X", Format::Age, NotReadable::SealedByAge);
        check(b"\r\n-----BEGIN AGE ENCRYPTED FILE-----\nYW", Format::Age, NotReadable::SealedByAge);
        assert_eq!(open_one(b"AKB2\nrest", None).unwrap_err(), ImportError::NotRecognised);
    }
}
