//! R20: every flow that asks the key store or the anchor, each of the six errors, from each call on. None of them makes a
//! vault, a slot or a key, none changes a row, and what was committed stays so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::sync::Arc;

use authenticator_core::authenticator::{Authenticator, Error};
use authenticator_core::device::{Anchor, KeyStoreError, StoredAnchor, slot_alias};
use authenticator_core::secret::SecretBytes;
use authenticator_core::vault::{
    Change, ItemId, Key, Mode, NewSlot, Problem, RecoveryCode, SlotKind, VaultError,
};
use common::key_store::{FailingAnchor, KeyStore, SIX};
use common::{NOW, Place, boot, hotp, totp};

/// A vault with an account that follows the time, one that counts and one in the trash, opened with its device's slots.
struct World {
    place: Place,
    core: Authenticator,
    keys: KeyStore,
    anchor: Arc<dyn Anchor>,
    totp: ItemId,
    hotp: ItemId,
}

/// What may not change when the key store fails: everything that opens, names or holds something.
#[derive(Debug, Eq, PartialEq)]
struct Standing {
    rows: Vec<(String, Vec<u8>, Vec<u8>)>,
    aliases: Vec<(String, Vec<u8>)>,
    vaults: usize,
}

impl World {
    fn new() -> Self {
        let (place, mut vault) = Place::new();
        let totp = vault.add(totp("GitHub", "alex", 1), NOW).unwrap();
        let hotp = vault.add(hotp("Door", 2), NOW).unwrap();
        let gone = vault.add(common::totp("Gone", "", 3), NOW).unwrap();
        vault.delete(gone, NOW).unwrap();
        vault.lock();
        let keys = KeyStore::default();
        let trigger = Arc::clone(&keys.trigger);
        let anchor: Arc<dyn Anchor> = Arc::new(FailingAnchor { inner: Arc::clone(&place.memory), trigger });
        let core = Authenticator::new(place.path(), Arc::clone(&anchor));
        core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
        core.renew_device_slot(&keys, &Key::RecoveryCode(&place.code), NOW).unwrap();
        core.turn_lock_off(&keys, &Key::RecoveryCode(&place.code), NOW).unwrap();
        core.snapshot(NOW).unwrap();
        Self { place, core, keys, anchor, totp, hotp }
    }

    fn key(&self) -> Key<'_> {
        Key::RecoveryCode(&self.place.code)
    }

    fn standing(&self) -> Standing {
        let mut rows = Vec::new();
        if self.place.path().join("vault.db").exists() {
            let db = self.place.sql();
            for (table, query) in [
                ("slot", "SELECT id, body FROM slot ORDER BY id"),
                ("dek", "SELECT CAST(epoch AS TEXT), body FROM dek"),
                ("meta", "SELECT id, meta FROM item ORDER BY id"),
                ("secret", "SELECT id, secret FROM item ORDER BY id"),
                ("doc", "SELECT id, body FROM doc ORDER BY id"),
            ] {
                let mut query = db.prepare(query).unwrap();
                let found = query.query_map([], |row| {
                    let id = row.get_ref(0)?.as_bytes().map(<[u8]>::to_vec).unwrap_or_default();
                    Ok((table.to_owned(), id, row.get(1)?))
                });
                rows.extend(found.unwrap().map(Result::unwrap));
            }
        }
        let kept = self.keys.kept.lock().unwrap();
        let aliases = kept.iter().map(|(name, secret)| (name.clone(), secret.expose().to_vec())).collect();
        Standing { rows, aliases, vaults: self.place.memory.list().unwrap().len() }
    }
}

/// One flow, from the state in which a person meets it.
struct Flow {
    name: &'static str,
    before: fn(&World),
    act: fn(&World) -> Result<(), Error>,
    after: After,
}

/// What has happened when the key store failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum After {
    /// The flow fails by the name of the error, and everything is as it was.
    Nothing,
    /// The flow needs no more than to show: it succeeds, read-only for want of its anchor, and nothing has changed.
    ReadOnly,
    /// It is committed: it succeeds, and health says that the anchor is stale.
    Stale,
}

