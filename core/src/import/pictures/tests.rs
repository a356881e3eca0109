use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use qrcode::QrCode;

use super::*;
use crate::import::formats::open_one;
use crate::import::{Imported, KdfBudget, Reason, Secrets, open};
use crate::uri::{self, migration};

/// Draws codes beside each other.
fn picture(texts: &[&str]) -> Vec<u8> {
    const WIDTH: u32 = 420;
    let mut canvas = GrayImage::from_pixel(WIDTH * texts.len().max(1) as u32, WIDTH, Luma([255]));
    for (column, text) in (0..).zip(texts) {
        let code = QrCode::new(text).unwrap().render::<Luma<u8>>().max_dimensions(WIDTH, WIDTH).build();
        image::imageops::overlay(&mut canvas, &code, i64::from(column * WIDTH), 0);
    }
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(canvas).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn open_all(pictures: &[Vec<u8>]) -> Result<Imported, ImportError> {
    let sources: Vec<_> = pictures.iter().map(|bytes| Source { name: "", bytes }).collect();
    open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false)
}

#[test]
fn several_codes_of_one_picture_are_several_accounts() {
    let picture = picture(&["otpauth://totp/ann?secret=JBSWY3DP", "otpauth://totp/bob?secret=JBSWY3DP"]);
    let read = open_one(&picture, None).unwrap();
    assert_eq!((read.format, read.entries.len()), (Format::Picture, 2));
}

#[test]
fn a_migration_in_several_pictures_is_put_in_order() {
    let link = |n: usize| format!("otpauth://totp/{n}?secret=JBSWY3DPEHPK3PXP");
    let accounts: Vec<_> = (0..12).map(|n| uri::parse(&link(n)).unwrap()).collect();
    let parts = migration::print(&accounts, 7).parts;
    let read = open_all(&[picture(&[parts[1].expose()]), picture(&[parts[0].expose()])]).unwrap();
    let read_accounts: Vec<_> = read.entries.iter().map(|entry| entry.account.clone()).collect();
    assert_eq!((read.format, read_accounts), (Format::GoogleMigration, accounts));
}

#[test]
fn one_of_several_pictures_without_a_code_is_named_and_a_single_one_is_not_recognised() {
    let (empty, code) = (picture(&[]), picture(&["otpauth://totp/ann?secret=JBSWY3DP"]));
    assert_eq!(open_one(&empty, None).err(), Some(ImportError::NotRecognised));
    let read = open_all(&[code.clone(), empty, code[..60].to_vec()]).unwrap();
    let problems: Vec<_> =
        read.problems.iter().map(|problem| (problem.place.source, problem.reason)).collect();
    assert_eq!((read.entries.len(), problems), (1, vec![(1, Reason::NoCode), (2, Reason::NoCode)]));
}

#[test]
fn a_code_without_its_pin_is_taken_from_a_picture_of_its_own() {
    let read = open_one(&picture(&["motp://M:ann?secret=aabbccdd"]), None).unwrap();
    assert!(read.entries[0].account.otp.needs_pin());
}

#[test]
fn a_code_for_something_else_is_named() {
    let read = open_one(&picture(&["WIFI:S:home;T:WPA;P:secret;;"]), None).unwrap();
    assert_eq!(read.problems[0].reason, Reason::UnknownKind);
}
