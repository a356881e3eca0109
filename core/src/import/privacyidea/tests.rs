use super::*;
use crate::import::{KdfBudget, Secrets, Source, open};
use crate::secret::SecretText;

fn check(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
    let secrets = Secrets { password: password.map(SecretText::from), key_file: None };
    open(&[Source { name: "", bytes }], &secrets, KdfBudget::PHONE, &|| false)
}

#[test]
fn a_link_that_unpacks_without_end_is_damaged() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 10 * 1024 * 1024]).unwrap();
    let packed = encoder.finish().unwrap();
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, packed);
    let imported = check(format!("{LINK}?data={data}").as_bytes(), None).unwrap();
    assert_eq!((imported.entries.len(), imported.problems[0].reason), (0, Reason::Field("data")));
}

#[test]
fn the_names_of_algorithms_are_texts_in_some_versions() {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == "privacyidea, file").unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&fixture.sources[0].1).unwrap();
    file["kdf"]["algorithm"] = "PBKDF2".into();
    file["kdf"]["macAlgorithm"] = "HmacSHA256".into();
    file["cypher"] = "AES-GCM".into();
    let imported = check(file.to_string().as_bytes(), fixture.password).unwrap();
    assert_eq!(imported.entries.len(), fixture.entries.len());
    file["cypher"] = "Twofish".into();
    assert_eq!(check(file.to_string().as_bytes(), fixture.password).map(drop), Err(damaged("kdf")));
    file["cypher"] = "AES-GCM".into();
    file["kdf"]["iterations"] = 2_000_000.into();
    let refused = check(file.to_string().as_bytes(), fixture.password);
    assert!(matches!(refused, Err(ImportError::TooExpensive { .. })));
}
