//! A link in, a code out: `cargo run --example code -- 'otpauth://totp/…?secret=…'`

use std::time::{SystemTime, UNIX_EPOCH};

use authenticator_core::otp::Otp;
use authenticator_core::time::UnixTime;
use authenticator_core::uri;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).ok_or("usage: code URI")?;
    let account = uri::parse(&text)?;
    if let Otp::Hotp(hotp) = &account.otp {
        println!("{} (counter {})", hotp.code()?, hotp.counter);
        return Ok(());
    }
    // The core reads no clock: whoever calls it says what time it is.
    let now = UnixTime::from_ms(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis().try_into()?);
    let code = account.otp.code_at(now, 0)?;
    println!("{} for {} more seconds", code.text, (code.valid_until.ms() - now.ms()) / 1000);
    Ok(())
}
