//! The export as a table (CSV), of the vault and of Bitwarden Authenticator.

use csv::{ReaderBuilder, StringRecord};

use super::super::encodings::without_mark;
use super::super::error::ImportError;
use super::super::format::Format;
use super::super::formats::Opening;
use super::super::found::{Entry, Imported, Place, Reason};
use super::super::parts::account_of;
use super::super::sight::Sight;
use crate::otp::{Digits, Otp, Period};
use crate::uri::UriError;

/// The column that makes a table one of Bitwarden's.
const TOTP: &str = "login_totp";

/// The column that only Bitwarden Authenticator's table has.
const ISSUER: &str = "issuer";

pub(super) fn knows(sight: &Sight<'_>) -> bool {
    has_column(sight, TOTP)
}

pub(super) fn knows_authenticator(sight: &Sight<'_>) -> bool {
    has_column(sight, TOTP) && has_column(sight, ISSUER)
}

fn has_column(sight: &Sight<'_>, name: &str) -> bool {
    let header = sight.text().split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    header.split(|byte| *byte == b',').any(|column| column.trim_ascii() == name.as_bytes())
}

/// Takes the rows that have a one-time password. A quoted note may have several lines.
pub(super) fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = without_mark(opening.source().bytes);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = reader.headers().map_err(|_| damaged())?.clone();
    let mut imported = Imported::new(Format::Bitwarden);
    for (index, record) in reader.records().enumerate() {
        opening.go_on()?;
        let row = match &record {
            Ok(row) => Row { columns: &columns, row },
            Err(_) => {
                imported.take(Place::entry(index, ""), Err(Reason::Field("row")));
                continue;
            }
        };
        if row.get(TOTP).is_empty() {
            continue;
        }
        let place = Place::account(index, row.get("name"), row.get("login_username"));
        let read = entry(&row, place.clone()).map(|mut entry| {
            let folder = Some(row.get("folder")).filter(|folder| !folder.is_empty());
            entry.groups = folder.map(|folder| imported.group(folder)).into_iter().collect();
            entry
        });
        imported.take(place, read);
    }
    Ok(imported)
}

struct Row<'a> {
    columns: &'a StringRecord,
    row: &'a StringRecord,
}

impl Row<'_> {
    /// Returns the cell in the column called `name`; nothing when there is no such column.
    fn get(&self, name: &str) -> &str {
        let column = self.columns.iter().position(|column| column.trim() == name);
        column.and_then(|column| self.row.get(column)).unwrap_or("").trim()
    }

    fn number(&self, name: &'static str) -> Result<Option<u32>, Reason> {
        match self.get(name) {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| Reason::Field(name)),
        }
    }
}

fn entry(row: &Row<'_>, place: Place) -> Result<Entry, Reason> {
    let issuer = Some(row.get(ISSUER)).filter(|issuer| !issuer.is_empty()).unwrap_or(row.get("name"));
    let mut account = account_of(row.get(TOTP), issuer, row.get("login_username"))?;
    // Columns of Bitwarden Authenticator; a link says the same itself.
    if let Otp::Totp(totp) = &mut account.otp
        && !row.get(TOTP).contains("://")
    {
        let wrong = |error| Reason::Uri(UriError::Otp(error));
        totp.period = row.number("period")?.map_or(Ok(totp.period), Period::try_from).map_err(wrong)?;
        totp.digits = row.number("digits")?.map_or(Ok(totp.digits), Digits::try_from).map_err(wrong)?;
    }
    let mut entry = Entry::new(place, account);
    entry.note = row.get("notes").to_owned();
    entry.favorite = ["1", "true"].contains(&row.get("favorite"));
    Ok(entry)
}

fn damaged() -> ImportError {
    ImportError::Damaged(Format::Bitwarden, Place::file("header"))
}
