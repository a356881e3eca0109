//! The self-check.

use std::sync::Arc;

use crate::authenticator::Authenticator;
use crate::error::VaultError;
use crate::records::{CheckLine, ShellFacts, at};
use crate::running::while_wanted;

#[uniffi::export]
impl Authenticator {
    /// Tries what can be tried without asking anybody (a key, a write to the vault and back), and judges it together with
    /// what the app reports: one line for each thing, with what to do about it. Works while locked, and then says less.
    pub async fn self_check(
        self: Arc<Self>,
        facts: ShellFacts,
        at_ms: i64,
    ) -> Result<Vec<CheckLine>, VaultError> {
        let own = Arc::clone(&self);
        let check = Arc::clone(&self).contained(async move {
            let lines = own.core.self_check(facts.into(), at(at_ms)).await;
            Ok(lines.into_iter().map(Into::into).collect())
        });
        while_wanted(check).await.unwrap_or_else(|fault| Err(self.faulted(fault)))
    }
}
