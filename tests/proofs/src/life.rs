//! A child of this program that works until it is killed, and what it had said by then.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

/// When a child is killed. Lines are counted, so that a slow machine is told as much as a fast one; the delay puts the end
/// anywhere in what comes after the last of them, and without a line anywhere in the start.
pub struct End {
    pub lines: usize,
    pub delay: Duration,
}

impl End {
    /// Chooses fewer than `lines` lines, and a delay shorter than `delay`.
    pub fn choose(random: &mut fastrand::Rng, lines: usize, delay: Duration) -> Self {
        let most = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        Self { lines: random.usize(..lines), delay: Duration::from_micros(random.u64(..most)) }
    }
}

/// Starts this program with `arguments`, kills it at its end, and returns the whole lines that it had printed.
///
/// # Errors
/// It could not be started, or ended by itself.
pub fn one_life<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>, end: End) -> anyhow::Result<String> {
    let mut child = Command::new(std::env::current_exe()?).args(arguments).stdout(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(child.stdout.take().context("the child has an output")?);
    let mut lines = String::new();
    for _ in 0..end.lines {
        ensure!(out.read_line(&mut lines)? > 0, "the child ended by itself: {}", child.wait()?);
    }
    std::thread::sleep(end.delay);
    child.kill()?;
    out.read_to_string(&mut lines)?;
    child.wait()?;
    lines.truncate(lines.rfind('\n').map_or(0, |end| end + 1));
    Ok(lines)
}