const FLOWS: &[Flow] = &[
    Flow {
        name: "status of a folder whose file is gone",
        before: lose_the_file,
        act: |w| w.core.status().map(drop),
        after: After::Nothing,
    },
    Flow {
        name: "create where a vault was",
        before: lose_everything,
        act: |w| w.core.create(&[NewSlot::RecoveryCode(&w.place.code)], NOW).map(drop),
        after: After::Nothing,
    },
    Flow {
        name: "make the first vault",
        before: |w| {
            lose_everything(w);
            w.place.memory.archive(w.place.memory.list().unwrap()[0]).unwrap();
        },
        act: |w| w.core.create(&[NewSlot::RecoveryCode(&w.place.code)], NOW).map(drop),
        after: After::Stale,
    },
    Flow {
        name: "create where a vault is",
        before: |w| w.core.lock(),
        act: |w| w.core.create(&[NewSlot::RecoveryCode(&w.place.code)], NOW).map(drop),
        after: After::Nothing,
    },
    Flow {
        name: "archive a vault that is gone",
        before: lose_the_file,
        act: |w| w.core.archive_previous(),
        after: After::Nothing,
    },
    Flow {
        name: "unlock",
        before: |w| w.core.lock(),
        act: |w| w.core.unlock(w.key(), NOW).map(drop),
        after: After::ReadOnly,
    },
    Flow {
        name: "try to unlock",
        before: |w| w.core.lock(),
        act: |w| w.core.try_unlock(w.key(), NOW, boot(0)).map(drop),
        after: After::ReadOnly,
    },
    Flow {
        name: "unlock by the device",
        before: |w| w.core.lock(),
        act: |w| w.core.unlock_by_device(&w.keys, NOW).map(drop),
        after: After::ReadOnly,
    },
    Flow {
        name: "unlock with the lock off",
        before: |w| w.core.lock(),
        act: |w| w.core.unlock_with_lock_off(&w.keys, NOW).map(drop),
        after: After::ReadOnly,
    },
    Flow {
        name: "accept a torn anchor",
        before: |w| {
            w.core.lock();
            let vault = w.place.memory.list().unwrap()[0];
            w.place.memory.set(vault, StoredAnchor::Torn);
            w.core.unlock(w.key(), NOW).unwrap();
        },
        act: |w| w.core.accept(),
        after: After::Stale,
    },
    Flow {
        name: "confirm by the device",
        before: |_| {},
        act: |w| w.core.confirm_by_device(&w.keys, boot(0)).map(drop),
        after: After::Nothing,
    },
    Flow {
        name: "renew the device's slot",
        before: |_| {},
        act: |w| w.core.renew_device_slot(&w.keys, &w.key(), NOW),
        after: After::Stale,
    },
    Flow {
        name: "turn the lock off",
        before: |_| {},
        act: |w| w.core.turn_lock_off(&w.keys, &w.key(), NOW),
        after: After::Stale,
    },
    Flow {
        name: "turn the lock on",
        before: |_| {},
        act: |w| w.core.turn_lock_on(&w.keys, &w.key(), NOW),
        after: After::Stale,
    },
    Flow {
        name: "add",
        before: |_| {},
        act: |w| w.core.add(totp("New", "", 7), NOW).map(drop),
        after: After::Stale,
    },
    Flow {
        name: "change",
        before: |_| {},
        act: |w| w.core.change(w.totp, Change { note: Some("x".into()), ..Change::default() }, NOW),
        after: After::Stale,
    },
    Flow { name: "delete", before: |_| {}, act: |w| w.core.delete(w.totp, NOW), after: After::Stale },
    Flow {
        name: "restore",
        before: |_| {},
        act: |w| w.core.restore(w.core.trash()?[0].id),
        after: After::Stale,
    },
    Flow {
        name: "purge",
        before: |_| {},
        act: |w| w.core.purge_expired(NOW.plus_ms(i64::MAX / 4)).map(drop),
        after: After::Stale,
    },
    Flow { name: "order", before: |_| {}, act: |w| w.core.set_order(&[w.hotp, w.totp]), after: After::Stale },
    Flow { name: "group", before: |_| {}, act: |w| w.core.add_group("Work").map(drop), after: After::Stale },
    Flow {
        name: "next code",
        before: |_| {},
        act: |w| w.core.next_code(w.hotp, NOW).map(drop),
        after: After::Stale,
    },
    Flow {
        name: "renew the recovery code",
        before: |_| {},
        act: |w| {
            let code = RecoveryCode::make().unwrap();
            w.core.renew_recovery_code(&w.key(), &code, code.print().expose(), NOW)
        },
        after: After::Stale,
    },
    Flow {
        name: "add a slot",
        before: |_| {},
        act: |w| w.core.add_slot(&w.key(), &NewSlot::Device(&SecretBytes::new(vec![4; 32])), NOW),
        after: After::Stale,
    },
    Flow {
        name: "remove a slot",
        before: |_| {},
        act: |w| {
            let all = w.core.slots()?;
            let device = all.iter().find(|slot| slot.kind == SlotKind::Device).unwrap();
            w.core.remove_slot(&w.key(), device.id, NOW)
        },
        after: After::Stale,
    },
    Flow {
        name: "rotate the data key",
        before: |_| {},
        act: |w| w.core.rotate_data_key(&w.key(), NOW).map(drop),
        after: After::Stale,
    },
    Flow {
        name: "rotate all keys",
        before: |_| {},
        act: |w| w.core.rotate_all(&w.key(), &[NewSlot::RecoveryCode(&w.place.code)], NOW).map(drop),
        after: After::Stale,
    },
    Flow {
        name: "erase for good",
        before: |_| {},
        act: |w| {
            let token = w.core.confirm(&w.key(), boot(0))?;
            let new = [NewSlot::RecoveryCode(&w.place.code)];
            w.core.erase_for_good(&token, &w.key(), &new, NOW, boot(0)).map(drop)
        },
        after: After::Stale,
    },
    Flow {
        name: "merge a copy",
        before: |w| {
            let gone = w.core.trash().unwrap()[0].id;
            w.core.purge_expired(NOW.plus_ms(i64::MAX / 4)).unwrap();
            assert!(w.core.item(gone).is_err());
        },
        act: |w| {
            let copy = w.core.open_copy(&w.core.snapshots()?[0].path, None)?;
            let ids: Vec<ItemId> = w.core.compare(&copy)?.rows.iter().map(|row| row.item.id).collect();
            w.core.merge(&copy, &ids, NOW).map(drop)
        },
        after: After::Stale,
    },
    Flow {
        name: "restore a backup on a new phone",
        before: |w| {
            w.core.write_backup(&w.place.folder.path().join("a.akb"), NOW).unwrap();
            lose_the_file(w);
        },
        act: |w| w.core.restore_backup(&w.place.folder.path().join("a.akb"), w.key(), NOW).map(drop),
        after: After::ReadOnly,
    },
    Flow {
        name: "salvage",
        before: |w| {
            w.core.lock();
            w.place.sql().execute_batch("UPDATE item SET meta = zeroblob(300) WHERE rowid = 1").unwrap();
        },
        act: |w| {
            let found = w.core.salvage(&w.key(), NOW)?;
            w.core.commit_salvage(found, &[], w.key(), NOW).map(drop)
        },
        after: After::Stale,
    },
    Flow {
        name: "lock",
        before: |w| w.core.used(w.totp, NOW).unwrap(),
        act: |w| {
            w.core.lock();
            Ok(())
        },
        after: After::Stale,
    },
];

