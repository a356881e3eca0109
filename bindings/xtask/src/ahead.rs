//! What later suites need is fetched while the first ones compile: the network and the compiler wait for each other
//! no longer than they must.

use std::sync::{Arc, OnceLock};
use std::thread;

use crate::house::House;
use crate::install;
use crate::suites::Suite;

/// The suites of one run, and what of them is there already.
pub(crate) struct Ahead {
    house: House,
    suites: Vec<(&'static Suite, OnceLock<()>)>,
}

impl Ahead {
    /// Begins to fetch for `suites`, in their order, in a thread of its own.
    ///
    /// What fails here says nothing: the suite tries again, and says why it did not run.
    pub(crate) fn start(house: &House, suites: &[&'static Suite]) -> Arc<Self> {
        let suites = suites.iter().map(|suite| (*suite, OnceLock::new())).collect();
        let ahead = Arc::new(Self { house: house.clone(), suites });
        let fetching = Arc::clone(&ahead);
        thread::spawn(move || {
            let quiet = fetching.house.quiet();
            // The first one is asked for at once, by the run itself.
            for (suite, _) in fetching.suites.iter().skip(1) {
                fetching.fetch_in(&quiet, suite.name);
            }
        });
        ahead
    }

    /// Fetches what the suite `name` needs and shows it, or waits until it is there.
    pub(crate) fn fetch(&self, name: &str) {
        self.fetch_in(&self.house, name);
    }

    fn fetch_in(&self, house: &House, name: &str) {
        for (suite, fetched) in self.suites.iter().filter(|(suite, _)| suite.name == name) {
            fetched.get_or_init(|| fetch(house, suite));
        }
    }
}

fn fetch(house: &House, suite: &Suite) {
    for (tool, _) in suite.steps.iter().flat_map(|step| step.needs) {
        let _ = install::ensure(house, tool);
    }
    if let Some(more) = suite.fetch {
        let _ = more(house);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static FETCHED: AtomicUsize = AtomicUsize::new(0);
    static ONE: Mutex<()> = Mutex::new(());

    static SUITES: [Suite; 2] = [suite("first"), suite("second")];

    const fn suite(name: &'static str) -> Suite {
        Suite { name, about: "", by_name: None, fetch: Some(count), steps: &[] }
    }

    fn count(_: &House) -> anyhow::Result<()> {
        let _one = ONE.try_lock().expect("two at once");
        thread::sleep(std::time::Duration::from_millis(50));
        FETCHED.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    #[test]
    fn each_suite_is_fetched_for_once_and_who_comes_second_waits() {
        let ahead = Ahead::start(&House::at(&std::env::temp_dir()), &[&SUITES[0], &SUITES[1]]);
        ahead.fetch("second");
        assert_eq!(FETCHED.load(Ordering::SeqCst), 1);
        ahead.fetch("first");
        ahead.fetch("second");
        assert_eq!(FETCHED.load(Ordering::SeqCst), 2);
    }
}
