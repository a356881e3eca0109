//! Vaults of every released format open for ever, with what they held.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;
use std::sync::Arc;

use authenticator_core::base32;
use authenticator_core::device::Anchor;
use authenticator_core::vault::{Key, LockedVault, Mode, Reason, RecoveryCode, Vault, VaultError};
use common::{MemoryAnchor, NOW};
use serde_json::{Value, json};

fn open(folder: &Path, key: Key<'_>) -> Vault {
    let anchor: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
    LockedVault::open(folder).unwrap().unlock(key, &anchor, NOW).unwrap().vault
}

/// Returns what the independent reader prints, from the core.
fn rows(vault: &mut Vault) -> Vec<Value> {
    let mut items = vault.items().to_vec();
    items.sort_by_key(|item| item.id);
    let mut rows = Vec::new();
    for item in items {
        let otp = vault.open_otp(item.id).unwrap();
        rows.push(json!({
            "id": item.id.to_string(), "kind": item.kind.name(), "issuer": item.issuer,
            "account_name": item.account_name, "algorithm": item.algorithm.map(|algorithm| algorithm.name()),
            "digits": item.digits, "period": item.period_s, "note": item.note,
            "secret": base32::encode(otp.secret().expose()).expose(), "counter": otp.counter(),
            "pin": otp.pin().map(|pin| pin.expose().to_owned()), "trashed": item.trashed_at.is_some(),
        }));
    }
    rows
}

#[test]
fn golden_vaults_of_every_format_open_with_what_they_held() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/vault");
    let (mut formats, mut by_passphrase) = (0, 0);
    for folder in
        std::fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        formats += 1;
        let copy = tempfile::tempdir().unwrap();
        for file in ["vault.db", "vault.keys"] {
            std::fs::copy(folder.join(file), copy.path().join(file)).unwrap();
        }
        let code =
            RecoveryCode::parse(&std::fs::read_to_string(folder.join("recovery-code.txt")).unwrap()).unwrap();
        let expected: Vec<Value> =
            serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
        if let Ok(text) = std::fs::read_to_string(folder.join("passphrase.txt")) {
            by_passphrase += 1;
            let typed = text.lines().next().unwrap();
            assert_eq!(rows(&mut open(copy.path(), Key::Passphrase(typed.as_bytes()))), expected);
            let other = LockedVault::open(copy.path()).unwrap();
            let anchor: Arc<dyn Anchor> = Arc::new(MemoryAnchor::default());
            let refused = other.unlock(Key::Passphrase(b"another"), &anchor, NOW);
            assert!(matches!(refused, Err(VaultError::WrongKey)));
        }
        let mut vault = open(copy.path(), Key::RecoveryCode(&code));
        // No anchor of it is on this machine: a new phone.
        assert_eq!(vault.mode(), Mode::ReadOnly(Reason::NoAnchor));
        assert_eq!(rows(&mut vault), expected);
        vault.accept().unwrap();
        let counts = vault.items().iter().find(|item| item.kind.name() == "hotp").unwrap().id;
        assert_eq!(vault.hotp_next(counts).unwrap().counter, 41);
        assert!(vault.verify().unwrap().problems.is_empty());
    }
    assert!(formats > 0 && by_passphrase > 0);
}
