use super::*;
use crate::import::Reason;

const AEGIS: &[u8] =
    br#"{"version": 1, "header": {"slots": null, "params": null}, "db": {"version": 2, "entries": [
    {"type": "totp", "name": "ann", "issuer": "", "group": "Work", "info": {"secret": "JBSWY3DP"}}, {}]}}"#;
const LIST: &[u8] = b"otpauth://totp/bob?secret=JBSWY3DP";

fn open_all(sources: &[&[u8]]) -> Result<Imported, ImportError> {
    let sources: Vec<_> = sources.iter().map(|bytes| Source { name: "", bytes }).collect();
    open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false)
}

#[test]
fn files_of_one_format_are_put_together_and_places_name_the_source() {
    let all = open_all(&[AEGIS, AEGIS]).unwrap();
    assert_eq!((all.entries.len(), all.problems.len(), all.groups.len()), (2, 2, 1));
    assert_eq!(all.entries[1].place.source, 1);
    assert_eq!(all.problems[1].place.source, 1);
    assert_eq!(all.entries[1].groups, [0]);
}

#[test]
fn files_of_two_formats_are_refused_by_name() {
    assert_eq!(open_all(&[AEGIS, LIST]).err(), Some(ImportError::TwoFormats(Format::Aegis, Format::UriList)));
}

#[test]
fn a_file_that_belongs_to_none_is_named() {
    let stranger = ImportError::Stranger { format: Format::UriList, source_number: 1 };
    assert_eq!(open_all(&[LIST, b"\0\x01"]).err(), Some(stranger));
    assert_eq!(open_all(&[b"\0\x01"]).err(), Some(ImportError::NotRecognised));
    assert_eq!(open_all(&[]).err(), Some(ImportError::NotRecognised));
}

#[test]
fn too_much_is_refused_before_anything_is_read() {
    let large = vec![b' '; MAX_SOURCE_BYTES / 2 + 1];
    let bytes = 2 * large.len() as u64;
    assert_eq!(open_all(&[&large, &large]).err(), Some(ImportError::TooLarge(bytes)));
    assert_eq!(
        open_all(&vec![LIST; MAX_SOURCES + 1]).err(),
        Some(ImportError::TooManySources(MAX_SOURCES + 1))
    );
}

#[test]
fn a_stop_between_entries_leaves_nothing() {
    let asked = std::cell::Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 1
    };
    let sources = [Source { name: "", bytes: AEGIS }];
    assert_eq!(
        open(&sources, &Secrets::default(), KdfBudget::PHONE, &stop).err(),
        Some(ImportError::Stopped)
    );
}

#[test]
fn entries_beyond_the_cap_are_counted() {
    let lines = "otpauth://totp/a?secret=JBSWY3DP\n".repeat(10_003);
    let all = open_all(&[lines.as_bytes()]).unwrap();
    assert_eq!((all.entries.len(), all.total()), (10_000, 10_003));
    assert_eq!(all.problems.last().map(|problem| problem.reason), Some(Reason::TooMany(3)));
}
