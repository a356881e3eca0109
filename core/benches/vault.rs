//! The vault, beside what the disk can do in the same run: `cargo bench -p authenticator-core --bench vault`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::io::{Seek, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use authenticator_core::authenticator::Authenticator;
use authenticator_core::device::{Anchor, AnchorRecord, KeyStoreError, StoredAnchor, VaultId};
use authenticator_core::time::UnixTime;
use authenticator_core::vault::{Key, LockedVault};
use common::{NOW, Place, hotp, totp};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn thousand() -> Place {
    let (place, mut vault) = Place::new();
    let items = (0..1000u32).map(|n| totp(&format!("Issuer {n}"), &format!("user{n}@example.com"), n as u8));
    vault.add_many(items.collect(), NOW).unwrap();
    vault.lock();
    place
}

fn unlock(c: &mut Criterion) {
    let place = thousand();
    let mut group = c.benchmark_group("unlock 1,000 accounts without the KDF");
    group.bench_function("ours (limit: 5 ms)", |b| {
        b.iter_batched(|| (), |()| place.open(), BatchSize::PerIteration);
    });
    let whole = std::fs::read(place.path().join("vault.db")).unwrap();
    group.bench_function("limit: one pass of SHA-256 over the file", |b| {
        b.iter(|| <sha2::Sha256 as sha2::Digest>::digest(black_box(&whole)));
    });
    group.finish();
}

/// What the first write costs more than the next: SQLite looks through the whole file before it.
fn first_write(c: &mut Criterion) {
    let mut group = c.benchmark_group("writes to 1,000 accounts, no anchor");
    group.sample_size(30);
    let place = thousand();
    let mut vault = place.open().vault;
    let id = vault.add(hotp("bench", 1), NOW).unwrap();
    vault.lock();
    for (name, warm) in [("the first after unlock", false), ("the next one", true)] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || {
                    let mut vault = place.open().vault;
                    if warm {
                        vault.hotp_next(id).unwrap();
                    }
                    vault
                },
                |mut vault| {
                    vault.hotp_next(id).unwrap();
                    vault
                },
                BatchSize::PerIteration,
            );
        });
    }
    let db = place.sql();
    group.bench_function("SQLite's integrity check alone", |b| {
        b.iter(|| db.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)).unwrap());
    });
    group.finish();
}

fn visible_codes(c: &mut Criterion) {
    let place = thousand();
    let core = Authenticator::new(place.path(), place.anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let ids: Vec<_> = core.list().unwrap().iter().take(20).map(|item| item.id).collect();
    let mut second = 0;
    c.bench_function("20 visible codes, rows read and opened (limit: 4 ms)", |b| {
        b.iter(|| {
            // Another time step each time, so that nothing is kept from the last.
            second += 60;
            core.codes(UnixTime::from_seconds(second), 0, &ids).unwrap()
        });
    });
}

/// An anchor that costs nothing and notes the moment it is asked: that is when the commit is on the disk.
#[derive(Default)]
struct Clock(Mutex<Option<Instant>>);

impl Clock {
    /// Returns how long the commits of `times` operations took together, without checkpoint and anchor.
    fn commits(&self, times: u64, mut operation: impl FnMut()) -> Duration {
        (0..times)
            .map(|_| {
                let began = Instant::now();
                operation();
                self.0.lock().unwrap().take().unwrap() - began
            })
            .sum()
    }
}

impl Anchor for Clock {
    fn load(&self, _: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(StoredAnchor::Absent)
    }

    fn store(&self, _: VaultId, _: &AnchorRecord) -> Result<(), KeyStoreError> {
        *self.0.lock().unwrap() = Some(Instant::now());
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: VaultId) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

fn durable(c: &mut Criterion) {
    let mut group = c.benchmark_group("durable writes");
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(folder.path().join("synced")).unwrap();
    let page = [7u8; 4096];
    group.bench_function("limit: write 4 KiB and fsync", |b| {
        b.iter(|| {
            file.rewind().unwrap();
            file.write_all(&page).unwrap();
            file.sync_all().unwrap();
        });
    });
    let (place, vault) = Place::new();
    vault.lock();
    let clock = Arc::new(Clock::default());
    let anchor: Arc<dyn Anchor> = clock.clone();
    let mut vault = LockedVault::open(&place.path())
        .unwrap()
        .unlock(Key::RecoveryCode(&place.code), &anchor, NOW)
        .unwrap()
        .vault;
    vault.accept().unwrap();
    let id = vault.add(hotp("bench", 1), NOW).unwrap();
    group.bench_function("HOTP next, commit alone (aim: 1.5 × the fsync above)", |b| {
        b.iter_custom(|times| {
            clock.commits(times, || {
                vault.hotp_next(id).unwrap();
            })
        });
    });
    group.bench_function("add, commit alone (aim: 1.5 × the fsync above)", |b| {
        b.iter_custom(|times| {
            clock.commits(times, || {
                vault.add(totp("bench", "", 1), NOW).unwrap();
            })
        });
    });
    vault.lock();

    let (place, vault) = Place::new();
    vault.lock();
    let folder = tempfile::tempdir().unwrap();
    let anchor = Arc::new(FileAnchor(folder.path().join("anchor")));
    let core = Authenticator::new(place.path(), anchor.clone());
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    core.accept().unwrap();
    // Another name each time, also when criterion begins anew: what is there already is not written again.
    let mut n = 0;
    group.bench_function("add, acknowledged: commit, an anchor in a synced file, checkpoint", |b| {
        b.iter(|| {
            n += 1;
            core.add(totp("bench", &n.to_string(), 1), NOW).unwrap()
        });
    });
    assert_eq!(core.list().unwrap().len(), n, "each of them was written");
    group.finish();
}

/// An anchor as a desktop keeps it, as far as the disk is concerned.
struct FileAnchor(std::path::PathBuf);

impl Anchor for FileAnchor {
    fn load(&self, _: VaultId) -> Result<StoredAnchor, KeyStoreError> {
        Ok(StoredAnchor::Absent)
    }

    fn store(&self, _: VaultId, record: &AnchorRecord) -> Result<(), KeyStoreError> {
        let mut file = tempfile::NamedTempFile::new_in(self.0.parent().unwrap()).unwrap();
        file.write_all(&record.root_mac).unwrap();
        file.as_file().sync_all().unwrap();
        file.persist(&self.0).unwrap();
        Ok(())
    }

    fn list(&self) -> Result<Vec<VaultId>, KeyStoreError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: VaultId) -> Result<(), KeyStoreError> {
        Ok(())
    }
}

criterion_group!(benches, unlock, first_write, visible_codes, durable);
criterion_main!(benches);
