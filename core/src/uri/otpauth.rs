//! Reads one account from a link: Key URI Format (`otpauth://`), `steam://` and `motp://`.

use zeroize::Zeroizing;

use super::label::Names;
use super::parameters::{Parameters, decode, decode_form, with_decoded_secret};
use super::{MAX_TEXT_BYTES, UriError};
use crate::account::Account;
use crate::base32::{self, Base32Error};
use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, OtpError, Period, Steam, Totp, Yandex};
use crate::secret::{SecretBytes, SecretText};

/// Returns the account that `text` describes: an `otpauth://`, `steam://` or `motp://` link.
///
/// `docs/uris.md` lists what is forgiven. A `motp` or `yaotp` link without a PIN is an account that
/// [needs one](Otp::needs_pin).
///
/// ```
/// use authenticator_core::uri;
///
/// let account = uri::parse("otpauth://totp/ACME:ann%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=ACME")?;
/// assert_eq!(account.issuer, "ACME");
/// assert_eq!(account.account_name, "ann@example.com");
/// assert_eq!(account.otp.digits(), 6);
/// # Ok::<(), uri::UriError>(())
/// ```
///
/// # Errors
///
/// Every variant of [`UriError`]; none holds a part of the text.
pub fn parse(text: &str) -> Result<Account, UriError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(UriError::TooLong(text.len()));
    }
    let (scheme, rest) = split_scheme(text).ok_or(UriError::Scheme)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if scheme.eq_ignore_ascii_case("otpauth") {
        let (kind, label) = path.split_once('/').unwrap_or((path, ""));
        otpauth(kind, label, Parameters::read(query)?)
    } else if scheme.eq_ignore_ascii_case("motp") {
        motp(path.strip_suffix('/').unwrap_or(path), Parameters::read(query)?)
    } else if scheme.eq_ignore_ascii_case("steam") {
        steam(path.strip_suffix('/').unwrap_or(path))
    } else {
        Err(UriError::Scheme)
    }
}

/// Returns the algorithm that links and exports call so: `SHA1`, `sha256`, `HmacSHA512`, `HMAC-SHA-1`; an old Ente
/// wrote `Algorithm.sha1`.
pub fn algorithm_named(name: &str) -> Option<Algorithm> {
    let mut letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.make_ascii_uppercase();
    let name =
        ["HMAC", "ALGORITHM"].iter().find_map(|prefix| letters.strip_prefix(prefix)).unwrap_or(&letters);
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
}

/// Returns scheme and rest of `scheme://rest`.
pub(super) fn split_scheme(text: &str) -> Option<(&str, &str)> {
    trim(text).split_once("://")
}

/// Returns `text` without the space and byte order mark that came along.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn otpauth(kind: &str, label: &str, read: Parameters<'_>) -> Result<Account, UriError> {
    let names = names(label, &read);
    let otp = if kind.eq_ignore_ascii_case("totp") {
        if is_steam(&names.issuer, &read) { steam_otp(&read)? } else { totp(&read)? }
    } else if kind.eq_ignore_ascii_case("hotp") {
        hotp(&read)?
    } else if kind.eq_ignore_ascii_case("steam") {
        steam_otp(&read)?
    } else if kind.eq_ignore_ascii_case("yaotp") {
        yandex(&read)?
    } else {
        return Err(UriError::Kind);
    };
    Ok(Account { issuer: names.issuer, account_name: names.account_name, otp, extra: read.extra })
}

fn totp(read: &Parameters<'_>) -> Result<Otp, UriError> {
    let (algorithm, digits) = (algorithm(read)?, digits(read)?);
    Ok(Otp::Totp(Totp { secret: secret(read)?, algorithm, digits, period: period(read, Period::THIRTY)? }))
}

/// A HOTP link without a counter starts at 0.
fn hotp(read: &Parameters<'_>) -> Result<Otp, UriError> {
    let (algorithm, digits) = (algorithm(read)?, digits(read)?);
    let counter = number("counter", read.counter)?.unwrap_or(0);
    Ok(Otp::Hotp(Hotp { secret: secret(read)?, algorithm, digits, counter }))
}

fn steam_otp(read: &Parameters<'_>) -> Result<Otp, UriError> {
    Ok(Otp::Steam(Steam { secret: secret(read)? }))
}

fn yandex(read: &Parameters<'_>) -> Result<Otp, UriError> {
    let secret = secret(read)?;
    if secret.len() < Yandex::SECRET_BYTES {
        return Err(OtpError::ShortSecret(secret.len()).into());
    }
    Ok(Otp::Yandex(Yandex { secret, pin: read.pin.and_then(yandex_pin) }))
}