fn lose_the_file(w: &World) {
    w.core.lock();
    for name in ["vault.db", "vault.db-wal", "vault.keys"] {
        let _ = fs::remove_file(w.place.path().join(name));
    }
}

fn lose_everything(w: &World) {
    w.core.lock();
    fs::remove_dir_all(w.place.path()).unwrap();
}

/// Runs one flow with a key store that fails from a call on, and says what is wrong with what came of it.
fn wrong(flow: &Flow, call: usize, error: KeyStoreError) -> Option<String> {
    let world = World::new();
    (flow.before)(&world);
    let before = world.standing();
    world.keys.trigger.set(Some((call, error)));
    let result = (flow.act)(&world);
    let health = world.core.verify();
    world.keys.trigger.set(None);
    let after = world.standing();
    let mode = world.core.mode();
    match result {
        Err(Error::Vault(VaultError::KeyStore(kind))) if kind == error => {
            // Putting into the device comes before the slot: its old secret may be replaced, and opens nothing then.
            if after.rows != before.rows || after.vaults != before.vaults {
                return Some("failed and changed something".to_owned());
            }
            if after.aliases.len() > before.aliases.len() {
                return Some("failed and left a secret".to_owned());
            }
        }
        Err(other) => return Some(format!("another error: {other:?}")),
        Ok(()) if after == before => {}
        Ok(()) if flow.after == After::Nothing => return Some("done in spite of the failure".to_owned()),
        Ok(()) if flow.name == "lock" => {}
        // It shows and does not change until the key store answers.
        Ok(()) if matches!(mode, Ok(Mode::ReadOnly(_))) => {}
        Ok(()) => {
            let told = health.is_ok_and(|health| health.problems.contains(&Problem::AnchorStale(error)));
            if !told {
                return Some("committed, and nobody is told that the anchor is stale".to_owned());
            }
        }
    }
    opens_afterwards(&world, &before)
}

