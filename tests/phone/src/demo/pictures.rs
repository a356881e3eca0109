//! The pictures that the demo reads: real PNG files, drawn first.

use std::path::{Path, PathBuf};

use authenticator_core::account::Account;
use authenticator_core::otp::{Algorithm, Digits, Hotp, Otp, Period, Steam, Totp};
use authenticator_core::secret::SecretBytes;
use authenticator_core::uri::{self, migration};
use image::Luma;
use qrcode::QrCode;

use crate::refusal::Refusal;

/// One picture and what a person would call it.
pub struct Picture {
    /// What it shows.
    pub title: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

/// Draws all pictures into `folder`.
pub fn draw(folder: &Path) -> Result<Vec<Picture>, Refusal> {
    let export = migration::print(&export_accounts(), 20_251_124).parts;
    let mut texts = vec![
        ("a plain account", "plain.png", uri::print(&plain()).expose().to_owned()),
        ("a Steam account", "steam.png", uri::print(&steam()).expose().to_owned()),
        ("an account that counts", "counts.png", uri::print(&counts()).expose().to_owned()),
    ];
    // The parts come in the wrong order on purpose: people scan as they like.
    let titles = [("Google export, part 2", "export-2.png"), ("Google export, part 1", "export-1.png")];
    for ((title, file), text) in titles.into_iter().zip(export.iter().rev()) {
        texts.push((title, file, text.expose().to_owned()));
    }
    texts.push(("another company's activation", "activation.png", ACTIVATION.to_owned()));
    texts.into_iter().map(|(title, file, text)| draw_one(folder, title, file, &text)).collect()
}

/// The shape of the code on the set-up page of a well-known vendor; the values are made up.
const ACTIVATION: &str =
    "phonefactor://activate_account?code=482915370&url=https%3A%2F%2Factivation.example%2Fpad%2F1234567890";

/// Pixels a module of the code is wide.
const MODULE: u32 = 6;

fn draw_one(folder: &Path, title: &'static str, file: &str, text: &str) -> Result<Picture, Refusal> {
    let code = QrCode::new(text).map_err(|error| Refusal::new("drawing", format!("{title}: {error}.")))?;
    let picture = code.render::<Luma<u8>>().module_dimensions(MODULE, MODULE).build();
    let path = folder.join(file);
    picture.save(&path).map_err(|error| Refusal::new("drawing", format!("{}: {error}.", path.display())))?;
    Ok(Picture { title, path })
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
