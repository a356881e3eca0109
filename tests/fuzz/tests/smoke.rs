//! F05 and F10 on stable: every target with seeded input. A fuzzer does the same with input that it learns.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use fuzzing::{Bed, manifest, sealed_blob, slot, whole_file};

type Target = fn(&Bed, &[u8]);

/// Inputs of one target: at the size of a commit, or with `KLINK_PROOFS=full` at full size.
fn rounds() -> u64 {
    if std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full") { 20_000 } else { 400 }
}

/// Returns inputs of many lengths: noise, and what is nearly right.
fn input(random: &mut fastrand::Rng) -> Vec<u8> {
    let length = match random.u8(..4) {
        0 => random.usize(..8),
        1 => random.usize(..64),
        2 => random.usize(..300),
        _ => random.usize(..5_000),
    };
    let few = random.bool();
    (0..length).map(|_| if few { random.u8(..4) } else { random.u8(..) }).collect()
}

fn smoke(target: Target) {
    let bed = Bed::make();
    let mut random = fastrand::Rng::with_seed(1);
    println!("cases {}", rounds());
    for round in 0..rounds() {
        let input = input(&mut random);
        let held = catch_unwind(AssertUnwindSafe(|| target(&bed, &input)));
        assert!(held.is_ok(), "input {round}: {input:02x?}");
    }
}

#[test]
fn any_bytes_as_a_sealed_blob_show_nothing_false() {
    smoke(sealed_blob);
}

#[test]
fn any_bytes_as_a_slot_show_nothing_false() {
    smoke(slot);
}

#[test]
fn any_bytes_in_the_manifest_show_nothing_false() {
    smoke(manifest);
}

#[test]
fn any_bytes_as_a_file_show_nothing_false() {
    smoke(whole_file);
}

/// The control: the same input, seen by a reader that checks nothing.
#[test]
fn control_a_reader_that_checks_nothing_is_shown_something_false() {
    let bed = Bed::make();
    bed.reset();
    let whole = bed.as_a_reader_sees_it_that_checks_nothing().unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut fooled = 0;
    for _ in 0..400 {
        let input = input(&mut random);
        for target in [sealed_blob as Target, whole_file] {
            target(&bed, &input);
            fooled +=
                u32::from(bed.as_a_reader_sees_it_that_checks_nothing().is_some_and(|seen| seen != whole));
        }
    }
    assert!(fooled > 100, "{fooled} of 800");
}
