//! Says what a scanned or pasted text is, account or not.

use super::migration::{self, MigrationError};
use super::otpauth::{parse, trim};
use super::vendors::{Vendor, VendorHint, is_duo_code, vendor_of_link};
use super::{MAX_TEXT_BYTES, UriError};
use crate::account::Account;
use crate::secret::SecretText;

/// What a text is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Text {
    /// One account, ready to be added; ask for the PIN when it [needs one](crate::otp::Otp::needs_pin).
    Account(Account),
    /// A part of an export of Google Authenticator.
    Migration(migration::Part),
    /// The offer of a service to enrol this phone for push; the text goes to enrolment as it is.
    Enrolment {
        /// Which protocol the service speaks.
        dialect: Dialect,
        /// The text, without space around it.
        text: SecretText,
    },
    /// The code that a page shows beside an open request: `pushmatch:`. Only a camera may bring it.
    PushMatch(SecretText),
    /// A code of a move from another device of the user's own: `KLINK-MOVE:`. It goes to the receiving side as it is.
    Move(SecretText),
    /// A code for a vendor's own app; nobody else can enrol with it.
    VendorPush {
        /// Whose app.
        vendor: Vendor,
        /// What the user can do on that page instead.
        hint: VendorHint,
    },
    /// Looks like an account but has no secret: it enrols push with Auth0's Guardian.
    OtpauthWithoutSecret,
    /// Meant as an account and not usable as one, or too long to be looked at.
    Broken(UriError),
    /// Meant as a part of an export, and not usable as one.
    BrokenMigration(MigrationError),
    /// A passkey's sign-in code (`FIDO:/`): the phone's own camera app takes it.
    Passkey,
    /// A network's name and password: `WIFI:`.
    Wifi,
    /// Somebody's card: vCard or MECARD.
    Contact,
    /// The address of a web page.
    Url,
    /// A link that opens some other app.
    OtherLink,
    /// Anything else.
    Plain,
}

/// Which protocol an enrolment offer belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Dialect {
    /// Ours: `pushenrol:` or `https://…/push-enrol#…`.
    Klink,
    /// privacyIDEA, and eduMFA with the same link: `otpauth://pipush/`, `pia://pipush/`.
    PrivacyIdea,
    /// eduMFA's own link: `edumfa-push://`.
    EduMfa,
}

/// Returns what `text` is; it never fails, and looks at nothing but the text.
///
/// ```
/// use authenticator_core::uri::{self, Text, VendorHint};
///
/// let text = uri::classify("phonefactor://activate_account?code=1&url=https%3A%2F%2Fexample.com");
/// assert!(matches!(text, Text::VendorPush { hint: VendorHint::UseDifferentApp, .. }));
/// assert_eq!(uri::classify("WIFI:S:home;T:WPA;P:secret;;"), Text::Wifi);
/// ```
pub fn classify(text: &str) -> Text {
    let text = trim(text);
    if text.len() > MAX_TEXT_BYTES {
        return Text::Broken(UriError::TooLong(text.len()));
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return if starts_like_page(text) { Text::Url } else { bare(text) };
    };
    let scheme = scheme.to_ascii_lowercase();
    match (scheme.as_str(), rest.strip_prefix("//")) {
        ("otpauth", Some(rest)) => otpauth(text, rest),
        ("otpauth", None) => Text::Broken(UriError::Scheme),
        ("otpauth-migration", _) => {
            migration::parse(text).map_or_else(Text::BrokenMigration, Text::Migration)
        }
        ("motp", _) => parse(text).map_or_else(Text::Broken, Text::Account),
        ("steam", Some(rest)) => steam(text, rest),
        ("pushenrol", _) => enrolment(Dialect::Klink, text),
        ("pia", Some(rest)) if has_host(rest, "pipush") => enrolment(Dialect::PrivacyIdea, text),
        ("edumfa-push", Some(_)) => enrolment(Dialect::EduMfa, text),
        ("pushmatch", _) => Text::PushMatch(SecretText::from(text)),
        ("klink-move", _) => Text::Move(SecretText::from(text)),
        ("https", Some(rest)) if is_offer(rest) => enrolment(Dialect::Klink, text),
        ("fido", _) => Text::Passkey,
        ("wifi", None) => Text::Wifi,
        ("mecard", None) => Text::Contact,
        ("begin", None) if rest.get(..5).is_some_and(|card| card.eq_ignore_ascii_case("vcard")) => {
            Text::Contact
        }
        ("mailto" | "tel" | "sms" | "smsto" | "geo", None) => Text::OtherLink,
        (_, Some(rest)) if is_scheme(&scheme) => link(&scheme, rest),
        _ => bare(text),
    }
}

/// A link with one of the authority kinds: an account's, privacyIDEA's, or Auth0's.
fn otpauth(text: &str, rest: &str) -> Text {
    if has_host(rest, "pipush") {
        return enrolment(Dialect::PrivacyIdea, text);
    }
    match parse(text) {
        Ok(account) => Text::Account(account),
        Err(UriError::NoSecret) if rest.contains("enrollment_tx_id=") => Text::OtpauthWithoutSecret,
        Err(error) => Text::Broken(error),
    }
}

/// `steam://BASE32` is an account, `steam://run/440` starts a game.
fn steam(text: &str, rest: &str) -> Text {
    match parse(text) {
        Ok(account) => Text::Account(account),
        Err(_) if rest.trim_end_matches('/').contains('/') => Text::OtherLink,
        Err(error) => Text::Broken(error),
    }
}

fn link(scheme: &str, rest: &str) -> Text {
    if let Some(vendor) = vendor_of_link(scheme, rest) {
        return Text::VendorPush { vendor, hint: vendor.hint() };
    }
    if scheme == "http" || scheme == "https" { Text::Url } else { Text::OtherLink }
}

fn bare(text: &str) -> Text {
    if is_duo_code(text) {
        let vendor = Vendor::Duo;
        return Text::VendorPush { vendor, hint: vendor.hint() };
    }
    Text::Plain
}

fn enrolment(dialect: Dialect, text: &str) -> Text {
    Text::Enrolment { dialect, text: SecretText::from(text) }
}

/// Tells whether an https link is an offer of ours: `host/push-enrol#…`.
fn is_offer(rest: &str) -> bool {
    rest.split_once('#').is_some_and(|(page, offer)| page.ends_with("/push-enrol") && !offer.is_empty())
}

fn has_host(rest: &str, host: &str) -> bool {
    rest.split(['/', '?']).next().is_some_and(|found| found.eq_ignore_ascii_case(host))
}

/// Tells whether `text` can be a scheme, RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn starts_like_page(text: &str) -> bool {
    text.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www.")) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests;
