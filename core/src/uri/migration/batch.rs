//! Collects the parts of one export, in whatever order they are scanned.

use std::collections::BTreeMap;

use super::{Part, UriError};
use crate::account::Account;

/// The parts of one export that have been seen.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    seen: BTreeMap<u32, Part>,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Adding {
    /// It was new.
    Added,
    /// It was there; nothing changed.
    AlreadySeen,
    /// It belongs to another export, so it was not taken: start a new batch with it, or ask.
    OtherBatch,
}

impl Batch {
    /// Adds a part. The first one decides which export this is.
    ///
    /// Newer apps give a batch no id. Then parts belong together that agree on how many there are, have
    /// different numbers, and share no entry: the same number with another content is another export.
    pub fn add(&mut self, part: &Part) -> Adding {
        if !self.seen.values().all(|seen| seen.parts == part.parts && seen.batch_id == part.batch_id) {
            return Adding::OtherBatch;
        }
        if let Some(seen) = self.seen.get(&part.part) {
            return if seen == part { Adding::AlreadySeen } else { Adding::OtherBatch };
        }
        if part.batch_id.is_none() && self.seen.values().any(|seen| share_an_entry(seen, part)) {
            return Adding::OtherBatch;
        }
        self.seen.insert(part.part, part.clone());
        Adding::Added
    }

    /// Returns how many parts the export has; 0 before the first was added.
    pub fn parts(&self) -> u32 {
        self.seen.values().next().map_or(0, |part| part.parts)
    }

    /// Returns the numbers of the parts that were not seen, from 1.
    pub fn missing(&self) -> Vec<u32> {
        (1..=self.parts()).filter(|number| !self.seen.contains_key(number)).collect()
    }

    /// Tells whether every part was seen.
    pub fn is_complete(&self) -> bool {
        !self.seen.is_empty() && self.missing().is_empty()
    }

    /// Returns the accounts of all parts seen, in the order of the export.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.seen.values().flat_map(|part| &part.accounts)
    }

    /// Returns the entries that cannot be used: part (from 1), place in it (from 0), and why.
    pub fn problems(&self) -> impl Iterator<Item = (u32, usize, UriError)> {
        self.seen.values().flat_map(|part| part.problems.iter().map(|&(place, why)| (part.part, place, why)))
    }
}

/// Tells whether an id stands in both parts.
fn share_an_entry(one: &Part, other: &Part) -> bool {
    one.entry_ids.iter().any(|id| other.entry_ids.contains(id))
}
