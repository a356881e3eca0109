//! Around an unlocked vault: confirmation, back-off, auto-lock, suspension, and a key store that fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::os::unix::fs::MetadataExt;

use authenticator_core::authenticator::{
    Authenticator, Error, LockEvent, LockLimits, NoCode, PackPlan, Status,
};
use authenticator_core::device::{DeviceKeys, KeyStoreError, Purpose};
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::UnixTime;
use authenticator_core::uri;
use authenticator_core::vault::{
    KdfParams, Key, Mode, NewItem, NewSlot, RecoveryCode, RecoveryCodeError, SlotKind, VaultError,
};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use common::key_store::{KeyStore, SIX};
use common::{NOW, Place, boot, hotp, rounds, totp, unlocked};

fn slots(place: &Place) -> Vec<(Vec<u8>, Vec<u8>)> {
    let db = place.sql();
    let mut query = db.prepare("SELECT id, body FROM slot ORDER BY id").unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// R20: each of the six, at each call, in each flow that asks the key store for a way in.
#[test]
fn none_of_the_six_errors_makes_or_changes_a_slot() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    let key = || Key::RecoveryCode(&place.code);
    for error in SIX {
        let before = slots(&place);
        store.fail(Some(error));
        let renewed = core.renew_device_slot(&store, &key(), NOW);
        assert!(matches!(renewed, Err(Error::Vault(VaultError::KeyStore(kind))) if kind == error));
        assert_eq!(store.asked(), if error == KeyStoreError::HardwareFault { 3 } else { 1 });
        assert_eq!(slots(&place), before, "{error}");
        assert!(store.kept.lock().unwrap().is_empty());
    }
    store.fail(None);
    core.renew_device_slot(&store, &key(), NOW).unwrap();
    let with_device = slots(&place);
    assert_eq!(with_device.len(), 2);
    for error in SIX {
        core.lock();
        store.fail(Some(error));
        let files = std::fs::read(place.path().join("vault.db")).unwrap();
        let opened = core.unlock_by_device(&store, NOW).map(drop);
        assert!(matches!(opened, Err(Error::Vault(VaultError::KeyStore(kind))) if kind == error));
        assert_eq!(std::fs::read(place.path().join("vault.db")).unwrap(), files, "{error}");
        assert!(matches!(core.status().unwrap(), Status::Locked(slots) if slots.len() == 2));
        core.unlock(key(), NOW).unwrap();
    }
    core.lock();
    store.fail(None);
    assert_eq!(core.unlock_by_device(&store, NOW).unwrap().mode, Mode::ReadWrite);
}

/// The control of R20: what a careless caller does about a missing secret shuts the device out of its own slot.
#[test]
fn control_a_secret_made_anew_because_the_old_one_was_missing_opens_nothing() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    core.renew_device_slot(&store, &Key::RecoveryCode(&place.code), NOW).unwrap();
    core.lock();
    store.fail(Some(KeyStoreError::Missing));
    let made_anew = store.get("x", Purpose::Unlock).unwrap_or_else(|_| SecretBytes::new(vec![1; 32]));
    assert!(matches!(core.unlock(Key::Device(&made_anew), NOW), Err(Error::Vault(VaultError::WrongKey))));
}

/// R21: new biometrics invalidate the device's secret. The recovery code opens, the device is added again, and the old
/// slot stays until then.
#[test]
fn after_new_biometrics_the_recovery_code_opens_and_the_device_is_added_again() {
    let (place, core) = unlocked();
    let store = KeyStore::default();
    let key = || Key::RecoveryCode(&place.code);
    core.renew_device_slot(&store, &key(), NOW).unwrap();
    let id = core.add(totp("a", "", 1), NOW).unwrap().id();
    let before = slots(&place);
    core.lock();
    store.fail(Some(KeyStoreError::Invalidated));
    assert!(core.unlock_by_device(&store, NOW).is_err());
    core.unlock(key(), NOW).unwrap();
    assert_eq!(slots(&place), before, "the old slot is kept");
    let wrong = RecoveryCode::make().unwrap();
    store.fail(None);
    assert!(core.renew_device_slot(&store, &Key::RecoveryCode(&wrong), NOW).is_err());
    assert_eq!(store.asked(), 0, "a wrong code costs the device nothing");
    core.renew_device_slot(&store, &key(), NOW).unwrap();
    core.lock();
    core.unlock_by_device(&store, NOW).unwrap();
    assert_eq!(core.list().unwrap()[0].id, id);
    let devices = core.slots().unwrap().iter().filter(|slot| slot.kind == SlotKind::Device).count();
    assert_eq!(devices, 1, "the old one is gone once the new one is written");
}

