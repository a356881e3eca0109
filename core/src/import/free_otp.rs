//! One token of FreeOTP and of its kin, as all of them write it in JSON.
//!
//! Sources: freeotp/freeotp-android `Token`, helloworld1/FreeOTPPlus `Token`, beemdevelopment/Aegis `FreeOtpImporter`.

use super::found::{Entry, Place, Reason};
use super::json::Json;
use super::parts::{self, OtpParts};
use crate::account::{Account, Kind};
use crate::secret::SecretBytes;

/// Where `token` stands, with its names.
pub(super) fn place(index: usize, token: &Json) -> Place {
    let (issuer, account_name) = names(token);
    Place::account(index, &issuer, &account_name)
}

/// Reads a token whose secret is known already. The counter is that of the next code, in all of these apps.
///
/// # Errors
/// [`Reason`].
pub(super) fn entry(token: &Json, secret: SecretBytes, place: Place) -> Result<Entry, Reason> {
    let (issuer, account_name) = names(token);
    let kind = match token.need("type")?.to_ascii_uppercase().as_str() {
        // The apps have no kind for Steam: they know it by its issuer.
        "TOTP" if issuer == "Steam" || token.text("issuerInt") == "Steam" => Kind::Steam,
        "TOTP" => Kind::Totp,
        "HOTP" => Kind::Hotp,
        _ => return Err(Reason::UnknownKind),
    };
    let otp = OtpParts {
        kind,
        secret,
        algorithm: parts::algorithm(&token.text("algo"))?,
        digits: token.number("digits")?,
        period: token.number("period")?,
        counter: token.number("counter")?,
        pin: None,
    }
    .otp()?;
    Ok(Entry::new(place, Account { issuer, account_name, otp, extra: Vec::new() }))
}

/// Returns bytes that are written as a list of Java's signed ones.
///
/// # Errors
/// [`Reason::Field`] with its name.
pub(super) fn signed_bytes(json: &Json, name: &'static str) -> Result<SecretBytes, Reason> {
    let list = json.get(name);
    if !list.is_list() {
        return Err(Reason::Field(name));
    }
    let mut bytes = SecretBytes::new(vec![0; list.items().len()]);
    for (byte, item) in bytes.expose_mut().iter_mut().zip(list.items()) {
        *byte = match item.as_number::<i16>() {
            Some(signed @ -128..=255) => signed as u8,
            _ => return Err(Reason::Field(name)),
        };
    }
    Ok(bytes)
}

/// Returns issuer and account name: what the user made of them stands before what the code said.
fn names(token: &Json) -> (String, String) {
    let first = |names: &[&str]| {
        names.iter().map(|name| token.text(name)).find(|text| !text.is_empty()).unwrap_or_default()
    };
    (first(&["issuerAlt", "issuerExt", "issuerInt"]), first(&["labelAlt", "label"]))
}
