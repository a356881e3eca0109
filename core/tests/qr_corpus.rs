//! Photographs and drawings of codes with known texts: how many are read, and that none is read wrongly.
//!
//! `KLINK_CORPUS=… cargo test -p authenticator-core --test qr_corpus -- --nocapture` prints the figures of
//! `docs/qr.md`. Without the corpus nothing runs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use authenticator_core::qr::{Scan, read_image};

/// One line of `expected.json`.
struct Picture {
    file: PathBuf,
    /// Where the picture comes from: `zxing` or `zxcpp`.
    set: String,
    /// Folder number and name: the sets share pictures, and with them this.
    number: String,
    expected: Expected,
}

enum Expected {
    Text(String),
    Nothing,
    /// Not known: whatever is found does not count.
    Unknown,
}

fn pictures(folder: &Path) -> Vec<Picture> {
    let json = std::fs::read(folder.join("expected.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let picture = |line: &serde_json::Value| {
        let file = line["file"].as_str().unwrap();
        let expected = match line["kind"].as_str().unwrap() {
            "text" => Expected::Text(text_from_hex(line["exp_utf8_hex"].as_str().unwrap())),
            "neg" => Expected::Nothing,
            _ => Expected::Unknown,
        };
        let (set, number) = file.split_once('-').unwrap();
        let number = number.rsplit_once('.').unwrap().0.to_owned();
        Picture { file: folder.join(file), set: set.to_owned(), number, expected }
    };
    json["files"].as_array().unwrap().iter().map(picture).collect()
}

fn text_from_hex(hex: &str) -> String {
    let byte = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
    String::from_utf8((0..hex.len()).step_by(2).map(byte).collect()).unwrap()
}

/// What was made of one picture.
struct Reading {
    scan: Scan,
    /// The control: what rqrr alone says, given the same pixels; for the zxing set, as it takes long.
    rqrr: Vec<String>,
}

fn read(picture: &Picture) -> Reading {
    let bytes = std::fs::read(&picture.file).unwrap();
    let is_control = picture.set == "zxing" && matches!(picture.expected, Expected::Text(_));
    let rqrr = if is_control { rqrr_alone(&bytes) } else { Vec::new() };
    Reading { scan: read_image(&bytes, &|| false).unwrap(), rqrr }
}

fn rqrr_alone(bytes: &[u8]) -> Vec<String> {
    let luma = image::load_from_memory(bytes).unwrap().into_luma8();
    // It panics on some pictures.
    let texts = std::panic::catch_unwind(|| {
        let mut prepared = rqrr::PreparedImage::prepare(luma);
        prepared.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
    });
    texts.unwrap_or_default()
}

/// Reads every picture, on two threads.
fn read_all(pictures: &[Picture]) -> Vec<Reading> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut readings = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(picture) = pictures.get(i) else { return readings };
            readings.push((i, read(picture)));
        }
    };
    let mut readings: Vec<_> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    readings.sort_by_key(|(i, _)| *i);
    readings.into_iter().map(|(_, reading)| reading).collect()
}

/// Pictures with a known text, and how many of them were read.
#[derive(Default)]
struct Tally {
    pictures: usize,
    read: usize,
    first_stage: usize,
    rqrr: usize,
}

impl Tally {
    fn percent(&self, count: usize) -> f64 {
        100.0 * count as f64 / self.pictures as f64
    }
}

#[test]
fn the_corpus_is_read_as_well_as_documented_and_nothing_is_read_wrongly() {
    let Some(corpus) = std::env::var_os("KLINK_CORPUS") else {
        println!("not run: no corpus");
        return;
    };
    let pictures = pictures(&Path::new(&corpus).join("qr"));
    let readings = read_all(&pictures);

    // One text may be right for two files: some pictures are in both sets, hold two codes, and each set
    // names one of them.
    let mut right = BTreeMap::<&str, Vec<&str>>::new();
    for picture in &pictures {
        if let Expected::Text(text) = &picture.expected {
            right.entry(&picture.number).or_default().push(text);
        }
    }
    let mut tallies = BTreeMap::<&str, Tally>::new();
    let mut stages = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    let mut without_code = 0;
    for (picture, Reading { scan, rqrr }) in pictures.iter().zip(&readings) {
        match &picture.expected {
            Expected::Text(text) => {
                let tally = tallies.entry(&picture.set).or_default();
                tally.pictures += 1;
                tally.rqrr += usize::from(rqrr.contains(text));
                if scan.found.iter().any(|code| code.text.as_ref() == Some(text)) {
                    let stage = scan.found_by.unwrap();
                    tally.read += 1;
                    tally.first_stage += usize::from(stage == "as it is");
                    *stages.entry(stage).or_default() += 1;
                }
                let is_right = |found: &Option<String>| {
                    found.as_deref().is_some_and(|found| right[picture.number.as_str()].contains(&found))
                };
                wrong.extend(scan.found.iter().filter(|code| !is_right(&code.text)).map(|_| &picture.file));
            }
            Expected::Nothing => {
                without_code += 1;
                wrong.extend(scan.found.iter().map(|_| &picture.file));
            }
            Expected::Unknown => {}
        }
    }

    for (set, tally) in &tallies {
        let Tally { pictures, read, first_stage, .. } = *tally;
        let (read, first_stage) = (tally.percent(read), tally.percent(first_stage));
        println!("{set}: {pictures} pictures, {read:.1} % read; first stage alone {first_stage:.1} %");
    }
    let zxing = &tallies["zxing"];
    println!("zxing: rqrr alone {:.1} %", zxing.percent(zxing.rqrr));
    println!("found by: {stages:?}");
    println!("{without_code} pictures without a code; wrong texts: {}", wrong.len());

    assert_eq!(wrong, Vec::<&PathBuf>::new());
    assert_eq!(without_code, 46);
    for (set, floor) in [("zxing", 94.5), ("zxcpp", 93.5)] {
        let tally = &tallies[set];
        assert!(tally.percent(tally.read) >= floor, "{set} is under {floor} %");
        // A control: what the other stages are there for.
        assert!(tally.first_stage < tally.read, "the other stages add nothing to {set}");
    }
    // A control: what the first reader is there for.
    assert!(zxing.rqrr * 4 < zxing.read * 3, "rqrr alone is nearly as good");
}
