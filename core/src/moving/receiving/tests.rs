use proptest::prelude::*;

use super::super::{Sending, Way};
use super::*;

fn sending(len: usize, way: Way) -> (SecretBytes, Sending) {
    let plain = SecretBytes::new((0..len).map(|n| n as u8).collect());
    let sending = Sending::new(&plain, 80, 83, way).unwrap();
    (plain, sending)
}

fn texts(sending: &Sending) -> Vec<String> {
    sending.codes().iter().map(|code| code.expose().to_owned()).collect()
}

proptest! {
    #[test]
    fn codes_in_any_order_and_more_than_once_give_the_bundle(len in 0_usize..20_000, seed in any::<u64>()) {
        let (plain, sending) = sending(len, Way::Codes);
        let mut codes = texts(&sending);
        codes.sort_by_key(|code| seed.rotate_left(code.bytes().map(u32::from).sum::<u32>() % 64));
        let mut receiving = Receiving::default();
        for (n, code) in codes.iter().enumerate() {
            prop_assert!(receiving.open().is_err());
            prop_assert_eq!(receiving.take(code), Ok(Taken::New));
            prop_assert_eq!(receiving.take(code), Ok(Taken::Again));
            prop_assert_eq!(receiving.taken() as usize, n + 1);
            // An interrupted move goes on where it was.
            receiving = Receiving::from_bytes(&receiving.to_bytes()).unwrap();
        }
        prop_assert_eq!(receiving.missing(), Vec::<u32>::new());
        prop_assert_eq!(receiving.open().unwrap(), plain);
    }
}

#[test]
fn missing_codes_are_named_as_the_old_device_counts_them() {
    let (_, sending) = sending(4_000, Way::Codes);
    let codes = texts(&sending);
    assert_eq!(codes.len(), 7, "a head and six parts");
    let mut receiving = Receiving::default();
    assert_eq!((receiving.codes(), receiving.missing()), (None, vec![1]));
    receiving.take(&codes[3]).unwrap();
    assert_eq!(receiving.missing(), [1, 2, 3]);
    receiving.take(&codes[0]).unwrap();
    assert_eq!((receiving.codes(), receiving.accounts()), (Some(7), Some(80)));
    assert_eq!(receiving.missing(), [2, 3, 5, 6, 7]);
}

#[test]
fn every_character_read_wrongly_is_noticed() {
    let (_, sending) = sending(100, Way::Codes);
    for code in texts(&sending) {
        for place in 0..code.len() {
            let mut wrong = code.clone().into_bytes();
            wrong[place] = if wrong[place] == b'7' { b'8' } else { b'7' };
            let taken = Receiving::default().take(&String::from_utf8(wrong).unwrap());
            assert!(
                matches!(taken, Err(CodeError::NotOurs | CodeError::Damaged)),
                "character {place}: {taken:?}"
            );
        }
        assert_eq!(Receiving::default().take(&code), Ok(Taken::New), "the control");
    }
}

#[test]
fn codes_of_two_moves_do_not_mix() {
    let ((_, one), (_, two)) = (sending(2_000, Way::Codes), sending(2_000, Way::Codes));
    let mut receiving = Receiving::default();
    receiving.take(&texts(&one)[1]).unwrap();
    assert_eq!(receiving.take(&texts(&two)[0]), Ok(Taken::OtherMove));
    assert_eq!(receiving.taken(), 1);
}

#[test]
fn a_code_names_its_file_and_takes_no_other() {
    let ((plain, one), (_, two)) = (sending(300_000, Way::File), sending(300_000, Way::File));
    assert_eq!(one.codes().len(), 1);
    let mut receiving = Receiving::default();
    assert_eq!(receiving.take_file(one.file().unwrap()), Err(MoveError::Incomplete));
    receiving.take(&texts(&one)[0]).unwrap();
    assert_eq!((receiving.in_file(), receiving.open()), (Some(true), Err(MoveError::Incomplete)));
    assert_eq!(receiving.take_file(two.file().unwrap()), Err(MoveError::OtherFile));
    let mut flipped = one.file().unwrap().to_vec();
    flipped[1_000] ^= 1;
    assert_eq!(receiving.take_file(&flipped), Err(MoveError::OtherFile));
    receiving.take_file(one.file().unwrap()).unwrap();
    assert_eq!(Receiving::from_bytes(&receiving.to_bytes()).unwrap().open().unwrap(), plain);
}

#[test]
fn the_receipt_says_how_many_arrived() {
    let (_, sending) = sending(2_000, Way::Codes);
    let mut receiving = Receiving::default();
    assert!(texts(&sending).iter().all(|code| receiving.take(code) == Ok(Taken::New)));
    let digits = |taken| receiving.receipt(taken).unwrap().to_string();
    assert_eq!(sending.arrived(&digits(80)), Some(80));
    assert_eq!(sending.arrived(&format!(" {} {}", &digits(78)[..3], &digits(78)[3..])), Some(78));
    let kept = Sending::from_bytes(&sending.to_bytes()).unwrap();
    assert_eq!(kept.arrived(&digits(80)), Some(80), "after a restart too");
    let wrong = format!("{:06}", (digits(80).parse::<u32>().unwrap() + 1) % 1_000_000);
    for typed in [wrong.as_str(), "", "12345", "1234567", "12345a"] {
        assert_ne!(sending.arrived(typed), Some(80), "{typed}");
    }
}

#[test]
fn more_than_two_hundred_codes_are_refused_and_a_file_is_not() {
    let plain = SecretBytes::new(vec![0; 200_000]);
    let refused = Sending::new(&plain, 1, 1, Way::Codes);
    assert!(matches!(refused, Err(MoveError::TooManyParts { parts: 251 })));
    assert!(Sending::new(&plain, 1, 1, Way::File).is_ok());
}
