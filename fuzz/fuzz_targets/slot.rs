#![no_main]

use std::sync::{LazyLock, Mutex, PoisonError};

static BED: LazyLock<Mutex<fuzzing::Bed>> = LazyLock::new(|| Mutex::new(fuzzing::Bed::make()));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzzing::slot(&BED.lock().unwrap_or_else(PoisonError::into_inner), bytes);
});