/// With the key store working again, what a person knows opens the vault that was there.
fn opens_afterwards(world: &World, before: &Standing) -> Option<String> {
    world.core.lock();
    if before.rows.is_empty() && !world.place.path().join("vault.db").exists() {
        let previous = world.core.status();
        return previous.is_err().then(|| "the lost vault is not named".to_owned());
    }
    let core = Authenticator::new(world.place.path(), Arc::clone(&world.anchor));
    match core.unlock(Key::RecoveryCode(&world.place.code), NOW) {
        Ok(_) => None,
        // The one flow that gives another code.
        Err(Error::Vault(VaultError::WrongKey)) if core.status().is_ok() => None,
        Err(error) => Some(format!("does not open afterwards: {error:?}")),
    }
}

#[test]
fn no_flow_makes_or_changes_anything_because_the_key_store_failed() {
    let mut cases = 0;
    for flow in FLOWS {
        let world = World::new();
        (flow.before)(&world);
        world.keys.trigger.set(None);
        let done = (flow.act)(&world);
        let calls = world.keys.asked();
        let refused = flow.name.starts_with("create");
        assert!(done.is_ok() != refused, "{}: {done:?}", flow.name);
        assert!(calls > 0 || refused, "{} asks nobody: it belongs elsewhere", flow.name);
        for call in 0..calls {
            for error in SIX {
                let wrong = wrong(flow, call, error);
                assert!(wrong.is_none(), "{}, call {call}, {error}: {}", flow.name, wrong.unwrap());
                cases += 1;
            }
        }
    }
    println!("{} flows, {cases} failures of the key store", FLOWS.len());
    assert!(cases > 200);
}

/// The control: flows as careless shells have them. The table must see what is wrong with each.
#[test]
fn control_a_flow_that_makes_anew_what_it_could_not_get_is_seen() {
    let careless = [
        Flow {
            name: "a secret made anew because it could not be got",
            before: |w| w.core.lock(),
            act: |w| {
                if w.core.unlock_by_device(&w.keys, NOW).is_err() {
                    let secret = SecretBytes::new(vec![9; 32]);
                    let alias = slot_alias(w.place.memory.list().unwrap()[0]);
                    w.keys.kept.lock().unwrap().insert(alias, secret.clone());
                    w.core.unlock(w.key(), NOW)?;
                    w.core.replace_slot(&w.key(), &NewSlot::Device(&secret), NOW)?;
                }
                Ok(())
            },
            after: After::Nothing,
        },
        Flow {
            name: "a vault made anew because the anchors could not be listed",
            before: lose_the_file,
            act: |w| {
                if w.core.status().is_err() {
                    let anchor: Arc<dyn Anchor> = Arc::new(common::MemoryAnchor::default());
                    Authenticator::new(w.place.path(), anchor)
                        .create(&[NewSlot::RecoveryCode(&w.place.code)], NOW)?;
                }
                Ok(())
            },
            after: After::Nothing,
        },
    ];
    for flow in careless {
        for error in SIX {
            assert!(wrong(&flow, 0, error).is_some(), "{}, {error}", flow.name);
        }
    }
}
