//! The pictures that the demo reads: real PNG files, drawn first.

use std::path::{Path, PathBuf};

use authenticator_core::account::Account;
use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp, Period, Steam, Totp};
use authenticator_core::secret::SecretBytes;
use authenticator_core::uri::{self, migration};
use image::Luma;
use qrcode::QrCode;

use super::stage::Failed;

/// Draws all pictures into `folder`.
pub fn draw(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let export = migration::print(&export_accounts(), 20_251_124).parts;
    let mut texts = vec![
        ("plain.png", uri::print(&plain()).expose().to_owned()),
        ("steam.png", uri::print(&steam()).expose().to_owned()),
        ("counts.png", uri::print(&counts()).expose().to_owned()),
    ];
    // The parts come in the wrong order on purpose: people scan as they like.
    for (file, text) in ["export-2.png", "export-1.png"].into_iter().zip(export.iter().rev()) {
        texts.push((file, text.expose().to_owned()));
    }
    texts.push(("activation.png", ACTIVATION.to_owned()));
    texts.into_iter().map(|(file, text)| draw_one(folder, file, &text)).collect()
}

/// The shape of the code on the set-up page of a well-known vendor; the values are made up.
const ACTIVATION: &str =
    "phonefactor://activate_account?code=482915370&url=https%3A%2F%2Factivation.example%2Fpad%2F1234567890";

/// Pixels a module of the code is wide.
const MODULE: u32 = 6;

fn draw_one(folder: &Path, file: &str, text: &str) -> Result<PathBuf, Failed> {
    let picture = QrCode::new(text)?.render::<Luma<u8>>().module_dimensions(MODULE, MODULE).build();
    let path = folder.join(file);
    picture.save(&path)?;
    Ok(path)
}

/// The account of RFC 6238 appendix B, so that the codes can be looked up there.
fn plain() -> Account {
    account("Example Bank", "alex@example.com", totp(b"12345678901234567890"))
}

fn steam() -> Account {
    let secret = SecretBytes::from(b"a steam guard secret".as_slice());
    account("Steam", "alex", Otp::Steam(Steam { secret }))
}

/// The account of RFC 4226 appendix D.
fn counts() -> Account {
    let secret = SecretBytes::from(b"12345678901234567890".as_slice());
    let hotp = Hotp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, counter: 0 };
    account("Door", "front entrance", Otp::Hotp(hotp))
}

fn export_accounts() -> Vec<Account> {
    const NAMES: [&str; 12] = [
        "Mail",
        "Shop",
        "Git",
        "Cloud",
        "Tax",
        "Health",
        "Library",
        "Forum",
        "Energy",
        "Insurance",
        "Travel",
        "Music",
    ];
    NAMES
        .iter()
        .enumerate()
        .map(|(n, issuer)| {
            let seed: Vec<u8> = (0..20u8).map(|byte| byte.wrapping_mul(7).wrapping_add(n as u8)).collect();
            account(issuer, "alex@example.com", totp(&seed))
        })
        .collect()
}

fn totp(seed: &[u8]) -> Otp {
    Otp::Totp(Totp {
        secret: SecretBytes::from(seed),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        period: Period::THIRTY,
    })
}

fn account(issuer: &str, account_name: &str, otp: Otp) -> Account {
    Account { issuer: issuer.to_owned(), account_name: account_name.to_owned(), otp, extra: Vec::new() }
}
