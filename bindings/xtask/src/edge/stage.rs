//! Starts the stage, on which stories in other languages are told.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};

use anyhow::Context;

use super::Built;
use crate::house::House;

/// The reference service with somebody at its page, for as long as this lives.
pub(crate) struct Stage {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Where a story asks.
    pub(crate) address: String,
    /// The file with the authority that a phone has to believe.
    pub(crate) authority: PathBuf,
}

impl Stage {
    /// Starts it; its files lie in the target folder.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(house: &House, built: &Built) -> anyhow::Result<Self> {
        let mut command = house.command(&built.stage);
        let mut child = command
            .arg(&house.target)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the stage")?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        let out = child.stdout.take().context("the stage says nothing")?;
        BufReader::new(out).read_line(&mut line)?;
        let mut words = line.trim().splitn(3, ' ');
        let (Some("stage"), Some(address), Some(authority)) = (words.next(), words.next(), words.next())
        else {
            anyhow::bail!("the stage said {line:?}");
        };
        let (address, authority) = (address.to_owned(), authority.into());
        Ok(Self { child, stdin, address, authority })
    }

    /// Returns the variables that a story needs.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        [
            ("KLINK_STAGE", self.address.clone()),
            ("SSL_CERT_FILE", self.authority.to_string_lossy().into_owned()),
        ]
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It ends with its standard input, and takes its files with it.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
