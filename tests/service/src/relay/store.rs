//! The subscriptions: a file of SQLite.
//!
//! A row is found by the digest of its endpoint's id, and the vendor's token in it is sealed under that id,
//! which only the endpoint's URL has. So a copy of the file wakes nobody.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authenticator_core::crypto::seal;
use authenticator_core::secret::{SecretBytes, SecretText};
use ring::digest;
use ring::hmac;
use rusqlite::{Connection, OptionalExtension, params};

use super::vendor::Kind;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS subscriptions (
    row BLOB PRIMARY KEY NOT NULL,      -- SHA-256 of the endpoint's id
    kind TEXT NOT NULL,
    token BLOB NOT NULL,                -- sealed under the id
    token_digest BLOB NOT NULL,         -- SHA-256: how many subscriptions one token has
    vapid BLOB NOT NULL,                -- the one key whose pushes are taken
    used_at INTEGER NOT NULL            -- Unix seconds of the last push, to the day
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subscriptions_by_token ON subscriptions (token_digest);
CREATE INDEX IF NOT EXISTS subscriptions_by_use ON subscriptions (used_at);
";

/// The version in the file's header.
const VERSION: i64 = 1;
const DAY_S: i64 = 24 * 3600;

/// The database does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file is of a later version of this program.
    #[error("the database is of version {0}")]
    Newer(i64),
    /// A row holds what this program did not write.
    #[error("a row cannot be read")]
    Row,
    /// The system gave no random bytes.
    #[error("no random bytes")]
    Random,
    /// The work was cut off.
    #[error("the database is closed")]
    Closed,
}

/// The database; clones share it.
#[derive(Clone)]
pub(super) struct Store(Arc<Mutex<Database>>);

/// The open file.
pub(super) struct Database(Connection);

/// What a push needs to know.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) row: [u8; 32],
    pub(super) kind: Kind,
    pub(super) token: SecretText,
    pub(super) vapid: Vec<u8>,
}

impl Store {
    /// Opens the file, and makes it when there is none.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "secure_delete", true)?;
        let tx = db.transaction()?;
        match tx.pragma_query_value(None, "user_version", |row| row.get(0))? {
            0 => {
                tx.execute_batch(SCHEMA)?;
                tx.pragma_update(None, "user_version", VERSION)?;
            }
            VERSION => {}
            newer => return Err(StoreError::Newer(newer)),
        }
        tx.commit()?;
        Ok(Self(Arc::new(Mutex::new(Database(db)))))
    }

    /// Runs `work` on a thread that may wait for the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let db = self.0.clone();
        let run = move || work(&mut db.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(run).await.map_err(|_| StoreError::Closed)?
    }
}

impl Database {
    /// Keeps a subscription under the id of its endpoint; false when the token has `most` already.
    pub(super) fn add(
        &mut self,
        id: &str,
        kind: Kind,
        token: &SecretText,
        vapid: &[u8],
        most: u32,
        now: i64,
    ) -> Result<bool, StoreError> {
        let digest = digest::digest(&digest::SHA256, token.expose().as_bytes());
        let tx = self.0.transaction()?;
        let held: u32 = tx
            .prepare_cached("SELECT count(*) FROM subscriptions WHERE token_digest = ?")?
            .query_row([digest.as_ref()], |row| row.get(0))?;
        if held >= most {
            return Ok(false);
        }
        let sealed = seal::seal(&key(id), kind.word().as_bytes(), token.expose().as_bytes())
            .map_err(|_| StoreError::Random)?;
        tx.prepare_cached("INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?)")?.execute(params![
            row(id),
            kind.word(),
            sealed,
            digest.as_ref(),
            vapid,
            now / DAY_S * DAY_S
        ])?;
        tx.commit()?;
        Ok(true)
    }

