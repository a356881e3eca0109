//! Prints one account as a link that reads back as the same account.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::label::Names;
use super::otpauth::seems_steam;
use super::parameters::is_known;
use crate::account::Account;
use crate::base32;
use crate::otp::Otp;
use crate::secret::SecretText;

/// All but what RFC 3986 section 2.3 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the account as an `otpauth://` link, or a `motp://` link for Mobile-OTP.
///
/// [`parse`](super::parse) makes the same account of it, and other apps understand it. Only an empty PIN and
/// extra parameters with one of [our names](super::KNOWN_PARAMETERS) are left out.
///
/// ```
/// use authenticator_core::uri;
///
/// let account = uri::parse("otpauth://hotp/ann?secret=jbsw y3dp&counter=7")?;
/// let text = "otpauth://hotp/ann?secret=JBSWY3DP&algorithm=SHA1&digits=6&counter=7";
/// assert_eq!(uri::print(&account).expose(), text);
/// # Ok::<(), uri::UriError>(())
/// ```
pub fn print(account: &Account) -> SecretText {
    let mut uri = Writer::for_account(account);
    let Account { issuer, account_name, otp, extra } = account;
    uri.raw(match otp {
        Otp::Totp(_) => "otpauth://totp/",
        Otp::Hotp(_) => "otpauth://hotp/",
        Otp::Steam(_) => "otpauth://steam/",
        Otp::Yandex(_) => "otpauth://yaotp/",
        Otp::Motp(_) => "motp://",
    });
    if !issuer.is_empty() {
        uri.escaped(issuer);
        uri.raw(":");
    }
    uri.escaped(account_name);
    uri.raw("?secret=");
    // Letters and digits, but for a text that Mobile-OTP hashes.
    uri.escaped(
        match otp {
            Otp::Motp(motp) => motp.secret_as_written(),
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Steam(_) | Otp::Yandex(_) => {
                base32::encode(otp.secret().expose())
            }
        }
        .expose(),
    );
    if !issuer.is_empty() {
        uri.parameter("issuer", issuer);
    }
    uri.numbers(otp);
    uri.pin(otp);
    if let Otp::Totp(totp) = otp
        && seems_steam(issuer, totp.digits.get() == 5, extra)
    {
        uri.parameter("encoder", "totp");
    }
    let names = Names::from_label(&Names::to_label(issuer, account_name), issuer);
    if names.issuer != *issuer || names.account_name != *account_name {
        uri.parameter("klink_name", account_name);
    }
    for (name, value) in extra.iter().filter(|(name, _)| !is_known(name)) {
        uri.raw("&");
        uri.escaped(name);
        uri.raw("=");
        uri.escaped(value);
    }
    SecretText::new(uri.0)
}

/// Writes into memory that is large enough from the start: growing would leave copies of the secret behind.
struct Writer(String);

impl Writer {
    fn for_account(account: &Account) -> Self {
        let Account { issuer, account_name, otp, extra } = account;
        // Names may stand there twice, an escape is three times as long, and 256 are enough for all else.
        let extra: usize = extra.iter().map(|(name, value)| name.len() + value.len() + 1).sum();
        let pin = otp.pin().map_or(0, |pin| pin.expose().len());
        let texts = 2 * (issuer.len() + account_name.len()) + extra + pin;
        Self(String::with_capacity(3 * (texts + otp.secret().len()) + 256))
    }

    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn escaped(&mut self, text: &str) {
        self.0.extend(utf8_percent_encode(text, ESCAPED));
    }

    fn parameter(&mut self, name: &str, value: &str) {
        self.raw("&");
        self.raw(name);
        self.raw("=");
        self.escaped(value);
    }

    fn number(&mut self, name: &str, number: impl Into<u64>) {
        self.parameter(name, &number.into().to_string());
    }

    /// Writes algorithm, digits, and period or counter, where the kind leaves a choice.
    fn numbers(&mut self, otp: &Otp) {
        if let Some(algorithm) = otp.algorithm() {
            self.parameter("algorithm", algorithm.name());
        }
        match otp {
            Otp::Totp(_) | Otp::Hotp(_) | Otp::Motp(_) => self.number("digits", otp.digits()),
            Otp::Steam(_) | Otp::Yandex(_) => return,
        }
        if let Some(period) = otp.period() {
            self.number("period", period.seconds());
        }
        if let Some(counter) = otp.counter() {
            self.number("counter", counter);
        }
    }

    /// Writes the PIN as other apps do: as it is for Mobile-OTP, in base32 for Yandex.
    fn pin(&mut self, otp: &Otp) {
        let Some(pin) = otp.pin().filter(|pin| !pin.expose().is_empty()) else { return };
        let base32 = base32::encode(pin.expose().as_bytes());
        // Digits alone would be read as the PIN itself; base32 of a PIN in ASCII always has letters.
        let is_pin = base32.expose().bytes().all(|b| b.is_ascii_digit());
        let plain = matches!(otp, Otp::Motp(_)) || is_pin;
        self.parameter("pin", if plain { pin.expose() } else { base32.expose() });
    }
}
