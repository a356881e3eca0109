//! Other apps' files: whole ones made of any bytes, and fixtures of each format that bytes spoil.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use authenticator_core::import::{KdfBudget, Secrets, Source, detect, open};
use authenticator_core::secret::{SecretBytes, SecretText};
use fixtures::Fixture;

/// Work within the limits is no finding; a fuzzer that pays for it finds nothing else.
const BUDGET: KdfBudget = KdfBudget { memory_bytes: 1024 * 1024, passes: 2000 };

static FIXTURES: LazyLock<BTreeMap<&str, Vec<Fixture>>> = LazyLock::new(|| {
    let mut formats = BTreeMap::<_, Vec<_>>::new();
    for fixture in fixtures::all().into_iter().filter(|fixture| !fixture.dear) {
        formats.entry(fixture.format).or_default().push(fixture);
    }
    formats
});

/// Returns the names of all formats that have fixtures.
pub fn formats() -> impl Iterator<Item = &'static str> {
    FIXTURES.keys().copied()
}

/// Bytes as a whole file of any format.
pub fn import_any(bytes: &[u8]) {
    let secrets = Secrets { password: Some(SecretText::from("password")), key_file: None };
    read(&[Source { name: "", bytes }], &secrets);
}

/// Bytes as changes to a fixture of `format`: which one, and then places, what goes there, and how many bytes it takes.
/// A format without fixtures gets them as a whole file.
pub fn import(format: &str, bytes: &[u8]) {
    let Some((which, changes)) = bytes.split_first() else { return };
    let Some(fixtures) = FIXTURES.get(format) else { return import_any(bytes) };
    let fixture = &fixtures[usize::from(*which) % fixtures.len()];
    let mut sources = fixture.sources.clone();
    for change in changes.chunks(8) {
        let number = |n: usize| change.get(n).copied().unwrap_or(0);
        let count = sources.len();
        let file = &mut sources[usize::from(number(0)) % count].1;
        let place = u32::from_be_bytes([0, number(1), number(2), number(3)]) as usize % (file.len() + 1);
        let taken = usize::from(number(4) & 31).min(file.len() - place);
        let put = change.get(5..).unwrap_or(&[]);
        file.splice(place..place + taken, put.iter().copied());
    }
    let sources: Vec<_> = sources.iter().map(|(name, bytes)| Source { name, bytes }).collect();
    let secrets = Secrets {
        password: fixture.password.map(SecretText::from),
        key_file: fixture.key_file.as_deref().map(SecretBytes::from),
    };
    read(&sources, &secrets);
}

/// Opens files; what is found of them adds up, and points at what is there.
fn read(sources: &[Source<'_>], secrets: &Secrets) {
    for source in sources {
        detect(source);
    }
    let Ok(imported) = open(sources, secrets, BUDGET, &|| false) else { return };
    let problems: usize = imported.problems.iter().map(|problem| problem.entries()).sum();
    assert_eq!(imported.total(), imported.entries.len() + problems);
    for entry in &imported.entries {
        assert!(entry.groups.iter().all(|group| *group < imported.groups.len()));
        assert!(entry.place.source < sources.len());
    }
}
