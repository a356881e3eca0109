//! Every text of the pages, one table per language. A text that a language lacks does not compile.

mod en;
mod nl;

use super::language::Language;

/// Returns the table of `language`.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &en::WORDS,
        Language::Dutch => &nl::WORDS,
    }
}

/// Returns `text` with `{0}`, `{1}` … replaced by `values`.
pub(crate) fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, behind)) = after.split_once('}') else { break };
        filled.push_str(place.parse().ok().and_then(|n: usize| values.get(n).copied()).unwrap_or_default());
        rest = behind;
    }
    filled + rest
}

/// Declares the groups of the table, and lists their texts for the tests.
macro_rules! table {
    ($($group:ident: $kind:ident { $($text:ident),+ $(,)? })+) => {
        $(
            #[derive(Debug)]
            pub(crate) struct $kind { $(pub(crate) $text: &'static str),+ }
        )+

        /// Every text of the pages in one language, by the page that it stands on.
        #[derive(Debug)]
        pub(crate) struct Words { $(pub(crate) $group: $kind),+ }

        #[cfg(test)]
        impl Words {
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$($((concat!(stringify!($group), ".", stringify!($text)), self.$group.$text)),+),+]
            }
        }
    };
}

table! {
    common: Common {
        tag, reference, note, other_language, skip, next, back, done, try_again, verify, cancel, sign_out, continue_, step, refresh, problem, warning, good, open_security,
    }
    time: Time { second, seconds, minute, minutes, hour, hours, months }
    sign_in: SignIn { title, name, password, button, wrong, too_many, ended, signed_out }
    required: Required { title, text, account }
    app: App { title, text, download, ios, android, ios_alt, android_alt, scan, other }
    other_app: OtherApp { title, text, alt, cannot, key, kind, code, wrong }
    prepare: Prepare { title, text, one, two, three, choice }
    scan: Scan {
        title, text, alt, once, link, open, text_label, cannot, host, code, waiting, enrolled, not_yet, expired,
        used_up, fresh,
    }
    check: Check { title, text, yes, no, rejected_title, rejected }
    ask: Ask {
        test_title, test_text, sign_in_title, sign_in_text, confirm_title, confirm_text, nobody, show_qr, show_number, qr_text, qr_alt, waiting, left, again, another, denied_title, denied,
        reported_title, reported, wrong_title, wrong, no_answer_title, no_answer, replaced_title, replaced,
        closed_title, closed, limited, muted, locked, send, no_phone, not_sent, none_yet, no_tests_left, start_again,
    }
    finished: Finished { approved, title, text, phone }
    phone: Phone { title, text, country, number, hint, button, invalid, not_possible, skip }
    text: Text { title, sent, code, hint, again, again_hint, left, expired, wait, sent_again, not_sent }
    complete: Complete { title, text }
    recovery: Recovery { offer_title, offer, make, later, title, text, once, print, noted }
    methods: Methods {
        title, intro, app, app_hint, text, text_hint, recovery, recovery_hint, phone, phone_hint, none,
    }
    app_code: AppCode { title, text, code, wrong, too_many, gone }
    recovery_code: RecoveryCode { title, text, code, hint, wrong }
    pass: Pass { title, text, code, wrong }
    security: Security {
        title, text, phones, no_phones, last_used, never_used, added, pending, needs_key, remove, test, new_key,
        add_phone, too_many_phones, methods, number, no_number, change, add, app_codes, app_codes_on, app_codes_off,
        recovery, recovery_left, recovery_none, make_new, removed, changed, key_opened, tested,
        remove_phone, remove_number, remove_app, test_phone, other_app, new_key_question,
    }
    home: Home { title, text, security, notices, seen }
    notice: Notice {
        phone_added, phone_removed, number_added, number_removed, app_codes_added, app_codes_removed,
        recovery_made, recovery_used, new_key, reset, pass_used, reported,
    }
    link: Link { title, text, open, scan, alt, missing, no_script }
    trouble: Trouble { title, form, gone, unavailable }
}

#[cfg(test)]
mod tests;
