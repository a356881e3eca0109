//! What a fuzzer calls: any bytes in a sealed blob, a slot, the tables of the manifest, or a whole file of a vault; and
//! any bytes in files of other apps.
//!
//! Each target puts the bytes where somebody with write access could put them, opens the vault by its public doors, and
//! panics when something is shown that is not the vault's own. Whatever panics inside is found by the same means.

mod bed;
mod importing;

use authenticator_core::crypto::seal;
use sha2::{Digest, Sha256};

pub use bed::Bed;
pub use importing::{formats, import, import_any};

/// Bytes of a slot before its checksum, docs/vault-format.md.
const SLOT: usize = 160;
/// Where a slot says what it costs: memory in KiB, passes, lanes.
const COSTS: std::ops::Range<usize> = 27..39;

/// The tables of the manifest and what goes into them.
const PLACES: [&str; 12] = [
    "UPDATE root SET mac = ?",
    "UPDATE root SET seq = ?",
    "UPDATE root SET branch = ?",
    "UPDATE root SET prev_root = ?",
    "UPDATE bucket SET digest = ?",
    "UPDATE bucket SET n = ?",
    "UPDATE doc SET body = ?",
    "UPDATE doc SET rev = ?",
    "UPDATE dek SET body = ?",
    "UPDATE dek SET epoch = ?",
    "UPDATE meta SET v = ? WHERE k = 'vault_id'",
    "UPDATE meta SET v = ? WHERE k = 'min_reader'",
];

/// The files that [`whole_file`] may spoil.
const FILES: [&str; 5] = ["vault.db", "vault.db-wal", "vault.keys", "backup.akb", "push.db"];

/// Bytes as sealed bytes, as a row's blob, and as what a blob holds.
pub fn sealed_blob(bed: &Bed, bytes: &[u8]) {
    assert!(seal::open(&bed.any_key(), b"", bytes).is_err(), "nobody sealed this");
    let Some((which, rest)) = bytes.split_first() else { return };
    let column = if which & 1 == 0 { "meta" } else { "secret" };
    let blob = if which & 2 == 0 { rest.to_vec() } else { bed.seal_row(column, rest) };
    bed.reset();
    bed.sql(&format!("UPDATE item SET {column} = ? WHERE id = (SELECT min(id) FROM item)"), &blob);
    // A row that was sealed anew under the right key says what it says; the root tells that nobody signed for it.
    bed.judge(which & 2 != 0);
}

/// Bytes as a slot, its checksum made right for every second of them.
pub fn slot(bed: &Bed, bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let mut body = rest.to_vec();
    if which & 1 == 0 {
        body.resize(SLOT, 0);
        // Work within the limits is no finding; a fuzzer that pays for it finds nothing else.
        if body[26] == 1 {
            body[COSTS].copy_from_slice(&[64, 1, 1].map(u32::to_be_bytes).concat());
        }
        let checksum = Sha256::digest(&body);
        body.extend_from_slice(&checksum);
    }
    bed.reset();
    if which & 2 == 0 {
        bed.remove("vault.keys");
    }
    bed.sql("UPDATE slot SET body = ?", &body);
    bed.judge(false);
}

/// Bytes in one of the manifest's tables.
pub fn manifest(bed: &Bed, bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    bed.reset();
    if which & 64 == 0 {
        bed.remove("vault.keys");
    }
    let place = PLACES[usize::from(which & 63) % PLACES.len()];
    if which & 128 == 0 {
        bed.sql(place, &rest);
    } else {
        let mut number = [0; 8];
        number.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        bed.sql(place, &i64::from_be_bytes(number));
    }
    bed.judge(false);
}

/// Bytes as a whole file, or as changes to one: three bytes of a place and one to put there.
pub fn whole_file(bed: &Bed, bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    bed.reset();
    let name = FILES[usize::from(which & 127) % FILES.len()];
    let mut whole = bed.read(name);
    if which & 128 == 0 || whole.is_empty() {
        whole = rest.to_vec();
    } else {
        for change in rest.chunks_exact(4) {
            let place = u32::from_be_bytes([0, change[0], change[1], change[2]]) as usize % whole.len();
            whole[place] = change[3];
        }
    }
    bed.write(name, &whole);
    bed.judge(false);
    bed.salvage();
}
