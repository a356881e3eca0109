//! R23: `canon(v) == canon(restore(backup(v)))`, for vaults with every kind, with rows of a later version, and with names
//! that are hard to keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::super::merge::open_row;
use super::super::record::{self, Meta, SecretPart};
use super::super::tests::{NOW, OneAnchor, scratch};
use super::super::{Key, LockedSnapshot, NewItem, NewSlot, RecoveryCode, create};
use super::*;
use crate::account::Account;
use crate::device::Anchor;
use crate::otp::{Algorithm, Digits, Hotp, Motp, MotpSecret, Otp, Period, Steam, Totp, Yandex};
use crate::secret::SecretBytes;
use crate::vault::ItemId;

/// Everything that a user would miss: each row's names and secret as CBOR says them, the documents, and the order.
#[derive(Debug, PartialEq)]
struct Canon {
    rows: BTreeMap<[u8; 16], (Vec<u8>, Vec<u8>)>,
    groups: Vec<(String, [u8; 16])>,
    order: Vec<ItemId>,
    usage: Vec<(ItemId, u64, Option<UnixTime>)>,
}

fn canon(vault: &mut Vault) -> Canon {
    let contents = vault.contents().unwrap();
    let rows = contents.items.clone();
    let copy = Snapshot { contents, keys: None, accounts: 0, opened_by: None };
    let mut canon = Canon { rows: BTreeMap::new(), groups: Vec::new(), order: Vec::new(), usage: Vec::new() };
    for row in &rows {
        let opened = open_row(&vault.known.keys, &copy, row).unwrap();
        let text =
            |bytes: &[u8]| bytes[4..][..u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize].to_vec();
        let mut meta = text(opened.meta.expose());
        if let Some(mut known) = record::unpadded::<Meta>(opened.meta.expose()).filter(|meta| meta.kind < 9) {
            // Under another data key the index is another.
            known.index = Vec::new().into();
            meta = minicbor::to_vec(&known).unwrap();
        }
        canon.rows.insert(row.id, (meta, text(opened.secret.expose())));
    }
    canon.groups = vault.groups().iter().map(|group| (group.name.clone(), group.id.0)).collect();
    canon.order = vault.items().iter().map(|item| item.id).collect();
    canon.usage = vault.items().iter().map(|item| (item.id, item.usage_count, item.last_used_at)).collect();
    canon
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9@._ -]{0,20}",
        2 => r"[ :#%\u{1f511}\u{1f469}\u{200d}\u{1f4bb}\u{202e}\u{5d0}-\u{5ea}\u{627}-\u{64a}é\u{0}]{0,24}",
        1 => any::<String>(),
        1 => "[a-z]{4096}",
    ]
}

fn otp() -> impl Strategy<Value = Otp> {
    let secret = || vec(any::<u8>(), 16..64).prop_map(SecretBytes::new);
    let pin = || proptest::option::of("[0-9]{4}".prop_map(crate::secret::SecretText::new));
    let digits = || (1_u32..=10).prop_map(|n| Digits::try_from(n).unwrap());
    let period = || (1_u32..=86_400).prop_map(|n| Period::try_from(n).unwrap());
    let algorithm = || proptest::sample::select(Algorithm::ALL.to_vec());
    prop_oneof![
        (secret(), algorithm(), digits(), period()).prop_map(
            |(secret, algorithm, digits, period)| Otp::Totp(Totp { secret, algorithm, digits, period })
        ),
        (secret(), algorithm(), digits(), any::<u64>()).prop_map(|(secret, algorithm, digits, counter)| {
            Otp::Hotp(Hotp { secret, algorithm, digits, counter })
        }),
        secret().prop_map(|secret| Otp::Steam(Steam { secret })),
        (secret(), any::<bool>(), pin(), digits(), period()).prop_map(
            |(secret, text, pin, digits, period)| {
                let written = if text { MotpSecret::Text } else { MotpSecret::Hex };
                Otp::Motp(Motp { secret, written, pin, digits, period })
            }
        ),
        (secret(), pin()).prop_map(|(secret, pin)| Otp::Yandex(Yandex { secret, pin })),
    ]
}

#[derive(Clone, Debug)]
struct Row {
    item: NewItem,
    trashed: bool,
    used: u8,
    /// A kind of a later version, with a field that this one has never heard of.
    later: bool,
}

fn row() -> impl Strategy<Value = Row> {
    (name(), name(), otp(), name(), any::<(bool, bool, u8)>(), vec((name(), name()), 0..3)).prop_map(
        |(issuer, account_name, otp, note, (favorite, trashed, used), extra)| {
            let account = Account { issuer, account_name, otp, extra };
            let icon = Some("x".into());
            let asks_every_time = used % 5 == 0;
            let item = NewItem { note, favorite, asks_every_time, icon, ..NewItem::from(account) };
            Row { item, trashed: trashed && used % 2 == 0, used: used % 3, later: used > 240 }
        },
    )
}

