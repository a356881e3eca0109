//! Runs `klink` with a vault in a temporary folder and a passphrase in the environment.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses its own part of this")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A vault in a temporary folder.
pub struct Klink {
    pub folder: tempfile::TempDir,
}

pub const TOTP: &str = "otpauth://totp/GitHub:alex?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub";
pub const HOTP: &str = "otpauth://hotp/Door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

impl Klink {
    /// Makes a vault.
    pub fn new() -> Self {
        let klink = Self { folder: tempfile::tempdir().unwrap() };
        klink.ok(&["init"]);
        klink
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klink"));
        command
            .args(arguments)
            .env("KLINK_VAULT", self.path("vault"))
            .env("KLINK_ANCHORS", self.path("anchors"))
            .env("KLINK_DEVICE", self.path("device"))
            .env("KLINK_PASSPHRASE", PASSPHRASE)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs what shows a recovery code, and types back what `typed` makes of it. Returns the code that was shown; an error
    /// when it was not taken.
    pub fn typed_back(&self, arguments: &[&str], typed: impl Fn(&str) -> String) -> Result<String, String> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut shown = BufReader::new(child.stderr.take().unwrap()).lines();
        let code = shown.by_ref().map_while(Result::ok).find(|line| line.matches('-').count() == 6);
        let code = code.map(|line| line.trim().to_owned());
        if let Some(code) = &code {
            writeln!(child.stdin.take().unwrap(), "{}", typed(code)).unwrap();
        }
        let rest: Vec<String> = shown.map_while(Result::ok).collect();
        let taken = child.wait().unwrap().success();
        let code = code.ok_or("no code was shown")?;
        if taken { Ok(code) } else { Err(rest.join("\n")) }
    }

    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Runs what must be refused with exit code 1, and returns the JSON.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// What a pipe that stands for a passphrase file makes `klink` wait for.
pub const PASSPHRASE: &str = "a passphrase for tests";

/// Sends a signal to a process: `INT` is Ctrl-C.
pub fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until `there` says yes, for a minute at most.
#[track_caller]
pub fn wait_until(what: &str, mut there: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(100);
    while !there() {
        assert!(Instant::now() < until, "{what} never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `klink` with a service's authority to trust, called from inside a runtime that the service may need.
pub struct Trusting<'a> {
    pub klink: &'a Klink,
    pub authority: &'a str,
}

impl Trusting<'_> {
    /// Runs a command, and returns whether it succeeded and the JSON that it printed.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> (bool, Value) {
        let all = [arguments, &["--ca-file", self.authority, "--json"]].concat();
        let output = tokio::task::block_in_place(|| self.klink.run(&all));
        let text = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}: {text}{}", String::from_utf8_lossy(&output.stderr))
        });
        (output.status.success(), value)
    }

    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let (done, value) = self.run(arguments);
        assert!(done, "{arguments:?}: {value}");
        value
    }

    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> Value {
        let (done, value) = self.run(arguments);
        assert!(!done, "{arguments:?}: {value}");
        value
    }
}

pub fn draw(path: &Path, text: &str) {
    let code = qrcode::QrCode::new(text).unwrap();
    code.render::<image::Luma<u8>>().module_dimensions(5, 5).build().save(path).unwrap();
}
