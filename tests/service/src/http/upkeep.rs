//! What happens without anybody asking: requests and set-ups whose time is over, and old rows.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::accounts::limits;
use crate::push::credentials;
use crate::{Failure, Service, ciba, push, requests};

/// How often due requests are looked for: pages learn within a second.
const EVERY: Duration = Duration::from_millis(500);
/// Rounds between two removals of old rows.
const CLEAN_EVERY: u32 = 600;
/// How long a request, its copies and answers are kept after its end, seconds.
const KEEP_S: i64 = 24 * 3600;

pub(crate) fn upkeep(service: &Service) -> JoinHandle<()> {
    let service = service.clone();
    tokio::spawn(async move {
        let mut rounds = 0;
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(failure) = round(&service, rounds % CLEAN_EVERY == 0).await {
                tracing::error!(%failure, "upkeep");
            }
            rounds = rounds.wrapping_add(1);
        }
    })
}

async fn round(service: &Service, clean: bool) -> Result<(), Failure> {
    let now = service.clock().now();
    let due = service.store().read(|conn| {
        let mut query = conn.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM requests WHERE state = 'open' AND expires_at <= ?1)
                 OR EXISTS (SELECT 1 FROM credentials WHERE state = 'pending' AND pending_until <= ?1)",
        )?;
        Ok(query.query_row([now], |row| row.get::<_, bool>(0))?)
    })?;
    if !due && !clean {
        return Ok(());
    }
    let (own, store) = (service.clone(), service.store().clone());
    store
        .write(move |tx| {
            requests::expire_due(tx, &own, now)?;
            credentials::expire_set_ups(tx, now)?;
            if clean {
                limits::forget_old(tx, now)?;
                push::forget_seen(tx, now)?;
                ciba::forget_old(tx, now)?;
                tx.execute("DELETE FROM answers WHERE at < ?1", [now - KEEP_S])?;
                tx.execute("DELETE FROM requests WHERE state <> 'open' AND expires_at < ?1", [now - KEEP_S])?;
                tx.execute("DELETE FROM offers WHERE expires_at < ?1", [now - KEEP_S])?;
                tx.execute("DELETE FROM sessions WHERE created_at < ?1", [now - KEEP_S])?;
            }
            Ok(())
        })
        .await
}
