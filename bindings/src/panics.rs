//! A panic is a fault of ours: it is caught here, keeps its place and loses its text, which may hold anything.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::Once;

use futures_util::FutureExt;

/// Where something of ours panicked: a file and a line, and nothing of what it said.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) place: String,
}

/// Runs `work` and catches its panic.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    inside(|| panic::catch_unwind(AssertUnwindSafe(work)).map_err(fault))
}

/// Awaits `work` and catches its panic, whichever of our threads it happens on.
pub(crate) async fn contained_future<T>(work: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(fault)
}

/// Has panics of our threads and calls say where, not what. Other threads' go to the hook that was there before.
pub(crate) fn keep_texts_out_of_logs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if INSIDE.get() == 0 && !is_ours() {
                before(info);
                return;
            }
            let place = info.location().map_or_else(String::new, print);
            PLACE.with_borrow_mut(|last| *last = place);
        }));
    });
}

/// The names of our threads begin with this.
pub(crate) const THREAD: &str = "klink";

thread_local! {
    static INSIDE: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

fn inside<T>(work: impl FnOnce() -> T) -> T {
    INSIDE.set(INSIDE.get() + 1);
    let result = work();
    INSIDE.set(INSIDE.get() - 1);
    result
}

fn fault(_text: Box<dyn Any + Send>) -> Fault {
    Fault { place: PLACE.with_borrow_mut(std::mem::take) }
}

fn is_ours() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with(THREAD))
}

/// Prints the last three parts of the path, and the line: what is before them is some machine's.
fn print(location: &Location<'_>) -> String {
    let mut parts: Vec<&str> = location.file().rsplit(['/', '\\']).take(3).collect();
    parts.reverse();
    format!("{}:{}", parts.join("/"), location.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_place_and_loses_its_text() {
        keep_texts_out_of_logs();
        let caught: Result<(), Fault> = contained(|| panic!("JBSWY3DP"));
        let fault = caught.unwrap_err();
        assert!(fault.place.contains("panics.rs:"), "{fault:?}");
        assert!(!format!("{fault:?}").contains("JBSWY3DP"));
        assert!(contained(|| 1).is_ok());
    }
}