    /// Finds the subscription of an endpoint and notes the day of its use.
    pub(super) fn find(&mut self, id: &str, now: i64) -> Result<Option<Subscription>, StoreError> {
        let row = row(id);
        let found = self
            .0
            .prepare_cached("SELECT kind, token, vapid, used_at FROM subscriptions WHERE row = ?")?
            .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?)))
            .optional()?;
        let Some((kind, sealed, vapid, used_at)) = found else { return Ok(None) };
        let (kind, sealed, used_at): (String, Vec<u8>, i64) = (kind, sealed, used_at);
        let kind = Kind::parse(&kind).ok_or(StoreError::Row)?;
        let token = seal::open(&key(id), kind.word().as_bytes(), &sealed).map_err(|_| StoreError::Row)?;
        let token = String::from_utf8(token.expose().to_vec()).map_err(|_| StoreError::Row)?;
        if now - used_at >= DAY_S {
            self.0
                .prepare_cached("UPDATE subscriptions SET used_at = ? WHERE row = ?")?
                .execute(params![now / DAY_S * DAY_S, row])?;
        }
        Ok(Some(Subscription { row, kind, token: SecretText::new(token), vapid }))
    }

    /// Forgets a subscription; false when there was none.
    pub(super) fn remove(&mut self, row: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.0.prepare_cached("DELETE FROM subscriptions WHERE row = ?")?.execute([row])? > 0)
    }

    /// Forgets subscriptions last used before a moment; returns how many.
    pub(super) fn forget_before(&mut self, before: i64) -> Result<usize, StoreError> {
        Ok(self.0.execute("DELETE FROM subscriptions WHERE used_at < ?", [before])?)
    }

    /// Stops waiting for the disk, so that a test can fill the file.
    #[cfg(test)]
    pub(super) fn fill_without_waiting(&mut self) -> Result<(), StoreError> {
        Ok(self.0.pragma_update(None, "synchronous", "OFF")?)
    }

    /// Tells whether the database answers.
    pub(super) fn alive(&mut self) -> Result<(), StoreError> {
        Ok(self.0.query_row("SELECT 1 FROM subscriptions LIMIT 1", [], |_| Ok(())).optional().map(drop)?)
    }

    /// Counts the subscriptions.
    pub(super) fn count(&mut self) -> Result<i64, StoreError> {
        Ok(self.0.query_row("SELECT count(*) FROM subscriptions", [], |row| row.get(0))?)
    }
}

/// Returns what a row is found by.
pub(super) fn row(id: &str) -> [u8; 32] {
    let mut row = [0; 32];
    row.copy_from_slice(digest::digest(&digest::SHA256, id.as_bytes()).as_ref());
    row
}

/// Derives what a token is sealed with; the id has 128 random bits, so that one pass is enough.
fn key(id: &str) -> SecretBytes {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"klink-relay-token-1");
    SecretBytes::from(hmac::sign(&key, id.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("relay.db")).unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_copy_of_the_file_shows_neither_endpoint_nor_token() {
        let (folder, store) = open();
        let token = SecretText::from("the-token-of-a-phone");
        let added =
            store.run(move |db| db.add("the-id-of-an-endpoint", Kind::Fcm, &token, b"key", 9, 0)).await;
        assert!(added.unwrap());
        let mut shown = 0;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
            assert!(!has(b"the-token-of-a-phone") && !has(b"the-id-of-an-endpoint"));
            // The control: what is not sealed is seen.
            shown += usize::from(has(b"fcm"));
        }
        assert!(shown > 0);
        let found = store.run(|db| db.find("the-id-of-an-endpoint", 0)).await.unwrap().unwrap();
        assert_eq!((found.kind, found.token.expose()), (Kind::Fcm, "the-token-of-a-phone"));
        assert!(store.run(|db| db.find("another-id", 0)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_not_used_is_forgotten_and_what_is_used_is_not() {
        let (_folder, store) = open();
        for id in ["a", "b"] {
            let add =
                move |db: &mut Database| db.add(id, Kind::Apns, &SecretText::from("t"), b"k", 9, 10 * DAY_S);
            assert!(store.run(add).await.unwrap());
        }
        store.run(|db| db.find("a", 20 * DAY_S)).await.unwrap();
        assert_eq!(store.run(|db| db.forget_before(15 * DAY_S)).await.unwrap(), 1);
        assert!(store.run(|db| db.find("a", 20 * DAY_S)).await.unwrap().is_some());
        assert!(store.run(|db| db.find("b", 20 * DAY_S)).await.unwrap().is_none());
    }

    #[test]
    fn a_file_of_a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer(2))));
    }
}
