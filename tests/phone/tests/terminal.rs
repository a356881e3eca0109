//! `klink` on a terminal: what it asks there, and the live list. The terminal is made by `script` of util-linux.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod running;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use running::{Klink, TOTP};

/// Far longer than anything here takes.
const WATCHDOG: Duration = Duration::from_secs(100);

/// Says so when the terminal shows no more what is typed; ends with the terminal.
const WATCH_ECHO: &str = "(while state=$(stty -a < /dev/tty); do \
     case $state in *' -echo '*) echo '[hidden]'; break;; esac; done) 2> /dev/null &";

/// A program on a terminal of its own, and what the terminal has shown.
struct Terminal {
    child: Child,
    shown: Arc<(Mutex<String>, Condvar)>,
}

impl Terminal {
    /// Starts `klink` with these arguments; none when there is no `script`. Once the terminal shows no more what is
    /// typed, it says `[hidden]`.
    fn start(klink: &Klink, arguments: &str) -> Option<Self> {
        let mut plain = klink.command(&[]);
        if Command::new("script").arg("--version").output().is_err() {
            println!("not run: no script");
            return None;
        }
        let mut command = Command::new("script");
        command
            .args([
                "-qefc",
                &format!("stty cols 100 rows 20; {WATCH_ECHO} exec \"$KLINK\" {arguments}"),
                "/dev/null",
            ])
            .envs(
                plain
                    .env("TERM", "xterm-256color")
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("KLINK", env!("CARGO_BIN_EXE_klink"))
            .env("SHELL", "/bin/sh");
        if arguments.contains("init") || arguments.contains("list") {
            command.env_remove("KLINK_PASSPHRASE");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let shown = Arc::new((Mutex::new(String::new()), Condvar::new()));
        let writer = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut bytes) {
                writer.0.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
                writer.1.notify_all();
            }
        });
        Some(Self { child, shown })
    }

    /// Waits until what was shown is `enough`, and returns it.
    #[track_caller]
    fn wait(&self, enough: impl Fn(&str) -> bool) -> String {
        let (shown, news) = &*self.shown;
        let (shown, late) =
            news.wait_timeout_while(shown.lock().unwrap(), WATCHDOG, |shown| !enough(shown)).unwrap();
        assert!(!late.timed_out(), "it shows {:?}", *shown);
        shown.clone()
    }

    fn type_in(&mut self, keys: &str) {
        self.child.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end, and returns the exit code.
    fn end(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

#[test]
fn a_new_passphrase_is_asked_for_twice_and_never_shown() {
    let klink = Klink { folder: tempfile::tempdir().unwrap() };
    let Some(mut terminal) = Terminal::start(&klink, "init") else { return };
    terminal.wait(|shown| shown.contains("Choose a passphrase: ") && shown.contains("[hidden]"));
    terminal.type_in("open the latch\n");
    let shown = terminal.wait(|shown| shown.contains("once more: "));
    assert!(!shown.contains("latch"), "{shown}");
    terminal.type_in("open the latch\n");
    terminal.wait(|shown| shown.contains("A new vault is ready"));
    assert_eq!(terminal.end(), Some(0));

    let mut terminal = Terminal::start(&klink, "list").unwrap();
    terminal.wait(|shown| shown.contains("Passphrase: "));
    terminal.type_in("shut the latch\n");
    terminal.wait(|shown| shown.contains("That is not the passphrase"));
    assert_eq!(terminal.end(), Some(1));

    let mut terminal = Terminal::start(&klink, "list").unwrap();
    terminal.wait(|shown| shown.contains("Passphrase: "));
    terminal.type_in("open the latch\n");
    terminal.wait(|shown| shown.contains("No accounts yet"));
    assert_eq!(terminal.end(), Some(0));
}

#[test]
fn two_passphrases_that_differ_make_nothing() {
    let klink = Klink { folder: tempfile::tempdir().unwrap() };
    let Some(mut terminal) = Terminal::start(&klink, "init") else { return };
    terminal.wait(|shown| shown.contains("Choose a passphrase: "));
    terminal.type_in("open the latch\n");
    terminal.wait(|shown| shown.contains("once more: "));
    terminal.type_in("open the hatch\n");
    terminal.wait(|shown| shown.contains("The two passphrases differ"));
    assert_eq!(terminal.end(), Some(1));
    assert!(!klink.path("vault").exists());
}

#[test]
fn the_live_list_counts_down_on_a_screen_of_its_own_and_gives_the_terminal_back() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    let Some(mut terminal) = Terminal::start(&klink, "codes --watch") else { return };
    let shown = terminal.wait(|shown| countdown(shown).len() > 1);
    assert!(
        shown.contains("\u{1b}[?1049h") && shown.contains("GitHub") && shown.contains("q ends"),
        "{shown}"
    );
    assert!(!shown.contains("\u{1b}[?1049l"), "{shown}");
    terminal.type_in("q");
    let shown = terminal.wait(|shown| shown.contains("\u{1b}[?1049l"));
    assert!(shown.contains("\u{1b}[?25h"), "the cursor is given back: {shown}");
    assert_eq!(terminal.end(), Some(0));
}

/// What takes long says what it is doing, on a terminal alone.
#[test]
fn long_work_shows_its_progress_on_a_terminal() {
    let klink = Klink::new();
    klink.ok(&["add", TOTP]);
    std::fs::write(klink.path("links.txt"), "otpauth://totp/x?secret=JBSWY3DP").unwrap();
    let path = |name| klink.path(name).to_str().unwrap().to_owned();
    let [backup, links, codes, sent] = ["mine.akb", "links.txt", "codes", "sent"].map(path);
    let restore = format!("restore {backup} --replace --yes");
    let commands: [(&str, &[&str]); 6] = [
        (&format!("backup {backup}"), &["opening the vault", "writing the backup"]),
        (&format!("backup --test {backup}"), &["opening every account"]),
        (&format!("import {links} --yes"), &["reading", "opening the vault", "adding the accounts"]),
        (&format!("export --format qr --out {codes} --yes"), &["writing the export", "drawing codes"]),
        (&format!("move --send --out {sent}"), &["confirming", "drawing codes"]),
        (&restore, &["comparing", "restoring"]),
    ];
    for (command, expected) in commands {
        let Some(terminal) = Terminal::start(&klink, command) else { return };
        let shown = terminal.wait(|shown| expected.iter().all(|words| shown.contains(words)));
        assert_eq!(terminal.end(), Some(0), "{command}: {shown}");
    }
    // The control: where no terminal is, there is nobody to show it to.
    let said = klink.run(&["backup", klink.path("other.akb").to_str().unwrap()]);
    assert!(said.status.success() && said.stderr.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// Returns the different seconds left that a screen has shown.
fn countdown(shown: &str) -> BTreeSet<u32> {
    let words: Vec<&str> = shown.split([' ', '\u{1b}']).filter(|word| !word.is_empty()).collect();
    words.windows(2).filter(|pair| pair[1] == "s").filter_map(|pair| pair[0].parse().ok()).collect()
}
