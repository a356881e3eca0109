//! What the tests of importing share: every file of every fixture, damaged in many places.
#![allow(clippy::unwrap_used, reason = "each test file uses this")]

use std::sync::atomic::{AtomicUsize, Ordering};

use authenticator_core::import::{ImportError, Imported};
use fixtures::Fixture;

use crate::reading::open_fixture;

/// Damages every file of every fixture at each `step`, opens it, and calls `judge` with what came out.
///
/// Returns how many opened and how many were refused.
pub(crate) fn damage(
    step: usize,
    change: impl Fn(&mut Vec<u8>, usize) + Sync,
    judge: impl Fn(&Fixture, &Imported, usize) + Sync,
) -> (usize, usize) {
    let full = std::env::var("KLINK_PROOFS").is_ok_and(|size| size == "full");
    let (opened, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let all = fixtures::all();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(fixture) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            for source in 0..fixture.sources.len() {
                let step = if fixture.dear && !full { step * 10 } else { step };
                for at in (0..fixture.sources[source].1.len()).step_by(step) {
                    let mut damaged = fixture.clone();
                    change(&mut damaged.sources[source].1, at);
                    match open_fixture(&damaged) {
                        Ok(imported) => {
                            judge(fixture, &imported, at);
                            opened.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(ImportError::Stopped) => panic!("{}: nobody asked to stop", fixture.name),
                        Err(_) => drop(refused.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        others.into_iter().for_each(|other| other.join().unwrap());
    });
    (opened.into_inner(), refused.into_inner())
}
