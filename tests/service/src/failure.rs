//! What is wrong on the service's own side. What a person or a phone did wrong is never a failure.

use authenticator_core::crypto::random::RandomError;
use authenticator_core::crypto::seal::OpenError;

/// The service cannot do what was asked, and it is not the caller's fault: answered as 503.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database refused.
    #[error("the database: {0}")]
    Store(#[from] rusqlite::Error),
    /// The writer has ended: the service is stopping.
    #[error("the database is closed")]
    Closed,
    /// The system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A sealed column does not open: another key, or damage.
    #[error("a sealed column: {0}")]
    Sealed(#[from] OpenError),
    /// A row holds what this program never wrote there.
    #[error("a stored {0} cannot be read")]
    Stored(&'static str),
    /// A key could not be made, read or used.
    #[error("a signing key: {0}")]
    Key(&'static str),
}
