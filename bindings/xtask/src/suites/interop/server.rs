//! A server that runs in a process of its own, for as long as its standard input is open.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How long a server may take to answer; on a free machine it takes ten seconds.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long a server may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Lines of a server that are shown when it does not start.
const LAST_WORDS: usize = 20;

/// A server that answers. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    folder: PathBuf,
}

impl Running {
    /// Starts a server that keeps everything in `folder`, and waits until it answers.
    ///
    /// # Errors
    /// It did not start, ended, or took too long; its last lines are in the error.
    pub(super) fn start(mut command: Command, folder: PathBuf) -> anyhow::Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        command.arg(&folder).stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
        let child = command.spawn().context("it could not be started")?;
        // The command holds the writing ends too; reading ends when the server does.
        drop(command);
        let running = Self { child, folder };
        let (lines, said) = mpsc::channel();
        // Read until its end: a server whose pipe is full would stand still.
        thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let began = Instant::now();
        let mut last = Vec::new();
        loop {
            let why = match said.recv_timeout(PATIENCE.saturating_sub(began.elapsed())) {
                Ok(line) if line == "ready" => return Ok(running),
                Ok(line) => {
                    if line.starts_with('[') {
                        println!("{line}");
                    }
                    last.push(line);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => "it ended".to_owned(),
                Err(RecvTimeoutError::Timeout) => format!("no answer in {} s", PATIENCE.as_secs()),
            };
            bail!("{why}:\n{}", last[last.len().saturating_sub(LAST_WORDS)..].join("\n"));
        }
    }

    /// Returns the file that says where the server is and who may do what.
    pub(super) fn description(&self) -> PathBuf {
        self.folder.join("env.json")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let began = Instant::now();
        while began.elapsed() < FAREWELL {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server of one line of shell; `$1` is its folder.
    fn started(script: &str, folder: &std::path::Path) -> anyhow::Result<Running> {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        Running::start(command, folder.to_owned())
    }

    #[test]
    fn a_server_runs_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let running = started(r#"echo ready; cat; : >"$1/ended""#, folder.path()).expect("it says ready");
        assert_eq!(running.description(), folder.path().join("env.json"));
        assert!(!folder.path().join("ended").exists());
        drop(running);
        assert!(folder.path().join("ended").exists(), "it was stopped, not killed");
    }

    #[test]
    fn a_server_that_ends_says_why() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let error =
            started("echo one; echo two >&2; exit 3", folder.path()).expect_err("it ended").to_string();
        assert_eq!(error, "it ended:\none\ntwo");
    }
}
