use super::*;

/// Texts that are the same in both languages, as people say them.
const SAME: &[&str] = &["app.android", "scan.code"];

#[test]
fn no_text_is_empty_or_left_in_the_other_language() {
    let (english, dutch) = (en::WORDS.all(), nl::WORDS.all());
    for ((name, english), (_, dutch)) in english.iter().zip(&dutch) {
        assert!(!english.trim().is_empty() && !dutch.trim().is_empty(), "{name}");
        assert_eq!(english == dutch, SAME.contains(name), "{name}: {english}");
    }
}

#[test]
fn both_languages_leave_room_for_the_same_values() {
    let places = |text: &str| {
        let mut places: Vec<String> = text
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap_or_default().to_owned())
            .collect();
        places.sort();
        places
    };
    for ((name, english), (_, dutch)) in en::WORDS.all().iter().zip(&nl::WORDS.all()) {
        assert_eq!(places(english), places(dutch), "{name}");
    }
}

#[test]
fn dutch_speaks_to_its_reader_as_u() {
    for (name, text) in nl::WORDS.all() {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphabetic());
        assert!(!words.clone().any(|word| ["je", "jij", "jouw", "jullie"].contains(&word)), "{name}: {text}");
    }
}

#[test]
fn values_fill_their_places_and_bring_none_of_their_own() {
    assert_eq!(fill("{1} of {0}", &["{1}", "b"]), "b of {1}");
    assert_eq!(fill("a {0} b {1} c", &["x"]), "a x b  c");
    assert_eq!(fill("no place", &["x"]), "no place");
}
