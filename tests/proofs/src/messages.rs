//! S14: everything that the core can print or log, searched for secrets, and errors and logs for names too.
//!
//! A child goes through the flows with secrets that are found again in any spelling. It prints every value and every error
//! that it gets in both forms, and takes what libraries log, in all detail.

use std::fmt::{Debug, Display};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aho_corasick::AhoCorasick;
use anyhow::{anyhow, ensure};
use authenticator_core::authenticator::{Authenticator, PackPlan, ScanSession};
use authenticator_core::base32;
use authenticator_core::device::Anchor;
use authenticator_core::secret::SecretBytes;
use authenticator_core::time::BootTime;
use authenticator_core::uri;
use authenticator_core::vault::{
    self, Change, KdfParams, Key, LockedSnapshot, LockedVault, NewItem, NewSlot, RecoveryCode,
};
use klink::anchor_file::FileAnchor;

use crate::child::{NOW, account};
use crate::rewriting::letters;
use crate::sheet::{Control, Line, Proof, Size};

const PASSPHRASE: &str = "canary passphrase Wq7";
const SEED: &[u8; 20] = b"canary-seed-4f81a09c";
const NAMES: [&str; 4] = ["canary issuer Zb3", "canary account Kt9", "canary note Xm2", "canary group Vf6"];

/// Goes through the flows in a child; the control prints and logs a secret and a name on purpose.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let texts: u32 = size.of(20_000, 600_000);
    let [lines, found, _] = child(texts, false)?;
    let [_, leaked, by_log] = child(1_000, true)?;
    let whole = leaked >= 4 && by_log >= 2;
    ensure!(whole, "CONTROL NOT SEEN FAILING: {leaked} of 4 leaks found, {by_log} of 2 logs");
    Ok(vec![Line::Proof(Proof {
        id: "S14",
        about: "values, errors and logs printed and searched",
        cases: lines,
        failures: found,
        detail: format!("{lines} lines"),
        control: Control { about: "a secret and a name printed and logged on purpose", failures: leaked },
    })])
}

fn child(texts: u32, leak: bool) -> anyhow::Result<[u64; 3]> {
    let output = Command::new(std::env::current_exe()?)
        .args(["speak", "--texts", &texts.to_string()])
        .args(if leak { &["--leak"][..] } else { &[] })
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    if !leak {
        text.lines().filter(|line| line.starts_with("wrong")).for_each(|line| println!("{line}"));
    }
    let last = text.lines().last().unwrap_or_default();
    let numbers: Vec<u64> = last.split(' ').map_while(|word| word.parse().ok()).collect();
    numbers.try_into().map_err(|_| anyhow::anyhow!("the child said {last}"))
}

/// Searches lines as they come.
#[derive(Clone)]
struct Ear(Arc<Mutex<Heard>>);

struct Heard {
    secrets: AhoCorasick,
    names: AhoCorasick,
    lines: u64,
    found: u64,
    logged: u64,
}

impl Ear {
    fn new(code: &RecoveryCode) -> anyhow::Result<Self> {
        let printed = code.print().expose().to_owned();
        let letters = String::from_utf8(letters(code))?;
        let hex: String = SEED.iter().map(|byte| format!("{byte:02x}")).collect();
        let listed: String = SEED.iter().map(|byte| format!("{byte}, ")).collect();
        let seed = String::from_utf8(SEED.to_vec())?;
        let secrets = [
            PASSPHRASE.to_owned(),
            seed,
            base32::encode(SEED).expose()[..24].to_owned(),
            hex,
            listed[..40].to_owned(),
            printed[..24].to_owned(),
            letters,
        ];
        let heard = Heard {
            secrets: AhoCorasick::builder().ascii_case_insensitive(true).build(secrets)?,
            names: AhoCorasick::new(NAMES)?,
            lines: 0,
            found: 0,
            logged: 0,
        };
        Ok(Self(Arc::new(Mutex::new(heard))))
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a value that shows names to people, and no secret.
    fn value(&self, value: &impl Debug) {
        self.hear(&format!("{value:?}"), false);
    }

    /// Takes an error, which says nothing of the user's at all.
    fn error<T>(&self, result: Result<T, impl Debug + Display>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.hear(&format!("{error:?}"), true);
                self.hear(&error.to_string(), true);
                None
            }
        }
    }

    fn hear(&self, text: &str, names_too: bool) {
        let mut heard = self.heard();
        heard.lines += 1 + text.matches('\n').count() as u64;
        if heard.secrets.is_match(text) || names_too && heard.names.is_match(text) {
            heard.found += 1;
            println!("wrong: {text}");
        }
    }
}

/// What libraries log comes here, by `log` and by `tracing`.
impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.heard().logged += 1;
        self.hear(&String::from_utf8_lossy(bytes), true);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl ::log::Log for Ear {
    fn enabled(&self, _: &::log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        self.heard().logged += 1;
        self.hear(&record.args().to_string(), true);
    }

    fn flush(&self) {}
}

/// Runs in the child, and ends with a line: lines heard, found among them, logged among them.
pub fn speak(texts: u32, leak: bool) -> anyhow::Result<()> {
    let code = RecoveryCode::make()?;
    let ear = Ear::new(&code)?;
    let for_tracing = ear.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || for_tracing.clone())
        .init();
    ::log::set_logger(Box::leak(Box::new(ear.clone()))).map_err(|_| anyhow!("somebody listens already"))?;
    ::log::set_max_level(::log::LevelFilter::Trace);
    if leak {
        ear.value(&("a plain text beside a type that hides it", PASSPHRASE));
        ear.error::<()>(Err(NAMES[0]));
        ::log::trace!("{}", base32::encode(SEED).expose());
        tracing::trace!("{}", NAMES[1]);
    }
    let folder = tempfile::tempdir()?;
    go_through(&ear, &folder.path().join("vault"), &code)?;
    spoil(&ear, texts);
    let heard = ear.heard();
    println!("{} {} {}", heard.lines, heard.found, heard.logged);
    Ok(())
}

