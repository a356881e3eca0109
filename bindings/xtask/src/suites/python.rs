//! The golden vault, read by a program that shares no code with the core.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::count::Tally;
use crate::house::House;
use crate::run;

/// The reader's one dependency.
const CRYPTOGRAPHY: &str = "cryptography==50.0.2";

/// The vault, the recovery code that opens it, and what is in it.
const VAULT: &str = "tests/vectors/vault/v1";

/// Another, which a passphrase opens as well: it is not composed as the format wants it, and its key takes four lanes.
const WITH_PASSPHRASE: &str = "tests/vectors/vault/v1-passphrase";

/// The same accounts in a backup file, beside the vault.
const BACKUP: &str = "backup.akb";

/// How many bytes of the vault are flipped, one at a time, spread over the file.
const FLIPS: usize = 24;

/// Opens the golden vault, and refuses a wrong code and damaged copies.
pub(crate) fn golden(house: &House, label: &str) -> Tally {
    let reader = match Reader::prepare(house) {
        Ok(reader) => reader,
        Err(error) => {
            return Tally::not_run(format!("the Python reader's library could not be installed: {error:#}"));
        }
    };
    let cases = [
        ("it reads what expected.json says", reader.reads_what_is_expected()),
        ("it reads the same from the backup", reader.reads_the_backup()),
        ("it refuses another recovery code", reader.refuses_another_code()),
        ("it opens with a passphrase, and with no other", reader.opens_with_the_passphrase_alone()),
        ("a flipped byte never gives another value", reader.is_not_fooled_by_a_flipped_byte()),
    ];
    Tally::of(label, cases)
}

/// Installs what the readers need.
pub(crate) fn fetch(house: &House) -> anyhow::Result<()> {
    interpreter(house).map(drop)
}

/// Makes a virtual environment in the target folder, once, and returns its Python with the one dependency.
pub(super) fn interpreter(house: &House) -> anyhow::Result<PathBuf> {
    interpreter_with(house, CRYPTOGRAPHY)
}

/// The same with a library of a caller's own.
pub(super) fn interpreter_with(house: &House, library: &str) -> anyhow::Result<PathBuf> {
    let folder = house.target.join("python");
    let python = folder.join("bin/python");
    let mut make = house.command("python3");
    make.args(["-m", "venv"]).arg(&folder);
    ensure!(python.exists() || run::stream(make, |_| house.shows)?, "python3 -m venv failed");
    let mut install = house.command(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", library]);
    ensure!(run::stream(install, |_| house.shows)?, "pip install {library} failed");
    Ok(python)
}

/// The reader with a Python of its own.
struct Reader<'a> {
    house: &'a House,
    python: PathBuf,
    vault: PathBuf,
    with_passphrase: PathBuf,
    scratch: PathBuf,
}

const BY_CODE: &str = "--recovery-code-file";
const BY_PASSPHRASE: &str = "--passphrase-file";

impl<'a> Reader<'a> {
    fn prepare(house: &'a House) -> anyhow::Result<Self> {
        let python = interpreter(house)?;
        let scratch = house.target.join("python-scratch");
        fs::create_dir_all(&scratch)?;
        let [vault, with_passphrase] = [VAULT, WITH_PASSPHRASE].map(|folder| house.root.join(folder));
        Ok(Self { house, python, vault, with_passphrase, scratch })
    }

    fn reads_what_is_expected(&self) -> anyhow::Result<()> {
        let read =
            self.open(&self.vault, BY_CODE, &self.code_file())?.context("it refused the golden vault")?;
        ensure!(read == self.expected()?, "it read {read}");
        Ok(())
    }

    fn reads_the_backup(&self) -> anyhow::Result<()> {
        let read = self.open(&self.vault.join(BACKUP), BY_CODE, &self.code_file())?;
        let read = read.context("it refused the golden backup")?;
        ensure!(read == self.expected()?, "it read {read}");
        let mut damaged = fs::read(self.vault.join(BACKUP))?;
        let last = damaged.last_mut().context("the backup is empty")?;
        *last ^= 1;
        let path = self.scratch.join(BACKUP);
        fs::write(&path, damaged)?;
        ensure!(self.open(&path, BY_CODE, &self.code_file())?.is_none(), "it opened a damaged backup");
        Ok(())
    }

    fn refuses_another_code(&self) -> anyhow::Result<()> {
        let code = fs::read_to_string(self.code_file())?;
        let first = code.chars().next().context("the code is empty")?;
        let other = if first == '7' { '8' } else { '7' };
        let path = self.scratch.join("another-code.txt");
        fs::write(&path, code.replacen(first, &other.to_string(), 1))?;
        ensure!(self.open(&self.vault, BY_CODE, &path)?.is_none(), "it opened the vault");
        Ok(())
    }

    fn opens_with_the_passphrase_alone(&self) -> anyhow::Result<()> {
        let vault = &self.with_passphrase;
        let file = vault.join("passphrase.txt");
        let read = self.open(vault, BY_PASSPHRASE, &file)?.context("it refused the golden passphrase")?;
        let expected: Value = serde_json::from_slice(&fs::read(vault.join("expected.json"))?)?;
        ensure!(read == expected, "it read {read}");
        let path = self.scratch.join("another-passphrase.txt");
        fs::write(&path, format!("x{}", fs::read_to_string(&file)?))?;
        ensure!(self.open(vault, BY_PASSPHRASE, &path)?.is_none(), "another passphrase opened the vault");
        Ok(())
    }

