//! Codes and texts, beside totp-rs in the same run: `cargo bench -p authenticator-core --bench codes`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

use std::hint::black_box;

use authenticator_core::otp::{Algorithm, Digits, Otp, Period, Totp};
use authenticator_core::time::UnixTime;
use authenticator_core::uri;
use criterion::{Criterion, criterion_group, criterion_main};

const SECRET: &[u8] = b"12345678901234567890";

fn one_code(c: &mut Criterion) {
    let mut group = c.benchmark_group("one TOTP code, SHA-1");
    let otp = Otp::Totp(Totp {
        secret: SECRET.into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::SIX,
        period: Period::THIRTY,
    });
    let mut second = 0;
    group.bench_function("ours, from an open secret", |b| {
        b.iter(|| {
            second += 30;
            black_box(&otp).code_at(UnixTime::from_seconds(second), 0).unwrap()
        });
    });
    let peer = totp_rs::Builder::new().with_secret(SECRET.to_vec()).build().unwrap();
    let mut second = 0u64;
    group.bench_function("peer: totp-rs 6", |b| {
        b.iter(|| {
            second += 30;
            black_box(&peer).generate(second).to_string()
        });
    });
    group.finish();
}

fn texts(c: &mut Criterion) {
    let texts: Vec<String> = (0..1000)
        .map(|n| format!("otpauth://totp/Issuer{n}:user{n}%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Issuer{n}&digits=6&period=30"))
        .collect();
    let mut group = c.benchmark_group("parse 1,000 otpauth URIs");
    let ours = || texts.iter().filter(|text| uri::parse(black_box(text)).is_ok()).count();
    let theirs = || texts.iter().filter(|text| totp_rs::Totp::from_url(black_box(text)).is_ok()).count();
    // Both read all of them, or the figures say nothing.
    assert_eq!((ours(), theirs()), (texts.len(), texts.len()));
    group.bench_function("ours (aim: 0.7 ms)", |b| b.iter(ours));
    group.bench_function("peer: totp-rs 6", |b| b.iter(theirs));
    group.bench_function("limit: every byte of them looked at once", |b| {
        b.iter(|| texts.iter().map(|text| black_box(text).bytes().map(u64::from).sum::<u64>()).sum::<u64>());
    });
    group.finish();
}

criterion_group!(benches, one_code, texts);
criterion_main!(benches);
