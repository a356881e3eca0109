//! R11: the n-th allocation fails, for every n. The process answers with an error by name or stops at once; either way what
//! was acknowledged is there, and the vault is whole.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use anyhow::ensure;

use crate::child::Place;
use crate::faults::is_right;
use crate::sheet::{Control, Line, Proof, Size};
use crate::shim::Shim;

/// How a process ends that Rust or the C library stops because it has no memory.
const SIGABRT: i32 = 6;
/// More allocations than the work makes; a fault that no longer comes ends the proof.
const MOST: u64 = 200_000;

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    cases: u64,
    stopped: u64,
    lost: u64,
    other: u64,
}

/// Starves a child at every n-th allocation, once and from there on.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    let shim = match Shim::build("starve", include_str!("starve.c")) {
        Ok(shim) => shim,
        Err(error) => {
            return Ok(vec![Line::NotRun { id: "R11", why: format!("needs a C compiler: {error:#}") }]);
        }
    };
    let once = play(&shim, "meet-faults", size.of(23, 1), false)?;
    let for_good = play(&shim, "meet-faults", size.of(211, 7), true)?;
    let control = play(&shim, "meet-faults-before", 53, false)?;
    ensure!(once.stopped < once.cases, "no allocation of SQLite's failed: it has an answer to that");
    let sum = |count: fn(&Seen) -> u64| count(&once) + count(&for_good);
    Ok(vec![Line::Proof(Proof {
        id: "R11",
        about: size.of("every 23rd allocation fails", "every allocation fails"),
        cases: sum(|seen| seen.cases),
        failures: sum(|seen| seen.lost + seen.other),
        detail: format!(
            "{} once, {} from there on, {} stopped at once; {} lost or not whole, {} ended otherwise",
            once.cases,
            for_good.cases,
            sum(|seen| seen.stopped),
            sum(|seen| seen.lost),
            sum(|seen| seen.other)
        ),
        control: Control { about: "acknowledged before the commit", failures: control.lost },
    })])
}

fn play(shim: &Shim, work: &str, step: usize, for_good: bool) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    for n in (1..MOST).step_by(step) {
        let folder = crate::damage::scratch()?;
        let place = Place::make(folder.path())?;
        let mut child = Command::new(std::env::current_exe()?);
        child.arg("child").arg(folder.path()).arg(work).env("STARVE_AT", n.to_string());
        if for_good {
            child.env("STARVE_ON", "1");
        }
        let output = child.env("LD_PRELOAD", shim.library()).stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let stopped = output.status.signal() == Some(SIGABRT);
        if output.status.success() && !said.contains("starved") {
            return Ok(seen);
        }
        seen.cases += 1;
        seen.stopped += u64::from(stopped);
        if !stopped && !output.status.success() {
            println!("wrong: allocation {n}: {}, {}", output.status, said.trim());
            seen.other += 1;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        seen.lost += u64::from(!is_right(&place, lines).unwrap_or(false));
    }
    anyhow::bail!("more than {MOST} allocations")
}
