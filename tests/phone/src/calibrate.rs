//! How much work a passphrase costs on this machine: about half a second, memory first.

use std::time::{Duration, Instant};

use authenticator_core::vault::KdfParams;

/// Below this a guess is too cheap.
const LEAST: Duration = Duration::from_millis(400);
/// The most memory that a later phone can be asked for, in KiB.
const MOST_MEMORY_KIB: u32 = 256 * 1024;

/// Measures Argon2id and returns parameters that take 0.4 s or a little more here.
pub fn calibrated() -> KdfParams {
    let mut params = KdfParams::DEFAULT;
    loop {
        let began = Instant::now();
        if params.try_out().is_err() {
            return KdfParams::SMALL;
        }
        if began.elapsed() >= LEAST {
            return params;
        }
        let more = if params.mem_kib() < MOST_MEMORY_KIB {
            KdfParams::new(params.mem_kib() * 2, params.passes(), params.lanes())
        } else {
            KdfParams::new(params.mem_kib(), params.passes() + 1, params.lanes())
        };
        match more {
            Ok(more) => params = more,
            Err(_) => return params,
        }
    }
}
