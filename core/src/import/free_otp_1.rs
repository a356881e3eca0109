//! FreeOTP 1: Android preferences, `tokens.xml`. And FreeOTP+: the same tokens as JSON.

use super::encodings;
use super::error::ImportError;
use super::format::Format;
use super::formats::{Importer, Opening};
use super::found::{Imported, Place};
use super::free_otp;
use super::json::{self, Json};
use super::sight::Sight;
use super::xml::{self, Preferences};

pub(super) const IMPORTER: Importer = Importer::new(Format::FreeOtp1, knows, read);
pub(super) const PLUS: Importer = Importer::new(Format::FreeOtpPlus, knows_plus, read_plus);

/// The value that is no token: the order on the screen.
const ORDER: &str = "tokenOrder";

fn knows(sight: &Sight<'_>) -> bool {
    // A file that is cut off may end before the order.
    [ORDER, "issuerExt&quot;", "issuerInt&quot;", "secret&quot;:["]
        .iter()
        .any(|mark| xml::is_preferences(sight.source.bytes, mark))
}

fn read(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let bytes = encodings::without_mark(opening.source().bytes);
    let preferences = Preferences::read(bytes).map_err(|error| error.of(Format::FreeOtp1))?;
    let order =
        preferences.get(ORDER).and_then(|order| json::read(order.expose().as_bytes(), Format::FreeOtp1).ok());
    let mut imported = Imported::new(Format::FreeOtp1);
    let tokens = preferences.texts().filter(|(name, _)| *name != ORDER);
    for (index, (name, text)) in tokens.enumerate() {
        opening.go_on()?;
        match json::read(text.expose().as_bytes(), Format::FreeOtp1) {
            Ok(token) => take(&token, index, rank(name, order.as_ref()), &mut imported),
            Err(_) => imported.take(Place::entry(index, name), Err(super::Reason::Field("token"))),
        }
    }
    Ok(imported)
}

fn knows_plus(sight: &Sight<'_>) -> bool {
    sight.has("tokens") && (sight.has(ORDER) || sight.has("tokens[].secret"))
}

fn read_plus(opening: &Opening<'_>) -> Result<Imported, ImportError> {
    let file = json::read(opening.source().bytes, Format::FreeOtpPlus)?;
    let tokens = file.get("tokens");
    if !tokens.is_list() {
        return Err(ImportError::Damaged(Format::FreeOtpPlus, Place::file("tokens")));
    }
    let mut imported = Imported::new(Format::FreeOtpPlus);
    for (index, token) in tokens.items().iter().enumerate() {
        opening.go_on()?;
        let name = [token.text("issuerExt"), token.text("label")].join(":");
        take(token, index, rank(&name, Some(file.get(ORDER))), &mut imported);
    }
    Ok(imported)
}

fn take(token: &Json, index: usize, rank: Option<i64>, imported: &mut Imported) {
    let place = free_otp::place(index, token);
    let secret = free_otp::signed_bytes(token, "secret");
    let read = secret.and_then(|secret| free_otp::entry(token, secret, place.clone()));
    imported.take(
        place,
        read.map(|mut entry| {
            entry.rank = rank;
            entry
        }),
    );
}

/// Returns where a token stood on the screen.
fn rank(name: &str, order: Option<&Json>) -> Option<i64> {
    let names = order?.items();
    names.iter().position(|known| known.as_text() == Some(name)).map(|position| position as i64)
}

#[cfg(test)]
mod tests;
