//! Reads what strace wrote: the calls that change files below one folder, and what was said on the way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The calls that strace is asked for: all that can change a file or a name, or say where the next write goes.
pub const CALLS: &str = "trace=open,openat,creat,close,lseek,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,\
fallocate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,dup,dup2,dup3,\
copy_file_range,sendfile";

/// What one call did.
#[derive(Debug)]
pub enum Call {
    /// A file has a name from now on, if it had none.
    Create(PathBuf),
    /// A file was cut or grown to this length.
    Truncate(PathBuf, u64),
    /// Bytes were written at a place.
    Write(PathBuf, u64, Vec<u8>),
    /// A file or folder was synced.
    Sync(PathBuf),
    /// A name was given to what had the first.
    Rename(PathBuf, PathBuf),
    /// A name is gone.
    Unlink(PathBuf),
    /// A folder was made.
    MakeFolder(PathBuf),
    /// Text went to the parent.
    Say(String),
}

/// A file that is open: its path now, and where the next write goes.
struct Open {
    path: PathBuf,
    at: u64,
}

/// Returns the calls on what is below `root`, in their order.
pub fn read(text: &str, root: &Path) -> anyhow::Result<Vec<Call>> {
    let mut reader = Reader { root, open: BTreeMap::new(), calls: Vec::new() };
    for line in text.lines() {
        reader.line(line).with_context(|| {
            let start: String = line.chars().take(120).collect();
            format!("strace wrote {start}")
        })?;
    }
    Ok(reader.calls)
}

struct Reader<'a> {
    root: &'a Path,
    open: BTreeMap<u64, Open>,
    calls: Vec<Call>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        // Signals and the end of the process have lines of their own.
        let Some((name, rest)) = line.split_once('(').filter(|_| !line.starts_with(['+', '-'])) else {
            return Ok(());
        };
        let (arguments, result) = rest.rsplit_once(" = ").context("a result")?;
        let arguments = arguments.trim_end().strip_suffix(')').context("the end of the arguments")?;
        let arguments: Vec<&str> = arguments.split(", ").collect();
        let result = result.split(' ').next().unwrap_or_default();
        // What failed changed nothing.
        let Ok(result) = result.parse::<u64>() else { return Ok(()) };
        let argument = |n: usize| arguments.get(n).copied().context("an argument");
        let number = |n: usize| -> anyhow::Result<u64> { Ok(argument(n)?.parse()?) };
        match name {
            "open" | "creat" => self.opened(argument(0)?, &arguments[1..], result)?,
            "openat" => self.opened(argument(1)?, &arguments[2..], result)?,
            "close" => drop(self.open.remove(&number(0)?)),
            "lseek" => {
                if let Some(open) = self.open.get_mut(&number(0)?) {
                    open.at = result;
                }
            }
            "write" => self.written(number(0)?, None, argument(1)?, result)?,
            "pwrite64" => self.written(number(0)?, Some(number(3)?), argument(1)?, result)?,
            "ftruncate" => {
                let length = number(1)?;
                self.push_open(number(0)?, |path| Call::Truncate(path, length));
            }
            "fsync" | "fdatasync" => self.push_open(number(0)?, Call::Sync),
            "rename" => self.renamed(argument(0)?, argument(1)?)?,
            "renameat" | "renameat2" => self.renamed(argument(1)?, argument(3)?)?,
            "unlink" => self.unlinked(argument(0)?)?,
            "unlinkat" => self.unlinked(argument(1)?)?,
            "mkdir" => self.folder_made(argument(0)?)?,
            "mkdirat" => self.folder_made(argument(1)?)?,
            "fallocate" | "writev" | "pwritev" | "pwritev2" | "dup" | "dup2" | "dup3" | "copy_file_range"
            | "sendfile" => {
                let known = number(0).is_ok_and(|fd| self.open.contains_key(&fd));
                if known {
                    bail!("{name} is not modelled");
                }
            }
            "link" | "linkat" | "truncate" | "rmdir" => {
                let paths = arguments.iter().filter_map(|argument| path(argument).ok());
                if paths.into_iter().any(|path| path.starts_with(self.root)) {
                    bail!("{name} is not modelled");
                }
            }
            other => bail!("{other} was not asked for"),
        }
        Ok(())
    }

    fn opened(&mut self, text: &str, flags: &[&str], fd: u64) -> anyhow::Result<()> {
        let Some(path) = self.below(text)? else { return Ok(()) };
        let flags = flags.first().copied().unwrap_or("O_CREAT|O_TRUNC");
        if flags.contains("O_CREAT") {
            self.calls.push(Call::Create(path.clone()));
        }
        if flags.contains("O_TRUNC") {
            self.calls.push(Call::Truncate(path.clone(), 0));
        }
        if flags.contains("O_APPEND") || flags.contains("O_TMPFILE") {
            bail!("{flags} is not modelled");
        }
        self.open.insert(fd, Open { path, at: 0 });
        Ok(())
    }

    fn written(&mut self, fd: u64, at: Option<u64>, text: &str, length: u64) -> anyhow::Result<()> {
        if let Some(open) = self.open.get_mut(&fd) {
            let mut bytes = bytes(text)?;
            bytes.truncate(usize::try_from(length)?);
            let place = at.unwrap_or(open.at);
            if at.is_none() {
                open.at += length;
            }
            self.calls.push(Call::Write(open.path.clone(), place, bytes));
        } else if fd == 1 {
            self.calls.push(Call::Say(String::from_utf8(bytes(text)?)?));
        }
        Ok(())
    }

    fn renamed(&mut self, from: &str, to: &str) -> anyhow::Result<()> {
        if let (Some(from), Some(to)) = (self.below(from)?, self.below(to)?) {
            for open in self.open.values_mut().filter(|open| open.path == from) {
                open.path.clone_from(&to);
            }
            self.calls.push(Call::Rename(from, to));
        }
        Ok(())
    }

    fn unlinked(&mut self, text: &str) -> anyhow::Result<()> {
        let path = self.below(text)?;
        self.calls.extend(path.map(Call::Unlink));
        Ok(())
    }

    fn folder_made(&mut self, text: &str) -> anyhow::Result<()> {
        let path = self.below(text)?;
        self.calls.extend(path.map(Call::MakeFolder));
        Ok(())
    }

    fn push_open(&mut self, fd: u64, call: impl FnOnce(PathBuf) -> Call) {
        let path = self.open.get(&fd).map(|open| open.path.clone());
        self.calls.extend(path.map(call));
    }

    fn below(&self, text: &str) -> anyhow::Result<Option<PathBuf>> {
        Ok(Some(path(text)?).filter(|path| path.starts_with(self.root)))
    }
}

