//! The demo: it fails when a step does, and `--serve` is what a person can do the journey with.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use klink::browser::Browser;
use serde_json::Value;

/// `demo --serve`, and what it said.
struct Served {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    said: Vec<String>,
    variables: HashMap<String, String>,
}

impl Served {
    /// Starts it and reads until it has said everything.
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_klink"))
            .args(["demo", "--serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said: Vec<String> = Vec::new();
        while !said.last().is_some_and(|line| line.contains("klink watch runs")) {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "{said:?}");
            said.push(line.trim_end().to_owned());
        }
        let exports = said.iter().filter_map(|line| line.trim().strip_prefix("export ")?.split_once('='));
        let variables = exports.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()));
        let (input, variables) = (child.stdin.take(), variables.collect());
        Self { child, input, output, said, variables }
    }

    /// Returns what stands behind a word at the beginning of a line.
    fn told(&self, word: &str) -> &str {
        let line = self.said.iter().find_map(|line| line.strip_prefix(word)).unwrap();
        line.trim()
    }

    /// Runs one of the printed commands in the second terminal.
    fn klink(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_klink"))
            .args(arguments)
            .envs(&self.variables)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.klink(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// The printed `klink watch`, with somebody who types.
struct Watch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Watch {
    /// Starts it and waits until it takes text messages.
    fn start(served: &Served) -> Self {
        let arguments = served.told("  klink watch ").split(' ').map(str::to_owned).collect::<Vec<_>>();
        let mut child = Command::new(env!("CARGO_BIN_EXE_klink"))
            .arg("watch")
            .args(arguments)
            .envs(&served.variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut watch = Self { child, input, output };
        watch.read_until("Text messages: ");
        watch
    }

    /// Reads to the line that begins like this and returns the rest of it.
    fn read_until(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "it ended before it said {start:?}");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_step_that_does_not_hold_ends_the_demo_and_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_klink")).args(["demo", "--wrong-number"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (shown, why) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let last = shown.lines().rev().find_map(|line| line.strip_prefix("step ")).unwrap();
    let (number, title) = last.split_once(": ").unwrap();
    assert!(why.contains(&format!("failed in step {number}, {title}: ")), "{why}");
    assert!(why.contains("did not take the approval"), "{why}");
    assert!(!shown.contains("All of it worked"));
}

#[test]
fn the_commands_that_serve_prints_enrol_and_approve_and_it_stops_when_its_input_ends() {
    let mut served = Served::start();
    assert!(served.klink(&["init"]).status.success());
    runtime().block_on(async {
        let (user, password) = (served.told("account"), served.told("password"));
        let mut browser = Browser::new(served.told("page"), &[], "en").unwrap();
        browser.open("/").await.unwrap();
        browser.send("/sign-in", &[("name", user), ("password", password)]).await.unwrap();
        browser.open("/setup/prepare").await.unwrap();
        browser.send("/setup/scan", &[]).await.unwrap();

        let link = browser.page().by_id("link").unwrap().to_owned();
        let enrolled = served.json(&["enrol", &link, "--yes"]);
        browser.open("/setup/scan").await.unwrap();
        let shown: String = browser.page().by_id("number").unwrap().split(' ').collect();
        assert_eq!(enrolled["check_number"], shown.as_str());
        browser.send("/setup/check", &[("same", "yes")]).await.unwrap();

        let number = browser.page().by_id("number").unwrap().to_owned();
        let approved = served.json(&["approve", "-", &number, "--yes"]);
        assert_eq!(approved["outcome"], "approved");
        browser.open("/setup/test").await.unwrap();
        assert_eq!(browser.at().path(), "/setup/done");

        // The printed `klink watch` is the telephone too, and asks for the number.
        let mut watch = Watch::start(&served);
        browser.follow("/setup/phone").await.unwrap();
        browser.send("/setup/phone", &[("number", "07400 123456"), ("region", "GB")]).await.unwrap();
        let text = watch.read_until("Text message for +447400123456: ");
        let code = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
        browser.send("/setup/text", &[("code", code)]).await.unwrap();
        assert_eq!(browser.at().path(), "/setup/complete");

        browser.send("/sign-out", &[]).await.unwrap();
        browser.send("/sign-in", &[("name", user), ("password", password)]).await.unwrap();
        watch.read_until("Sign-in: ");
        let number = browser.page().by_id("number").unwrap().to_owned();
        writeln!(watch.input, "{number}").unwrap();
        watch.read_until("Approved.");
        browser.open("/approve").await.unwrap();
        assert_eq!(browser.at().path(), "/");
    });
    drop(served.input.take());
    let mut rest = String::new();
    served.output.read_to_string(&mut rest).unwrap();
    assert!(served.child.wait().unwrap().success() && rest.contains("Stopping."), "{rest}");
}