/// Reads `motp://issuer:name?secret=hex`; the PIN is hardly ever in it.
fn motp(label: &str, read: Parameters<'_>) -> Result<Account, UriError> {
    let Names { issuer, account_name } = names(label, &read);
    let digits = digits(&read)?;
    let period = period(&read, Motp::USUAL_PERIOD)?;
    let secret = with_decoded_secret(value(read.secret), hex)?;
    let pin = read.pin.map(|pin| with_decoded_secret(pin, |pin| SecretText::new(pin.to_owned())));
    let pin = pin.filter(|pin| !pin.expose().is_empty());
    Ok(Account {
        issuer,
        account_name,
        otp: Otp::Motp(Motp { secret, written: MotpSecret::Hex, pin, digits, period }),
        extra: read.extra,
    })
}

/// Reads `steam://BASE32`, which has no names; the issuer can only be Steam.
fn steam(secret: &str) -> Result<Account, UriError> {
    let secret = base32_secret(secret)?;
    let (issuer, account_name) = ("Steam".to_owned(), String::new());
    Ok(Account { issuer, account_name, otp: Otp::Steam(Steam { secret }), extra: Vec::new() })
}

fn names(label: &str, read: &Parameters<'_>) -> Names {
    let issuer = decode_form(read.issuer.unwrap_or(""));
    match read.exact_name {
        Some(name) => Names { issuer: issuer.into_owned(), account_name: decode_form(name).into_owned() },
        None => Names::from_label(&decode(label), &issuer),
    }
}

/// Tells whether a `totp` link means Steam: it says so, or it comes from WinAuth, or it is Steam's by its form.
///
/// KeePassXC writes `encoder=steam`, Stratum `steam`; WinAuth a `deviceid`, or five digits for the issuer Steam.
fn is_steam(issuer: &str, read: &Parameters<'_>) -> bool {
    match (read.encoder, read.steam) {
        (Some(encoder), _) => encoder.eq_ignore_ascii_case("steam"),
        (None, Some(_)) => true,
        (None, None) => seems_steam(issuer, read.digits.map(str::trim) == Some("5"), &read.extra),
    }
}

/// Tells whether a `totp` link that does not say so is taken for a Steam account.
pub(super) fn seems_steam(issuer: &str, five_digits: bool, extra: &[(String, String)]) -> bool {
    (five_digits && issuer.eq_ignore_ascii_case("steam"))
        || extra.iter().any(|(name, _)| name.eq_ignore_ascii_case("deviceid"))
}

fn secret(read: &Parameters<'_>) -> Result<SecretBytes, UriError> {
    base32_secret(value(read.secret))
}

pub(super) fn base32_secret(text: &str) -> Result<SecretBytes, UriError> {
    with_decoded_secret(text, base32::decode).map_err(|error| match error {
        Base32Error::Empty => UriError::NoSecret,
        Base32Error::Character { .. } => UriError::Secret(error),
    })
}

pub(super) fn hex(text: &str) -> Result<SecretBytes, UriError> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text.chars().filter(|c| !c.is_whitespace()) {
        digits.push(character.to_digit(16).ok_or(UriError::NotHex)? as u8);
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    match (pairs.is_empty(), rest.is_empty()) {
        (true, true) => Err(UriError::NoSecret),
        (_, false) => Err(UriError::NotHex),
        (false, true) => Ok(SecretBytes::new(pairs.iter().map(|[high, low]| high << 4 | low).collect())),
    }
}

/// Aegis writes the PIN in base32; other links have it as it is, in digits.
fn yandex_pin(pin: &str) -> Option<SecretText> {
    with_decoded_secret(pin, |pin| {
        let is_plain = pin.bytes().all(|b| b.is_ascii_digit());
        let bytes = if is_plain { None } else { base32::decode(pin).ok() };
        let decoded = bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes.expose()).ok());
        Some(decoded.unwrap_or(pin)).filter(|pin| !pin.is_empty()).map(SecretText::from)
    })
}

fn algorithm(read: &Parameters<'_>) -> Result<Algorithm, UriError> {
    let name = decode_form(value(read.algorithm));
    if name.trim().is_empty() {
        Ok(Algorithm::Sha1)
    } else {
        algorithm_named(&name).ok_or(UriError::Algorithm)
    }
}

fn digits(read: &Parameters<'_>) -> Result<Digits, UriError> {
    Ok(number("digits", read.digits)?.map_or(Ok(Digits::SIX), <Digits as TryFrom<u32>>::try_from)?)
}

fn period(read: &Parameters<'_>, usual: Period) -> Result<Period, UriError> {
    Ok(number("period", read.period)?.map_or(Ok(usual), <Period as TryFrom<u32>>::try_from)?)
}

/// Returns the number that a parameter says; an empty one counts as absent.
fn number<N: std::str::FromStr>(name: &'static str, read: Option<&str>) -> Result<Option<N>, UriError> {
    let text = decode_form(value(read));
    match text.trim() {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| UriError::Number(name)),
    }
}

/// Returns a parameter's value without the fragment that may follow the last one; names may hold a bare `#`.
fn value(read: Option<&str>) -> &str {
    let text = read.unwrap_or("");
    text.split_once('#').map_or(text, |(value, _)| value)
}
