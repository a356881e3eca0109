//! The golden messages of push, read by a program that shares no code with the core.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::python::interpreter;
use crate::count::Tally;
use crate::house::House;

const READER: &str = "tests/interop/read_push.py";
const MESSAGES: &str = "tests/vectors/push/messages.json";

/// The vector of `docs/push-protocol.md`.
const CHECK_NUMBER: &str = "168164";

/// Reads the messages, and refuses them when one character of one is another.
pub(crate) fn golden(house: &House, label: &str) -> Tally {
    let python = match interpreter(house) {
        Ok(python) => python,
        Err(error) => {
            return Tally::not_run(format!("the Python reader's library could not be installed: {error:#}"));
        }
    };
    let reader = Reader { house, python };
    let cases = [
        ("it verifies every message and rebuilds every signed text", reader.reads_the_messages()),
        ("a changed character of any message is refused", reader.refuses_changed_messages()),
    ];
    Tally::of(label, cases)
}

struct Reader<'a> {
    house: &'a House,
    python: PathBuf,
}

impl Reader<'_> {
    fn reads_the_messages(&self) -> anyhow::Result<()> {
        let golden = self.messages()?;
        let read = self.read(Path::new(MESSAGES))?.context("it refused the golden messages")?;
        let expected = golden["messages"].as_array().map(Vec::len);
        let count = read["messages"].as_u64().and_then(|count| usize::try_from(count).ok());
        ensure!(expected.is_some() && count == expected, "it read {read}");
        ensure!(read["check_number_of_the_document"] == CHECK_NUMBER, "it read {read}");
        ensure!(read["check_number"] == golden["check_number"], "it read {read}");
        Ok(())
    }

    fn refuses_changed_messages(&self) -> anyhow::Result<()> {
        let golden = self.messages()?;
        let count = golden["messages"].as_array().context("no messages")?.len();
        let folder = self.house.target.join("python-scratch");
        fs::create_dir_all(&folder)?;
        let path = folder.join("changed.json");
        for n in 0..count {
            let mut changed = golden.clone();
            let jws = changed["messages"][n]["jws"].as_str().context("no message")?;
            // One character in the middle of header, claims or signature.
            let part = jws.split('.').nth(n % 3).context("not three parts")?;
            let place = part.as_ptr() as usize - jws.as_ptr() as usize + part.len() / 2;
            let other = if jws.as_bytes()[place] == b'A' { "B" } else { "A" };
            let mut text = jws.to_owned();
            text.replace_range(place..=place, other);
            changed["messages"][n]["jws"] = text.into();
            fs::write(&path, changed.to_string())?;
            ensure!(self.read(&path)?.is_none(), "it took message {n} with another character");
        }
        let mut changed = golden;
        changed["check_number"] = "000000".into();
        fs::write(&path, changed.to_string())?;
        ensure!(self.read(&path)?.is_none(), "it took another check number");
        println!("{count} changed messages and another check number were refused");
        Ok(())
    }

    fn messages(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.house.root.join(MESSAGES))?)?)
    }

    /// Runs the reader; none when it refuses.
    fn read(&self, path: &Path) -> anyhow::Result<Option<Value>> {
        let output = self.house.command(&self.python).arg(READER).arg(path).output()?;
        if !output.status.success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&output.stdout).context("what it printed is not JSON")?))
    }
}
