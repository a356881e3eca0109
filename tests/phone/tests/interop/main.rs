//! Our phone at other people's servers: real ones, which `cargo xtask interop` starts on this machine.
//!
//! `KLINK_PRIVACYIDEA` and `KLINK_EDUMFA` name what the starters of `tests/interop/servers` wrote; without them there is
//! nobody to talk to, and the suite says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bed;
mod edumfa;
mod numbers;
mod phone;
#[path = "../running/mod.rs"]
mod running;
mod standard;
mod terminal;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use bed::Bed;

/// One case: its name, and what it does.
type Case = (&'static str, fn(Arc<Bed>) -> Pin<Box<dyn Future<Output = ()> + Send>>);

/// Lists functions as cases under their own names.
macro_rules! cases {
    ($($module:ident::$name:ident),+ $(,)?) => {
        &[$((stringify!($name), |bed| Box::pin($module::$name(bed)))),+]
    };
}

const PRIVACYIDEA: &[Case] = cases![
    standard::a_code_enrols_and_the_phone_works_at_once,
    standard::an_approval_signs_in_once,
    standard::a_denial_is_a_denial,
    standard::not_me_is_a_denial_with_a_reason,
    standard::a_change_of_mind_is_told,
    standard::each_request_is_answered_once_and_by_a_person,
    standard::a_request_for_another_address_is_not_shown,
    standard::a_wrong_clock_is_learnt_from_the_refusal,
    standard::a_wrong_credential_serial_or_second_use_is_refused,
    numbers::one_number_is_tried_and_no_second,
    numbers::a_code_for_the_page_comes_with_the_approval,
    standard::a_gateway_gets_the_address_and_its_change,
    standard::a_gateway_that_fails_leaves_the_request_in_the_list,
    standard::what_is_pushed_is_what_is_listed,
    numbers::options_of_the_administrator_are_shown_as_they_are,
    standard::a_text_message_closes_the_request,
    standard::a_page_that_waits_goes_on_with_the_answer,
    standard::the_first_sign_in_enrols_and_the_next_is_asked,
    standard::the_first_of_two_phones_answers,
    standard::a_request_ends_with_its_time,
    standard::a_server_of_an_unknown_authority_gets_nothing,
    terminal::klink_enrols_approves_denies_and_reports,
    terminal::klink_gives_an_option_and_no_other_number,
    terminal::klink_shows_the_code_for_the_page,
    terminal::klink_watch_shows_requests_and_takes_what_is_typed,
];

const EDUMFA: &[Case] = cases![
    edumfa::push_enrols_with_rsa,
    edumfa::push_is_approved,
    edumfa::push_is_denied,
    edumfa::edupush_enrols_with_p256,
    edumfa::edupush_is_approved,
    edumfa::edupush_is_denied,
    terminal::klink_enrols_and_approves_with_push,
    terminal::klink_watch_works_with_edupush,
];

fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let only: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let servers = [("KLINK_PRIVACYIDEA", PRIVACYIDEA), ("KLINK_EDUMFA", EDUMFA)];
    // One server knows nothing of the other, so both work at the same time.
    let running: Vec<_> =
        servers.map(|(variable, cases)| runtime.spawn(all(variable, cases, only.clone()))).into();
    let failed: usize = running.into_iter().map(|server| runtime.block_on(server).unwrap()).sum();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the cases of one server, and returns how many failed.
async fn all(variable: &'static str, cases: &'static [Case], only: Vec<String>) -> usize {
    let Some(env) = std::env::var_os(variable) else {
        println!("{variable} names no server: cargo xtask interop starts them");
        return 0;
    };
    let bed = Arc::new(Bed::new(env.as_ref()).await);
    let mut failed = 0;
    for (name, case) in cases.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|o| o == name)) {
        let began = Instant::now();
        // A panic is the failure of this case alone.
        let passed = tokio::spawn(case(Arc::clone(&bed))).await.is_ok();
        failed += usize::from(!passed);
        let seconds = began.elapsed().as_secs_f64();
        println!("case {name} {} {seconds:.1} s", if passed { "ok" } else { "FAILED" });
    }
    failed
}
