//! Live changes: a counter per user that moves after every commit that concerns them.
//!
//! Pages wait for it and then read the state again; nothing else is carried.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// Who waits for whose changes; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Live {
    waiting: Arc<Mutex<HashMap<String, watch::Sender<u64>>>>,
}

impl Live {
    /// Returns a receiver that changes when anything of this user does.
    pub fn watch(&self, user: &str) -> watch::Receiver<u64> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(user.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Tells those who wait; a user for whom nobody waits any more is forgotten.
    pub fn changed(&self, user: &str) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = waiting.get(user) else { return };
        if sender.receiver_count() == 0 {
            waiting.remove(user);
        } else {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// Ends all waiting: receivers see that there is nothing to wait for any more.
    pub(crate) fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_page_learns_of_its_own_user_alone() {
        let live = Live::default();
        let (mut mine, theirs) = (live.watch("a"), live.watch("b"));
        live.changed("a");
        assert!(mine.has_changed().unwrap() && !theirs.has_changed().unwrap());
        mine.mark_unchanged();
        assert!(!mine.has_changed().unwrap());
    }

    #[test]
    fn a_user_for_whom_nobody_waits_is_forgotten() {
        let live = Live::default();
        drop(live.watch("a"));
        live.changed("a");
        assert!(live.waiting.lock().unwrap().is_empty());
    }
}