#[test]
fn a_confirmation_is_good_once_and_for_sixty_seconds() {
    let (place, core) = unlocked();
    let key = || Key::RecoveryCode(&place.code);
    let wrong = RecoveryCode::make().unwrap();
    assert!(core.confirm(&Key::RecoveryCode(&wrong), boot(0)).is_err());
    let token = core.confirm(&key(), boot(1_000)).unwrap();
    core.spend(&token, boot(60_999)).unwrap();
    assert!(matches!(core.spend(&token, boot(60_999)), Err(Error::NotConfirmed)), "once");
    let token = core.confirm(&key(), boot(1_000)).unwrap();
    assert!(matches!(core.spend(&token, boot(61_000)), Err(Error::NotConfirmed)), "a minute");
    let token = core.confirm(&key(), boot(1_000)).unwrap();
    assert!(matches!(core.spend(&token, boot(999)), Err(Error::NotConfirmed)), "another start of the device");
    let first = core.confirm(&key(), boot(1_000)).unwrap();
    let second = core.confirm(&key(), boot(1_000)).unwrap();
    assert!(matches!(core.spend(&first, boot(1_000)), Err(Error::NotConfirmed)), "the newest alone");
    assert!(matches!(core.spend(&second, boot(1_000)), Err(Error::NotConfirmed)), "a wrong one uses it up");
    let token = core.confirm(&key(), boot(1_000)).unwrap();
    core.lock();
    core.unlock(key(), NOW).unwrap();
    assert!(matches!(core.spend(&token, boot(1_001)), Err(Error::NotConfirmed)), "a lock ends it");
}

#[test]
fn a_recovery_code_counts_only_when_it_was_typed_back() {
    let (place, core) = unlocked();
    let new = RecoveryCode::make().unwrap();
    let key = Key::RecoveryCode(&place.code);
    let other = RecoveryCode::make().unwrap().print();
    let slip = core.renew_recovery_code(&key, &new, other.expose(), NOW);
    assert!(matches!(slip, Err(Error::NotTypedBack(RecoveryCodeError::Differs))));
    let slip = core.renew_recovery_code(&key, &new, "ABC", NOW);
    assert!(matches!(slip, Err(Error::NotTypedBack(RecoveryCodeError::Length(3)))));
    core.renew_recovery_code(&key, &new, &new.print().expose().to_lowercase(), NOW).unwrap();
    core.lock();
    assert!(core.unlock(key, NOW).is_err());
    core.unlock(Key::RecoveryCode(&new), NOW).unwrap();
    assert!(core.duties(NOW).unwrap().renew_recovery_code, "it was used: it is to be made anew");
}

/// With real Argon2id, at its floor: five wrong passphrases are free, the sixth waits, also in another process.
#[test]
fn wrong_passphrases_wait_and_the_wall_clock_has_no_say() {
    let (place, core) = unlocked();
    let kdf = KdfParams::new(32 * 1024, 3, 1).unwrap();
    let slot = NewSlot::Passphrase { passphrase: b"right", kdf };
    core.add_slot(&Key::RecoveryCode(&place.code), &slot, NOW).unwrap();
    core.lock();
    let years_later = NOW.plus_ms(50 * 365 * 24 * 3600 * 1000);
    for n in 0..5 {
        let tried = core.try_unlock(Key::Passphrase(b"wrong"), years_later, boot(n)).map(drop);
        assert!(matches!(tried, Err(Error::Vault(VaultError::WrongKey))));
    }
    let other = Authenticator::new(place.path(), place.anchor.clone());
    for at in [NOW, years_later, NOW.plus_ms(-1)] {
        let soon = other.try_unlock(Key::Passphrase(b"right"), at, boot(504)).map(drop);
        assert!(matches!(soon, Err(Error::Vault(VaultError::TooSoon { wait_ms: 500 }))));
    }
    // The recovery code is too long to guess and needs no waiting; nothing was wiped.
    other.try_unlock(Key::RecoveryCode(&place.code), NOW, boot(504)).unwrap();
    other.lock();
    other.try_unlock(Key::Passphrase(b"right"), NOW, boot(1_004)).unwrap();
    let wrong = other.check_way_in(&Key::Passphrase(b"wrong"), NOW, boot(1_005));
    assert!(matches!(wrong, Err(Error::Vault(VaultError::WrongKey))));
    other.check_way_in(&Key::Passphrase(b"right"), NOW, boot(1_006)).unwrap();
}

