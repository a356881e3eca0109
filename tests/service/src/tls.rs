//! The certificate: from files, or from an authority that is made beside the data for a demo.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::config::{Config, TlsFiles};
use crate::sealing::write_private;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written, or is not PEM.
    #[error("the certificate: {0}")]
    File(#[from] io::Error),
    /// A certificate cannot be made.
    #[error("the certificate: {0}")]
    Make(#[from] rcgen::Error),
}

/// Returns the TLS settings for `host`, and the file of the authority when it was made here.
///
/// # Errors
/// [`TlsError`].
pub async fn load(config: &Config, host: &str) -> Result<(RustlsConfig, Option<PathBuf>), TlsError> {
    // The provider is installed once for the process; a second time changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (files, authority) = match &config.tls {
        Some(files) => (files.clone(), None),
        None => {
            let (files, authority) = demo(&config.data.join("tls"), host)?;
            (files, Some(authority))
        }
    };
    Ok((RustlsConfig::from_pem_file(&files.certificate, &files.key).await?, authority))
}

/// Makes an authority and a certificate for `host` and loopback in `folder`; takes those of before when they
/// are for the same host.
fn demo(folder: &Path, host: &str) -> Result<(TlsFiles, PathBuf), TlsError> {
    let authority = folder.join("ca.pem");
    let files = TlsFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
    let made_for = folder.join("host");
    if fs::read_to_string(&made_for).is_ok_and(|name| name == host) {
        return Ok((files, authority));
    }
    fs::create_dir_all(folder)?;
    for old in [&authority, &files.certificate, &files.key, &made_for] {
        match fs::remove_file(old) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }

    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name.push(DnType::CommonName, "Klink demo authority");
    let ca_pem = ca.self_signed(&ca_key)?.pem();

    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    if !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name.push(DnType::CommonName, host);
    leaf.use_authority_key_identifier_extension = true;
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let leaf_pem = leaf.signed_by(&key, &Issuer::from_params(&ca, ca_key))?.pem();

    fs::write(&authority, &ca_pem)?;
    fs::write(&files.certificate, leaf_pem + &ca_pem)?;
    write_private(&files.key, key.serialize_pem().as_bytes())?;
    // Last, so that an interrupted making starts anew.
    fs::write(&made_for, host)?;
    Ok((files, authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_kept_for_the_same_host_and_made_anew_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let made = |host| {
            let (_, authority) = demo(folder.path(), host).unwrap();
            fs::read_to_string(authority).unwrap()
        };
        let first = made("127.0.0.1");
        assert_eq!(made("127.0.0.1"), first);
        assert_ne!(made("demo.example"), first);
    }
}
