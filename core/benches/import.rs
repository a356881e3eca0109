//! An import of 10,000 accounts: `cargo bench -p authenticator-core --bench import`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write;

use authenticator_core::authenticator::Authenticator;
use authenticator_core::import::{Imported, KdfBudget, MAX_ENTRIES, Secrets, Source, open};
use authenticator_core::vault::Key;
use common::{NOW, Place};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

/// An Aegis file of as many accounts as one import takes.
fn aegis() -> String {
    let mut text =
        String::from(r#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":2,"entries":["#);
    for n in 0..MAX_ENTRIES {
        let comma = if n == 0 { "" } else { "," };
        let group = n % 20;
        write!(
            text,
            r#"{comma}{{"type":"totp","uuid":"{n:032x}","name":"user{n}@example.com","issuer":"Issuer {n}","note":"",
            "favorite":false,"group":"Group {group}","info":{{"secret":"JBSWY3DPEHPK{}","algo":"SHA1","digits":6,
            "period":30}}}}"#,
            letters(n)
        )
        .unwrap();
    }
    text.push_str("]}}");
    text
}

/// Returns four letters of base32 that no other number below 17,576 has.
fn letters(n: usize) -> String {
    [0, n / 676 % 26, n / 26 % 26, n % 26].iter().map(|letter| char::from(b'A' + *letter as u8)).collect()
}

fn read(text: &str) -> Imported {
    let sources = [Source { name: "aegis.json", bytes: text.as_bytes() }];
    open(&sources, &Secrets::default(), KdfBudget::PHONE, &|| false).unwrap()
}

fn import(c: &mut Criterion) {
    let text = aegis();
    let mut group = c.benchmark_group("import of 10,000 accounts");
    group.sample_size(10);
    group.bench_function("ours: read the file", |b| b.iter(|| read(&text)));
    group.bench_function("peer: serde_json's own value of it", |b| {
        b.iter(|| serde_json::from_str::<serde_json::Value>(&text).unwrap());
    });
    group.bench_function("ours: snapshot, commit, read back (limit: 1.5 s)", |b| {
        b.iter_batched(
            || {
                let (place, vault) = Place::new();
                vault.lock();
                let core = Authenticator::new(place.path(), place.anchor.clone());
                core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
                let preview = core.preview_import(read(&text)).unwrap();
                (place, core, preview)
            },
            |(place, core, preview)| {
                let done = core.commit_import(&preview, NOW).unwrap();
                assert_eq!(done.counts.imported, MAX_ENTRIES);
                (place, core)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, import);
criterion_main!(benches);