/// R30: a clock that jumps, back too: every code is that of the second it is asked for, and a second that has none has none.
#[test]
fn codes_are_those_of_the_second_they_are_asked_for_however_the_clock_jumps() {
    let (_place, core) = unlocked();
    let text = "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
    let id = core.add(NewItem::from(uri::parse(text).unwrap()), NOW).unwrap().id();
    let code = |at| core.codes(at, 0, &[id]).unwrap().rows[0].code.clone().map(|code| code.text);
    // RFC 6238, appendix B.
    let vectors = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];
    let jumps = vectors.iter().chain(vectors.iter().rev()).chain(vectors.iter().skip(2)).chain(&vectors);
    let mut cases = 0;
    for (at, expected) in jumps {
        let at = UnixTime::from_seconds(*at);
        assert_eq!(code(at).as_deref(), Ok(*expected), "{at:?}");
        let (before, after) = (code(at.plus_ms(-1_000)), code(at.plus_ms(1_000)));
        assert!(
            [before, after].iter().any(|near| near.as_deref() == Ok(*expected)),
            "a second is not a step"
        );
        cases += 3;
    }
    // 1970, the ends of 31 and 32 bits, and the year 9999: there is a code, and it is not the neighbour's.
    for at in [0, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, 253_402_300_799] {
        let at = UnixTime::from_seconds(at);
        assert_ne!(code(at).unwrap(), code(at.plus_ms(30_000)).unwrap(), "{at:?}");
        cases += 1;
    }
    for at in [-1, i64::MIN, i64::MAX] {
        let _ = code(UnixTime::from_ms(at));
        cases += 1;
    }
    assert!(matches!(code(UnixTime::from_ms(-1)), Err(NoCode::BadTime)));
    println!("cases {cases}");
}

#[test]
fn reports_lock_the_vault_and_nothing_shows_afterwards() {
    let (_place, core) = unlocked();
    core.add(totp("a", "", 1), NOW).unwrap();
    core.watch(LockLimits::default(), boot(0)).unwrap();
    assert!(!core.report(LockEvent::PromptBegan, boot(10)));
    assert!(!core.report(LockEvent::EnteredBackground, boot(20)));
    assert!(!core.report(LockEvent::PromptEnded, boot(5_000)));
    assert!(!core.report(LockEvent::EnteredForeground, boot(5_100)));
    assert!(!core.report(LockEvent::EnteredBackground, boot(6_000)));
    assert_eq!(core.locks_at(), Some(boot(66_000)));
    assert!(!core.lock_if_due(boot(65_999)));
    assert!(core.report(LockEvent::EnteredForeground, boot(66_000)), "coming back does not unlock");
    assert!(matches!(core.list(), Err(Error::Locked)));
    assert!(!core.should_lock(boot(u64::MAX)) && core.locks_at().is_none());
}

/// R15: after a suspension no lock and no open file of the vault is left; it goes on afterwards, 100 times, at full size
/// 10,000 times.
#[test]
fn a_suspended_vault_holds_no_file_and_goes_on_where_it_was() {
    let (place, core) = unlocked();
    let counts = core.add(hotp("a", 1), NOW).unwrap().id();
    let held = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let inside = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        inside.filter(|path| path.starts_with(place.path())).count()
    };
    let locked = || {
        let inode = std::fs::metadata(place.path().join("vault.db")).unwrap().ino().to_string();
        std::fs::read_to_string("/proc/locks").unwrap().contains(&format!(":{inode} "))
    };
    assert!(held() > 0 && locked(), "the control: an open vault does hold its file, and a lock on it");
    for n in 0..rounds(100, 10_000) {
        core.suspend();
        assert_eq!((held(), locked()), (0, false));
        assert!(matches!(core.next_code(counts, NOW), Err(Error::Suspended)));
        assert_eq!(core.list().unwrap().len(), 1, "names still show");
        core.resume().unwrap();
        assert_eq!(core.next_code(counts, NOW).unwrap().counter, n);
    }
    core.suspend();
    core.lock();
    assert!(matches!(core.resume(), Err(Error::Locked)));
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
}

