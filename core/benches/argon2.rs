//! Argon2id, beside argon2-cffi and libsodium in the same run: `cargo bench -p authenticator-core --bench argon2`.
//!
//! The peers run in Python: argon2-cffi in an environment of its own beside the build, Debian's libsodium23 from
//! where it is installed. One that cannot be had is "not run", by name.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use authenticator_core::vault::KdfParams;
use criterion::{Criterion, criterion_group, criterion_main};

/// Prints the milliseconds of the fastest of five runs.
const CFFI: &str = "
import time, argon2.low_level as a
def once():
    t = time.perf_counter()
    a.hash_secret_raw(b'how long does it take', bytes(16), 3, 65536, 4, 64, a.Type.ID)
    return time.perf_counter() - t
print('%.1f' % (min(once() for _ in range(5)) * 1000))";

const SODIUM: &str = "
import ctypes, ctypes.util, time
s = ctypes.CDLL(ctypes.util.find_library('sodium') or 'libsodium.so.23'); s.sodium_init()
out = ctypes.create_string_buffer(64)
def once():
    t = time.perf_counter()
    assert s.crypto_pwhash(out, ctypes.c_ulonglong(64), b'how long does it take', ctypes.c_ulonglong(21), bytes(16), ctypes.c_ulonglong(3), ctypes.c_size_t(65536 * 1024), 2) == 0
    return time.perf_counter() - t
print('%.1f' % (min(once() for _ in range(5)) * 1000))";

/// Makes a Python that has argon2-cffi, once; the system's own where that is not possible, for libsodium.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let python = folder.join("bin/python");
    let runs = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let made = python.exists() || runs(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "argon2-cffi==25.1.0"];
    if made && runs(Command::new(&python).args(install)) {
        return Some(python);
    }
    Command::new("python3").arg("--version").output().is_ok().then(|| "python3".into())
}

fn argon2(c: &mut Criterion) {
    let python = python();
    let mut group = c.benchmark_group("Argon2id, 64 MiB, 3 passes");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    for (lanes, peer, script) in [(4, "argon2-cffi", CFFI), (1, "libsodium", SODIUM)] {
        if let Ok(params) = KdfParams::new(64 * 1024, 3, lanes) {
            group.bench_function(format!("ours, {lanes} lanes"), |b| b.iter(|| params.try_out()));
        }
        let answer = python.as_ref().map(|python| Command::new(python).args(["-c", script]).output());
        match answer {
            Some(Ok(output)) if output.status.success() => {
                let ms = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                println!("peer: {peer}, {lanes} lanes: {ms} ms, the fastest of five");
            }
            _ => println!("not run: {peer} is missing"),
        }
    }
    group.finish();
}

criterion_group!(benches, argon2);
criterion_main!(benches);
