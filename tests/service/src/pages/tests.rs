//! What all pages have in common.

use std::path::PathBuf;

use super::gallery::{HOSTILE, pages};
use super::language::Language;

const BOTH: [Language; 2] = [Language::English, Language::Dutch];

#[test]
fn every_page_is_written_for_the_browsers_tests_where_a_folder_is_named() {
    let Some(folder) = std::env::var_os("KLINK_GALLERY").map(PathBuf::from) else { return };
    for language in BOTH {
        let folder = folder.join(language.tag());
        std::fs::create_dir_all(&folder).unwrap();
        for (name, html) in pages(language) {
            std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
        }
    }
}

#[test]
fn no_page_prints_what_it_was_given_as_markup() {
    let mut escaped = 0;
    for (name, html) in BOTH.map(pages).concat() {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains(HOSTILE), "{name}");
        escaped += html.matches("&#60;script&#62;").count();
    }
    assert!(escaped >= 16, "{escaped}: the hostile text stands on no page");
}

#[test]
fn no_page_has_script_or_style_of_its_own() {
    for (name, html) in BOTH.map(pages).concat() {
        for bad in [" style=", "<style", " onclick=", " onload=", "javascript:"] {
            assert!(!html.contains(bad), "{name}: {bad}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" type=\"module\" src=\"/static/"), "{name}: {script:.60}");
        }
    }
}

#[test]
fn every_page_says_that_this_is_the_reference_service_and_offers_the_other_language() {
    for language in BOTH {
        for (name, html) in pages(language) {
            let (tag, other) = (language.tag(), language.other().tag());
            assert!(html.contains(&format!("<html lang=\"{tag}\">")), "{name}");
            assert!(
                html.contains(&format!("name=\"language\" value=\"{other}\" lang=\"{other}\"")),
                "{name}"
            );
            assert!(html.contains(super::words::words(language).common.reference), "{name}");
        }
    }
}

#[test]
fn every_form_that_posts_carries_the_token() {
    for (name, html) in BOTH.map(pages).concat() {
        for form in html.split("<form method=\"post\"").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(form.contains("name=\"form\" value=\"form-token\""), "{name}: {form:.80}");
        }
        assert_eq!(html.matches("<form").count(), html.matches("<form method=\"post\"").count(), "{name}");
    }
}
