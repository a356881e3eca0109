//! Why there is no reply, and above all: may the request have arrived?

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// Why there is no reply.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NetError {
    /// The address is not plain https. Nothing was sent.
    #[error("not an https address")]
    NotHttps,
    /// The address is this device or its link, which this app does not talk to. Nothing was sent.
    #[error("an address on this device")]
    LocalHost,
    /// A value for a header has bytes that no header may have. Nothing was sent.
    #[error("not a header's value")]
    BadHeader,
    /// No connection came about: no network, no such name, nobody there. Nothing was sent: try again.
    #[error("no connection")]
    NoConnection,
    /// The other side could not prove that it is who the address says. Nothing was sent: do not go on.
    #[error("tls refused: {0}")]
    Tls(TlsRefusal),
    /// The request may have arrived, and its reply did not: ask for the state, or send the same bytes again.
    #[error("no reply")]
    NoReply,
    /// The reply is larger than any of ours, and was not read to its end. The request has arrived.
    #[error("status {status} with a reply that is too large")]
    TooLarge {
        /// The status of the reply.
        status: u16,
    },
}

/// Why the other side's certificate was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TlsRefusal {
    /// It is out of date: so is the service's certificate, or this device's clock.
    #[error("the certificate has expired")]
    Expired,
    /// It is not valid yet: check this device's clock.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// It is for another host.
    #[error("the certificate is for another host")]
    WrongHost,
    /// Nobody whom this device trusts has signed it.
    #[error("the certificate's authority is not known here")]
    UnknownAuthority,
    /// Its authority has taken it back.
    #[error("the certificate was revoked")]
    Revoked,
    /// It is not made as certificates must be, or too weak.
    #[error("the certificate is not acceptable")]
    BadCertificate,
    /// The other side speaks no TLS that is good enough, or none at all.
    #[error("no common tls")]
    NoCommonTls,
}

impl NetError {
    /// Tells whether the request may have reached the other side.
    pub fn may_have_arrived(self) -> bool {
        match self {
            Self::NoReply | Self::TooLarge { .. } => true,
            Self::NotHttps | Self::LocalHost | Self::BadHeader | Self::NoConnection | Self::Tls(_) => false,
        }
    }
}

/// Says what the library's error means; nothing of it is kept, as it may hold the address.
pub(super) fn of(error: &reqwest::Error) -> NetError {
    if let Some(tls) = tls_within(error) {
        return NetError::Tls(refusal(tls));
    }
    if error.is_connect() || error.is_builder() { NetError::NoConnection } else { NetError::NoReply }
}

/// Finds what rustls said, however deep it lies.
fn tls_within(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut within: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = within {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An io::Error gives its inner error's source as its own, and so leaves the inner error itself out.
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        within = match inner {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    None
}

fn refusal(error: &rustls::Error) -> TlsRefusal {
    let rustls::Error::InvalidCertificate(why) = error else { return TlsRefusal::NoCommonTls };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsRefusal::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsRefusal::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsRefusal::WrongHost
        }
        CertificateError::UnknownIssuer => TlsRefusal::UnknownAuthority,
        CertificateError::Revoked => TlsRefusal::Revoked,
        _ => TlsRefusal::BadCertificate,
    }
}