#[test]
fn what_was_written_elsewhere_meanwhile_is_seen_after_a_suspension() {
    let (place, core) = unlocked();
    core.suspend();
    let mut other = place.open().vault;
    other.add(totp("from elsewhere", "", 1), NOW).unwrap();
    other.lock();
    core.resume().unwrap();
    assert_eq!(core.list().unwrap()[0].issuer, "from elsewhere");
    core.suspend();
    place.sql().execute_batch("DELETE FROM item").unwrap();
    core.resume().unwrap();
    assert!(matches!(core.mode().unwrap(), Mode::ReadOnly(_)));
}

/// The pack that a widget opens with its platform's own library.
#[test]
fn a_pack_holds_codes_of_chosen_accounts_and_no_seed_and_no_code_that_counts() {
    let (place, core) = unlocked();
    let chosen = core.add(totp("CanaryIssuer", "alex", 0xC7), NOW).unwrap().id();
    let counts = core.add(hotp("counts", 2), NOW).unwrap().id();
    core.add(totp("not chosen", "", 3), NOW).unwrap();
    let path = place.folder.path().join("widget.akw");
    let plan = PackPlan { ids: vec![chosen, counts], length_ms: 3_600_000 };
    let packed = core.write_pack(&path, &plan, NOW).unwrap();
    assert_eq!(
        (packed.ids.as_slice(), packed.left_out.as_slice()),
        ([chosen].as_slice(), [counts].as_slice())
    );
    let bytes = std::fs::read(&path).unwrap();
    let open = |bytes: &[u8]| {
        let cipher = ChaCha20Poly1305::new_from_slice(core.pack_key().unwrap().expose()).unwrap();
        let nonce: [u8; 12] = bytes[5..17].try_into().unwrap();
        cipher.decrypt(&Nonce::from(nonce), Payload { msg: &bytes[17..], aad: &bytes[..5] }).ok()
    };
    let json: serde_json::Value = serde_json::from_slice(&open(&bytes).unwrap()).unwrap();
    let account = &json["accounts"][0];
    assert_eq!((json["accounts"].as_array().unwrap().len(), &account["issuer"]), (1, &"CanaryIssuer".into()));
    let codes = account["codes"].as_array().unwrap();
    assert_eq!(codes.len(), 120);
    let otp = totp("", "", 0xC7).account.otp;
    for (n, code) in (0..).zip(codes) {
        let at = account["from_ms"].as_i64().unwrap() + n * account["period_ms"].as_i64().unwrap();
        let expected = otp.code_at(authenticator_core::time::UnixTime::from_ms(at), 0).unwrap();
        assert_eq!(code, &expected.text);
    }
    // S23: changed anywhere it opens no more; sealed it shows nothing.
    for n in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[n] ^= 1;
        assert!(open(&changed).is_none(), "byte {n}");
    }
    assert!(!bytes.windows(12).any(|window| window == b"CanaryIssuer"));
}

#[test]
fn a_pack_of_many_accounts_for_a_day_is_shorter_and_stays_within_64_kib() {
    let (place, core) = unlocked();
    let ids: Vec<_> = (0..20).map(|n| core.add(totp(&n.to_string(), "", n), NOW).unwrap().id()).collect();
    let path = place.folder.path().join("widget.akw");
    let packed = core.write_pack(&path, &PackPlan { ids, length_ms: i64::MAX }, NOW).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() <= 64 * 1024);
    assert_eq!(packed.ids.len(), 20);
    assert!(packed.until > NOW.plus_ms(600_000) && packed.until < NOW.plus_ms(24 * 3_600_000));
}
