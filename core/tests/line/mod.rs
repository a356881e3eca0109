//! Accounts as one line of text, so that tables of expected values can be read.

use authenticator_core::account::Account;
use authenticator_core::base32;
use authenticator_core::otp::Algorithm;

/// Says an account in one line; what is usual is left out.
pub(crate) fn line(account: &Account) -> String {
    let Account { issuer, account_name, otp, extra } = account;
    let secret = base32::encode(otp.secret().expose());
    let mut line = format!("{} [{issuer}] [{account_name}] {}", otp.kind(), secret.expose());
    if let Some(algorithm) = otp.algorithm().filter(|algorithm| *algorithm != Algorithm::Sha1) {
        line += &format!(" {algorithm:?}");
    }
    if otp.algorithm().is_some() && otp.digits() != 6 {
        line += &format!(" {} digits", otp.digits());
    }
    if let Some(period) = otp.period().filter(|period| period.seconds() != 30) {
        line += &format!(" {} s", period.seconds());
    }
    if let Some(counter) = otp.counter() {
        line += &format!(" counter {counter}");
    }
    if let Some(pin) = otp.pin() {
        line += &format!(" pin {}", pin.expose());
    }
    extra.iter().for_each(|(name, value)| line += &format!(" {name}={value}"));
    line
}