fn go_through(ear: &Ear, folder: &std::path::Path, code: &RecoveryCode) -> anyhow::Result<()> {
    let anchor: Arc<dyn Anchor> = Arc::new(FileAnchor::new(folder.with_extension("anchors"), folder));
    let core = Authenticator::new(folder.to_owned(), anchor.clone());
    let boot = BootTime::from_ms(1);
    ear.value(&core.status());
    let kdf = KdfParams::new(32 * 1024, 3, 1)?;
    let slots = [NewSlot::Passphrase { passphrase: PASSPHRASE.as_bytes(), kdf }, NewSlot::RecoveryCode(code)];
    ear.value(&slots);
    ear.value(&code);
    ear.value(&core.create(&slots, NOW)?);
    ear.error(core.create(&slots, NOW));
    let mut new: NewItem = account("x");
    let text = format!(
        "otpauth://totp/{}:{}?secret={}&issuer={}",
        NAMES[0],
        NAMES[1],
        base32::encode(SEED).expose(),
        NAMES[0]
    );
    new.account = uri::parse(&text)?;
    NAMES[2].clone_into(&mut new.note);
    ear.value(&new);
    let added = core.add(new.clone(), NOW)?;
    let id = added.id();
    let group = core.add_group(NAMES[3])?;
    ear.value(&(added, group));
    core.change(id, Change { groups: Some(vec![group]), ..Change::default() }, NOW)?;
    ear.value(&core.list()?);
    ear.value(&core.groups()?);
    ear.value(&core.codes(NOW, 0, &[id])?);
    ear.error(core.next_code(id, NOW));
    let mut counting = account("canary-seed-4f81a09c");
    NAMES[1].clone_into(&mut counting.account.account_name);
    let counts = core.add(counting, NOW)?.id();
    ear.value(&core.next_code(counts, NOW)?);
    ear.value(&core.last_code(counts, NOW)?);
    ear.value(&core.verify()?);
    ear.value(&core.slots()?);
    ear.value(&core.duties(NOW)?);
    ear.value(&core.snapshot(NOW)?);
    ear.value(&core.snapshots()?);
    ear.value(&core.next_steps()?);
    ear.value(&core.confirm(&Key::RecoveryCode(code), boot)?);
    ear.value(&core.write_pack(
        &folder.with_extension("akw"),
        &PackPlan { ids: vec![id], length_ms: 60_000 },
        NOW,
    )?);
    ear.value(&core.pack_key()?);
    let backup = folder.with_extension("akb");
    ear.value(&core.write_backup(&backup, NOW)?);
    let copy = core.open_copy(&backup, None)?;
    ear.value(&core.compare(&copy)?);
    let wrong = SecretBytes::from(SEED.as_slice());
    for key in [Key::Passphrase(PASSPHRASE.as_bytes()), Key::Device(&wrong)] {
        ear.value(&key);
    }
    ear.error(core.check_way_in(&Key::Passphrase(b"canary passphrase"), NOW, boot));
    ear.error(core.check_way_in(&Key::Device(&wrong), NOW, boot));
    ear.error(core.delete_group(group).and_then(|()| core.rename_group(group, NAMES[3])));
    core.delete(id, NOW)?;
    ear.value(&core.trash()?);
    core.lock();
    ear.error(core.list());
    ear.error(core.try_unlock(Key::Passphrase(b"canary passphrase"), NOW, boot));
    ear.value(&core.status()?);
    ear.value(&core.unlock(Key::Passphrase(PASSPHRASE.as_bytes()), NOW)?);
    core.lock();
    ear.value(&LockedSnapshot::open(&backup)?.info());
    let found = vault::salvage(folder, &Key::RecoveryCode(code), NOW)?;
    ear.value(&found.proposal());
    ear.value(&LockedVault::open(folder)?.slots());
    for typed in
        ["", "canary passphrase Wq7", &code.print().expose()[..30], &code.print().expose().replace('-', "U")]
    {
        ear.error(RecoveryCode::parse(typed));
    }
    // Files of noise, whose errors say nothing of them.
    std::fs::write(folder.join("vault.db"), [SEED.as_slice(); 300].concat())?;
    ear.error(LockedVault::open(folder));
    std::fs::write(&backup, [SEED.as_slice(); 300].concat())?;
    ear.error(LockedSnapshot::open(&backup));
    Ok(())
}

/// Spoils links with a secret and names in them, and looks at what is said of each.
fn spoil(ear: &Ear, texts: u32) {
    let mut random = fastrand::Rng::with_seed(1);
    let secret = base32::encode(SEED);
    let whole = format!(
        "otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits=6&period=30",
        NAMES[0],
        NAMES[1],
        secret.expose(),
        NAMES[0]
    );
    for _ in 0..texts {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..=random.usize(..3) {
            let (from, to) = (random.usize(..bytes.len()), random.usize(..bytes.len()));
            match random.u8(..5) {
                0 => bytes[from] = random.u8(..),
                1 => drop(bytes.drain(from.min(to)..(from.min(to) + 6).min(bytes.len()))),
                2 => bytes.insert(from, random.u8(32..127)),
                3 => bytes.swap(from, to),
                _ => bytes.truncate(bytes.len() - random.usize(..bytes.len() / 4)),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some(account) = ear.error(uri::parse(&text)) {
            ear.value(&account);
        }
        ear.value(&ScanSession::new().take_text(&text));
    }
}
