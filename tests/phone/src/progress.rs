//! What a terminal shows while something takes long: on standard error, and only where that is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shown until it is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shows that something is being done, and for how long already.
    pub fn of(message: &'static str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("it is well formed");
        Self::shown(|| ProgressBar::new_spinner().with_style(style), message)
    }

    /// Shows how many of `len` are done.
    pub fn counting(message: &'static str, len: usize) -> Self {
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").expect("it is well formed");
        Self::shown(|| ProgressBar::new(len as u64).with_style(style), message)
    }

    /// One more is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Says what is being done now.
    pub fn say(&self, message: String) {
        self.0.set_message(message);
    }

    /// Prints something else without spoiling what is shown.
    pub fn aside(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    fn shown(make: impl FnOnce() -> ProgressBar, message: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = make().with_message(message);
        bar.tick();
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
