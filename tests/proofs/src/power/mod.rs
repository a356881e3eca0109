//! R02 and R04: the power goes at a random call of a writer. Whatever the disk had not been told to keep may be there, in part
//! or not at all; what was acknowledged must be.
//!
//! A writer runs under strace. From its calls a disk is rebuilt up to a point, each unsynced sector there or not, each
//! unsynced name too, and the vault on it is opened. The controls commit as SQLite does with `synchronous=NORMAL` and `OFF`.

mod careless;
mod disk;
mod trace;

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::child::Place;
use crate::damage::scratch;
use crate::kill::{Promises, is_whole};
use crate::sheet::{Control, Line, Proof, Size};
pub use careless::{Careless, be_careless};
use disk::Disk;
use trace::Call;

/// The same seed gives the same operations, points and sectors.
const SEED: u64 = 1;
/// Operations of one writer.
const STEPS: u32 = 60;
/// Images of one writer.
const IMAGES: u32 = 250;

/// What was seen on the images of some writers.
#[derive(Debug, Default)]
struct Seen {
    images: u64,
    lost: u64,
    unopenable: u64,
    acknowledged: u64,
    /// Acknowledged while something of the database's log or file was not yet on the disk.
    too_early: u64,
}

/// Cuts the power at many points, and of a careless writer until something is lost.
pub fn prove(size: Size) -> anyhow::Result<Vec<Line>> {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return Ok(["R02", "R04"].map(|id| Line::NotRun { id, why: "needs strace".into() }).into());
    }
    let seen = play(size.of(300, 20_000), None)?;
    let normal = play(2 * IMAGES, Some(Careless::Normal))?;
    let off = play(10, Some(Careless::Off))?;
    let Seen { images, lost, unopenable, acknowledged, too_early } = seen;
    ensure!(acknowledged > images / IMAGES as u64 * 20, "the writers hardly wrote: {acknowledged}");
    Ok(vec![
        Line::Proof(Proof {
            id: "R02",
            about: "the power goes at a random call",
            cases: images,
            failures: lost + unopenable,
            detail: format!("{lost} lost, {unopenable} unopenable or not whole"),
            control: Control {
                about: "synchronous=NORMAL loses what was acknowledged",
                failures: normal.lost + normal.unopenable,
            },
        }),
        Line::Proof(Proof {
            id: "R04",
            about: "everything is synced before the reply",
            cases: acknowledged,
            failures: too_early,
            detail: String::new(),
            control: Control { about: "synchronous=OFF replies before", failures: off.too_early },
        }),
    ])
}

fn play(images: u32, careless: Option<Careless>) -> anyhow::Result<Seen> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut seen = Seen::default();
    for begun in (0..images).step_by(IMAGES as usize) {
        let seed = random.u64(..);
        writer(seed, IMAGES.min(images - begun), careless, &mut seen)
            .with_context(|| format!("the writer of seed {seed}"))?;
    }
    Ok(seen)
}

/// Traces one writer and looks at images of its disk.
fn writer(seed: u64, images: u32, careless: Option<Careless>, seen: &mut Seen) -> anyhow::Result<()> {
    let folder = scratch()?;
    let root = folder.path().join("root");
    std::fs::create_dir(&root)?;
    Place::make(&root)?;
    let mut disk = Disk::of(&root)?;
    let calls = trace(&root, &folder.path().join("calls"), seed, careless)?;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut points: Vec<usize> = (0..images).map(|_| random.usize(..calls.len())).collect();
    points.sort_unstable();
    let mut points = points.into_iter().peekable();
    let mut said = String::new();
    for (n, call) in calls.iter().enumerate() {
        if let Call::Say(text) = call {
            said += text;
            seen.acknowledged += text.matches('\n').count() as u64;
            seen.too_early += u64::from(!disk.is_synced(&root.join("vault")));
        }
        disk.take(call);
        while points.next_if_eq(&n).is_some() {
            let image = folder.path().join("image");
            disk.write_image(&root, &image, &mut random)?;
            seen.images += 1;
            let acknowledged = &said[..said.rfind('\n').map_or(0, |end| end + 1)];
            let before = seen.lost + seen.unopenable;
            look(&image, acknowledged, seen)?;
            if careless.is_none() && seen.lost + seen.unopenable > before {
                println!("wrong: an image after call {n} of the writer of seed {seed}");
            }
            std::fs::remove_dir_all(&image)?;
        }
    }
    Ok(())
}

fn trace(root: &Path, file: &Path, seed: u64, careless: Option<Careless>) -> anyhow::Result<Vec<Call>> {
    let output = Command::new("strace")
        .args(["-qq", "-xx", "-s", "1000000", "-e", trace::CALLS, "-o"])
        .arg(file)
        .arg(std::env::current_exe()?)
        .arg("child")
        .arg(root)
        .args(["acknowledge", "--seed", &seed.to_string(), "--steps", &STEPS.to_string()])
        .args(careless.map(|how| format!("--careless={how:?}").to_lowercase()))
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = trace::read(&std::fs::read_to_string(file)?, root)?;
    ensure!(calls.len() > STEPS as usize, "only {} calls were seen", calls.len());
    Ok(calls)
}

/// Opens an image and looks for everything that was acknowledged.
fn look(image: &Path, acknowledged: &str, seen: &mut Seen) -> anyhow::Result<()> {
    let Ok(opened) = Place::at(image).open() else {
        seen.unopenable += 1;
        return Ok(());
    };
    let mut vault = opened.vault;
    seen.unopenable += u64::from(!is_whole(&mut vault)?);
    let mut promises = Promises::default();
    promises.take(acknowledged)?;
    seen.lost += u64::from(promises.missing(&mut vault)? > 0);
    Ok(())
}