fn fill(vault: &mut Vault, rows: &[Row]) {
    let groups = [vault.add_group("Werk").unwrap(), vault.add_group("\u{1f511}").unwrap()];
    let mut items: Vec<NewItem> = rows.iter().map(|row| row.item.clone()).collect();
    items.iter_mut().step_by(3).for_each(|item| item.groups = groups.to_vec());
    let ids = vault.add_many(items, NOW).unwrap();
    for (n, (id, row)) in ids.iter().zip(rows).enumerate() {
        (0..row.used).for_each(|_| vault.used(*id, NOW));
        // Of a large vault the first will do: each is a commit of its own, over all rows.
        if row.trashed && n < 50 {
            vault.delete(*id, NOW).unwrap();
        }
        if row.later && n < 200 {
            let mut meta = vault.known.state.rows[id].meta.clone().unwrap();
            meta.kind = 77;
            let part = SecretPart {
                secret: vec![7; 9],
                counter: None,
                pin: Some("later".into()),
                last: Some(3),
                written: Some(9),
            };
            vault.commit(|vault| vault.put_item(*id, meta, Some(&part))).unwrap();
        }
    }
    vault.flush_usage().unwrap();
    let mut order = ids;
    order.reverse();
    vault.set_order(&order).unwrap();
}

fn made(folder: &Path) -> (Vault, RecoveryCode, Arc<dyn Anchor>) {
    let anchor: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let code = RecoveryCode::make().unwrap();
    let vault = create(folder, &anchor, &[NewSlot::RecoveryCode(&code)], NOW).unwrap();
    (vault, code, anchor)
}

/// Runs one vault through all three ways back; with `lose`, one row is left out of the restored one.
fn goes_round(rows: &[Row], lose: bool) -> bool {
    let folder = scratch();
    let (mut vault, code, _) = made(&folder.path().join("vault"));
    fill(&mut vault, rows);
    let before = canon(&mut vault);
    let backup = folder.path().join("b.akb");
    vault.write_backup(&backup, NOW).unwrap();
    let key = || Key::RecoveryCode(&code);
    let locked = LockedSnapshot::open(&backup).unwrap();
    let test = locked.test(&key()).unwrap();
    assert_eq!(test.accounts + test.trashed, rows.len());

    let phone: Arc<dyn Anchor> = Arc::new(OneAnchor::default());
    let mut restored = restore(&folder.path().join("new"), &locked, key(), &phone, NOW).unwrap().vault;
    restored.accept().unwrap();
    if lose {
        let id = restored.items()[0].id;
        restored.commit(|vault| vault.remove_item(id)).unwrap();
    }
    let copy = locked.unlock(&key()).unwrap();
    let all: Vec<ItemId> = restored.items().iter().map(|item| item.id).collect();
    let (mut merged, ..) = made(&folder.path().join("merged"));
    merged.merge(&copy, &all).unwrap();
    let (mut replaced, ..) = made(&folder.path().join("replaced"));
    replaced.replace_by(&copy, NOW).unwrap();
    let mut merged = canon(&mut merged);
    // A merge brings the groups that its accounts are in.
    if rows.is_empty() {
        merged.groups.clone_from(&before.groups);
    }
    canon(&mut restored) == before && merged == before && canon(&mut replaced) == before
}

const THREADS: u32 = 4;

#[test]
fn what_was_backed_up_is_what_comes_back() {
    let full = std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full");
    let (cases, most) = if full { (1_000, 2_000) } else { (24, 40) };
    // Most of the time goes into waiting for the disk: several threads wait together.
    std::thread::scope(|scope| {
        for seed in 0..THREADS {
            scope.spawn(move || {
                let config = Config {
                    cases: cases / THREADS,
                    rng_seed: RngSeed::Fixed(23 + u64::from(seed)),
                    failure_persistence: None,
                    ..Config::default()
                };
                // Most vaults are small; one in ten is as large as they come.
                let rows = prop_oneof![9 => vec(row(), 0..40), 1 => vec(row(), most / 2..=most)];
                let held = TestRunner::new(config).run(&rows, |rows| {
                    prop_assert!(goes_round(&rows, false));
                    Ok(())
                });
                held.unwrap();
            });
        }
    });
}

#[test]
fn the_round_trip_sees_a_row_that_is_lost() {
    let mut runner = TestRunner::deterministic();
    let rows = vec(row(), 5).new_tree(&mut runner).unwrap().current();
    assert!(goes_round(&rows, false));
    assert!(!goes_round(&rows, true));
}
