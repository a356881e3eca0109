//! 10,000 codes of RFC 4226 and RFC 6238, each made by Debian's oathtool as well.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod seeded;

use std::io::ErrorKind;
use std::process::Command;

use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp, Period, Totp};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::UnixTime;
use seeded::Seeded;

/// How many codes one process makes, for counters or time steps in a row.
const WINDOW: u64 = 25;

#[test]
fn ten_thousand_codes_are_those_of_oathtool() {
    let mut random = Seeded(2026);
    let mut compared = 0;
    while compared < 10_000 {
        let (arguments, ours) = if random.below(2) == 0 { hotp(&mut random) } else { totp(&mut random) };
        let Some(theirs) = oathtool(&arguments) else {
            println!("not run: no oathtool");
            return;
        };
        assert_eq!(ours, theirs, "oathtool {}", arguments.join(" "));
        compared += ours.len();
    }
}

/// Returns what to ask oathtool, and our own answer.
fn hotp(random: &mut Seeded) -> (Vec<String>, Vec<String>) {
    let (secret, digits) = (secret(random), digits(random));
    // Half of them are counters as they occur; oathtool takes none above 2^63.
    let bits = *random.choose(&[50, 1]);
    let counter = random.bits() >> bits;
    let arguments = vec![format!("--counter={counter}")];
    let arguments = with_usual(arguments, digits, &secret);
    let hotp = Hotp { secret: SecretBytes::new(secret), algorithm: Algorithm::Sha1, digits, counter };
    (arguments, (counter..counter + WINDOW).map(|counter| hotp.code_for(counter).unwrap()).collect())
}

/// Returns what to ask oathtool, and our own answer.
fn totp(random: &mut Seeded) -> (Vec<String>, Vec<String>) {
    let (secret, digits) = (secret(random), digits(random));
    let algorithm = *random.choose(&[Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]);
    let seconds = *random.choose(&[1, 10, 15, 30, 60, 90, 3600, 86_400]);
    let at = random.below(8_000_000_000) as i64;
    let arguments = vec![
        format!("--totp={}", algorithm.name()),
        format!("--time-step-size={seconds}s"),
        format!("--now=@{at}"),
    ];
    let arguments = with_usual(arguments, digits, &secret);
    let period = Period::try_from(seconds).unwrap();
    let totp = Otp::Totp(Totp { secret: SecretBytes::new(secret), algorithm, digits, period });
    // Any moment of a time step gives its code.
    let mut at = UnixTime::from_seconds(at).plus_ms(random.below(1000) as i64);
    let mut codes = Vec::new();
    for _ in 0..WINDOW {
        let code = totp.code_at(at, 0).unwrap();
        at = code.valid_until;
        codes.push(code.text);
    }
    (arguments, codes)
}

/// Returns 1 to 150 bytes: shorter and longer than the hashes' blocks.
fn secret(random: &mut Seeded) -> Vec<u8> {
    let length = *random.choose(&[1, 5, 10, 16, 20, 20, 20, 32, 63, 64, 65, 128, 129, 150]);
    random.bytes(length)
}

fn digits(random: &mut Seeded) -> Digits {
    Digits::try_from(*random.choose(&[6, 7, 8])).unwrap()
}

fn with_usual(mut arguments: Vec<String>, digits: Digits, secret: &[u8]) -> Vec<String> {
    arguments.push(format!("--digits={}", digits.get()));
    arguments.push(format!("--window={}", WINDOW - 1));
    arguments.push(secret.iter().map(|byte| format!("{byte:02x}")).collect());
    arguments
}

/// Returns the codes that oathtool prints; `None` when it is not installed.
fn oathtool(arguments: &[String]) -> Option<Vec<String>> {
    let output = match Command::new("oathtool").args(arguments).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{} {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}