    fn is_not_fooled_by_a_flipped_byte(&self) -> anyhow::Result<()> {
        let expected = self.expected()?;
        let whole = fs::read(self.vault.join("vault.db"))?;
        // Most of a small file is empty pages; a zero is where nothing is kept, more often than not.
        let kept: Vec<usize> = (0..whole.len()).filter(|place| whole[*place] != 0).collect();
        ensure!(!kept.is_empty(), "the golden vault is empty");
        let mut refused = 0;
        for n in 0..FLIPS {
            let place = kept[kept.len() * (2 * n + 1) / (2 * FLIPS)];
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << (n % 8);
            let copy = self.scratch.join("flipped");
            copy_folder(&self.vault, &copy)?;
            fs::write(copy.join("vault.db"), damaged)?;
            match self.open(&copy, BY_CODE, &self.code_file())? {
                None => refused += 1,
                Some(read) => ensure!(read == expected, "with byte {place} flipped it read {read}"),
            }
        }
        ensure!(refused > 0, "it refused none of {FLIPS} damaged copies");
        println!("{refused} of {FLIPS} damaged copies were refused; the others read the same");
        Ok(())
    }

    /// Runs the reader; none when it refuses.
    fn open(&self, vault: &Path, way_in: &str, file: &Path) -> anyhow::Result<Option<Value>> {
        let mut command = self.house.command(&self.python);
        let script = if vault.extension().is_some() { "open_backup.py" } else { "open_vault.py" };
        command.arg(Path::new("tests/interop").join(script)).arg(vault).arg(way_in).arg(file);
        let output = command.output()?;
        if !output.status.success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&output.stdout).context("what it printed is not JSON")?))
    }

    fn expected(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.vault.join("expected.json"))?)?)
    }

    fn code_file(&self) -> PathBuf {
        self.vault.join("recovery-code.txt")
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads nothing but what it was given: the right code, and a vault with the checksum beside it.
    const HONEST: &str = "[ \"$(cat $3)\" = 8CODE ] && [ \"$(cksum < $1/vault.db)\" = \"$(cat $1/sum)\" ] && cat $1/expected.json";
    const HONEST_WITH_BACKUPS: &str =
        "[ \"$(cat $3)\" = 8CODE ] && [ \"$(cat $1)\" = whole0 ] && cat vault/expected.json";

    /// Makes a vault that `script`, for the shell, reads, and tells which of the three cases it passes.
    fn passes(script: &str) -> [bool; 3] {
        let [vault, code, flips, ..] = all_cases(script, "exit 1");
        [vault, code, flips]
    }

    fn all_cases(script: &str, for_backups: &str) -> [bool; 5] {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let house = House::at(root.path());
        let reader = Reader {
            house: &house,
            python: "sh".into(),
            vault: root.path().join("vault"),
            with_passphrase: root.path().join("vault"),
            scratch: root.path().join("scratch"),
        };
        fs::create_dir_all(root.path().join("tests/interop")).expect("it is writable");
        fs::create_dir_all(&reader.vault).expect("it is writable");
        fs::create_dir_all(&reader.scratch).expect("it is writable");
        let sum = house
            .command("sh")
            .args(["-c", "seq 100 | tee vault/vault.db | cksum"])
            .output()
            .expect("sh runs");
        let files = [
            ("vault/sum", sum.stdout),
            ("vault/backup.akb", b"whole0".to_vec()),
            ("vault/recovery-code.txt", b"8CODE\n".to_vec()),
            ("vault/passphrase.txt", b"8CODE\n".to_vec()),
            ("vault/expected.json", br#"{"accounts": 2, "name": "x"}"#.to_vec()),
            ("tests/interop/open_vault.py", script.as_bytes().to_vec()),
            ("tests/interop/open_backup.py", for_backups.as_bytes().to_vec()),
        ];
        for (path, bytes) in files {
            fs::write(root.path().join(path), bytes).expect("it is writable");
        }
        [
            reader.reads_what_is_expected().is_ok(),
            reader.refuses_another_code().is_ok(),
            reader.is_not_fooled_by_a_flipped_byte().is_ok(),
            reader.reads_the_backup().is_ok(),
            reader.opens_with_the_passphrase_alone().is_ok(),
        ]
    }

    #[test]
    fn a_reader_of_backups_must_read_the_whole_and_refuse_the_damaged_one() {
        assert!(all_cases(HONEST, HONEST_WITH_BACKUPS)[3]);
        assert!(!all_cases(HONEST, "cat vault/expected.json")[3]);
        assert!(!all_cases(HONEST, "exit 1")[3]);
    }

    #[test]
    fn a_reader_of_passphrases_must_take_the_right_one_and_no_other() {
        let by_passphrase = |script: &str| all_cases(script, "exit 1")[4];
        assert!(by_passphrase(HONEST));
        assert!(!by_passphrase("cat $1/expected.json"));
        assert!(!by_passphrase("[ $2 = --recovery-code-file ] && cat $1/expected.json"));
    }

    #[test]
    fn an_honest_reader_passes_every_case() {
        assert_eq!(passes(HONEST), [true, true, true]);
    }

    #[test]
    fn a_careless_reader_fails_the_case_that_is_about_it() {
        let any_code = "[ \"$(cksum < $1/vault.db)\" = \"$(cat $1/sum)\" ] && cat $1/expected.json";
        assert_eq!(passes(any_code), [true, false, true]);
        let no_checks = "[ \"$(cat $3)\" = 8CODE ] && cat $1/expected.json";
        assert_eq!(passes(no_checks), [true, true, false]);
        let what_it_finds =
            "[ \"$(cat $3)\" = 8CODE ] && printf '{\"name\": \"%s\"}' \"$(cksum < $1/vault.db)\"";
        assert_eq!(passes(what_it_finds), [false, true, false]);
        assert_eq!(passes("exit 1"), [false, true, true]);
    }
}
