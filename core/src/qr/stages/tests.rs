use image::Luma;
use qrcode::QrCode;

use super::*;

const TEXT: &str = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP";

fn code() -> GrayImage {
    QrCode::new(TEXT).unwrap().render::<Luma<u8>>().module_dimensions(4, 4).build()
}

fn texts(scan: &Scan) -> Vec<&str> {
    scan.found.iter().filter_map(|code| code.text.as_deref()).collect()
}

#[test]
fn a_stage_that_panics_does_not_end_the_reading() {
    let stages = [stage("panics", |_, _| panic!("as intended")), AS_IT_IS];
    let scan = run(&stages, &Picture::new(code()), &|| false);
    assert_eq!((texts(&scan), scan.stages, scan.found_by), (vec![TEXT], 2, Some("as it is")));
}

/// The control of the test above: without `run`, the panic does end everything.
#[test]
#[should_panic(expected = "as intended")]
fn a_stage_that_panics_does_panic() {
    let stage = stage("panics", |_, _| panic!("as intended"));
    (stage.run)(&Picture::new(code()), &|| false);
}

#[test]
fn the_first_stage_that_finds_a_code_is_the_last() {
    let stages = [AS_IT_IS, stage("panics", |_, _| panic!("not to be reached"))];
    assert_eq!(run(&stages, &Picture::new(code()), &|| false).stages, 1);
}

#[test]
fn a_stage_that_goes_on_adds_to_the_next_and_repeats_nothing() {
    let stages = [Stage { goes_on: true, ..AS_IT_IS }, AS_IT_IS];
    let scan = run(&stages, &Picture::new(code()), &|| false);
    assert_eq!((texts(&scan), scan.stages), (vec![TEXT], 2));
}

#[test]
fn a_stage_that_does_not_fit_is_not_counted() {
    let stages = [stage("does not fit", |_, _| None), AS_IT_IS];
    assert_eq!(run(&stages, &Picture::new(code()), &|| false).stages, 1);
}

#[test]
fn a_stop_check_is_not_asked_again_after_yes() {
    let asked = Cell::new(0);
    // Yes to the second question only.
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() == 2
    };
    let scan = run(IMAGE, &Picture::new(GrayImage::new(100, 100)), &stop);
    assert_eq!((asked.get(), scan.stopped), (2, true));
}

#[test]
fn a_stop_before_the_first_stage_leaves_nothing_read() {
    let scan = run(IMAGE, &Picture::new(code()), &|| true);
    assert_eq!(scan, Scan { stopped: true, ..Scan::default() });
}

/// Every stage alone reads a plain code that fits it: none is dead weight by mistake.
#[test]
fn every_stage_reads_a_plain_code_and_knows_where_it_is() {
    let plain = code();
    let mut dark = plain.clone();
    image::imageops::invert(&mut dark);
    let side = plain.width() as f32;
    for stage in FRAME.iter().chain(IMAGE) {
        let Stage { name, .. } = stage;
        // The small copies are for large pictures only.
        let picture = match *name {
            "1,300 px" | "a quarter" => {
                image::imageops::resize(&plain, 1_700, 1_700, image::imageops::Nearest)
            }
            "640 px" => image::imageops::resize(&plain, 700, 700, image::imageops::Nearest),
            "a third" | "rqrr, half" => image::imageops::resize(&plain, 600, 600, image::imageops::Nearest),
            "inverted" | "inverted, doubled" => dark.clone(),
            _ => plain.clone(),
        };
        let scale = picture.width() as f32 / side;
        let found = (stage.run)(&Picture::new(picture), &|| false).unwrap_or_default();
        assert_eq!(found.iter().map(|code| code.text.as_deref()).collect::<Vec<_>>(), [Some(TEXT)], "{name}");
        let (near, far) = (16.0 * scale, (side - 16.0) * scale);
        let expected = [(near, near), (far, near), (far, far), (near, far)];
        for (corner, expected) in found[0].corners.iter().zip(expected) {
            let off = (corner.0 - expected.0).abs().max((corner.1 - expected.1).abs());
            assert!(off < 4.0 * scale, "{name}: {corner:?} is not {expected:?}");
        }
    }
}

#[test]
fn the_names_of_a_list_differ() {
    for list in [FRAME, IMAGE] {
        let mut names: Vec<_> = list.iter().map(|stage| stage.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), list.len());
    }
}