fn path(text: &str) -> anyhow::Result<PathBuf> {
    Ok(String::from_utf8(bytes(text)?)?.into())
}

/// Reads `"\x2f\x74"`; a text that strace has cut short is refused.
fn bytes(text: &str) -> anyhow::Result<Vec<u8>> {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).context("a whole text")?;
    if inside.is_empty() {
        return Ok(Vec::new());
    }
    let hex = inside.strip_prefix("\\x").context("hexadecimal")?;
    hex.split("\\x").map(|byte| Ok(u8::from_str_radix(byte, 16)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_with_the_path_that_a_file_has_now() {
        let text = r#"openat(AT_FDCWD, "\x2f\x72\x2f\x61", O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 3
write(3, "\x01\x02", 2)                 = 2
rename("\x2f\x72\x2f\x61", "\x2f\x72\x2f\x62") = 0
write(3, "\x03", 1)                     = 1
openat(AT_FDCWD, "\x2f\x65", O_RDONLY) = 4
fsync(3)                                = 0
unlink("\x2f\x72\x2f\x63")              = -1 ENOENT (No such file or directory)
write(1, "\x68\x69\x0a", 3)             = 3
+++ exited with 0 +++
"#;
        let calls: Vec<String> = read(text, Path::new("/r"))
            .expect("strace's form")
            .iter()
            .map(|call| format!("{call:?}"))
            .collect();
        assert_eq!(
            calls,
            [
                r#"Create("/r/a")"#,
                r#"Write("/r/a", 0, [1, 2])"#,
                r#"Rename("/r/a", "/r/b")"#,
                r#"Write("/r/b", 2, [3])"#,
                r#"Sync("/r/b")"#,
                r#"Say("hi\n")"#,
            ]
        );
    }

    #[test]
    fn what_was_cut_short_or_is_unknown_is_refused() {
        let open = "openat(AT_FDCWD, \"\\x2f\\x72\\x2f\\x61\", O_RDWR|O_CREAT, 0600) = 3\n";
        for line in ["write(3, \"\\x01\"..., 2) = 2", "fallocate(3, 0, 0, 4096) = 0", "mmap(3) = 0"] {
            assert!(read(&(open.to_owned() + line), Path::new("/r")).is_err(), "{line}");
        }
    }
}
