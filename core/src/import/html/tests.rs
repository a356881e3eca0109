use super::*;
use crate::import::Reason;
use crate::import::formats::open_one;

#[test]
fn links_stand_in_elements_of_their_own() {
    let page = "\u{feff}\r\n<!DOCTYPE html><html><style>a { }</style><p>otpauth is a scheme</p>\
        <td><code>otpauth://totp/Long%3APeriod?secret=JBSWY3DP&issuer=Long&period=60</code></td>\
        <td><code>otpauth://totp/R&amp;D?secret=JBSWY3DP&amp;digits=8</code></td>\
        <td><code>motp://M:u?secret=aabb</code>";
    let read = open_one(page.as_bytes(), None).unwrap();
    let names: Vec<_> = read.entries.iter().map(|e| (&*e.account.issuer, &*e.account.account_name)).collect();
    assert_eq!((read.format, names), (Format::Html, vec![("Long", "Period"), ("", "R&D")]));
    assert_eq!(read.entries[1].account.otp.digits(), 8);
    assert_eq!((read.problems.len(), read.problems[0].reason), (1, Reason::NeedsPin));
}

#[test]
fn a_page_of_pictures_is_read_by_its_codes() {
    let code = qrcode::QrCode::new("otpauth://totp/ann?secret=JBSWY3DP").unwrap();
    let code = code.render::<image::Luma<u8>>().build();
    let mut png = std::io::Cursor::new(Vec::new());
    code.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, png.into_inner());
    let page =
        format!("<html><img src=\"data:image/png;base64,{base64}\"><img src=\"data:image/png;base64,AAAA\">");
    let read = open_one(page.as_bytes(), None).unwrap();
    assert_eq!((read.entries.len(), read.problems.len(), read.problems[0].reason), (1, 1, Reason::NoCode));
}

#[test]
fn a_page_without_links_is_damaged() {
    let damaged = ImportError::Damaged(Format::Html, Place::file("links"));
    assert_eq!(open_one(b"<html><p>nothing</p>", None).err(), Some(damaged));
}
