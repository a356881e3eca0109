//! Which certificates are believed: what the device trusts, and authorities that the shell adds.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

/// Which certificates are believed. There is no way to believe all of them.
#[derive(Clone)]
pub enum Trust {
    /// What the device trusts; on Linux that is also what `SSL_CERT_FILE` names.
    Device,
    /// The same, and these authorities: PEM, one certificate or several.
    DeviceAnd(Vec<u8>),
}

/// There is nothing to believe, so that no connection could ever be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustError {
    /// The added text is not PEM, or holds no certificate: check the file.
    #[error("no certificate in the PEM")]
    BadPem,
    /// The device has no store of authorities: add one.
    #[error("the device trusts no authority")]
    NoAuthorities,
    /// This platform takes no authorities beside its own.
    #[error("authorities cannot be added on this platform")]
    NotHere,
    /// The TLS library could not be set up.
    #[error("no tls")]
    NoTls,
}

impl Trust {
    /// Returns TLS 1.2 and 1.3 with ring's ciphers and this trust.
    pub(super) fn client_config(&self) -> Result<ClientConfig, TrustError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = match self {
            Self::Device => Verifier::new(Arc::clone(&provider)).map_err(|_| TrustError::NoAuthorities)?,
            Self::DeviceAnd(pem) => with_authorities(pem, Arc::clone(&provider))?,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TrustError::NoTls)?
            // The library's word for "a verifier that is not its own"; the platform's is stricter, not weaker.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(config)
    }
}

#[cfg(not(target_os = "android"))]
fn with_authorities(pem: &[u8], provider: Arc<CryptoProvider>) -> Result<Verifier, TrustError> {
    let roots: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| TrustError::BadPem)?;
    if roots.is_empty() {
        return Err(TrustError::BadPem);
    }
    Verifier::new_with_extra_roots(roots, provider).map_err(|_| TrustError::BadPem)
}

#[cfg(target_os = "android")]
fn with_authorities(_pem: &[u8], _provider: Arc<CryptoProvider>) -> Result<Verifier, TrustError> {
    Err(TrustError::NotHere)
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Device => "Device",
            Self::DeviceAnd(_) => "DeviceAnd(..)",
        })
    }
}
