//! Users, their factors, and sign-in sessions: what is proved so far, and what is missing.
//!
//! Knows nothing of pages and phones' messages. Text messages are made by `texts`; the numbers they go to are
//! kept here, sealed.

pub mod factors;
pub mod limits;
pub mod notices;
pub mod numbers;
pub mod pass;
pub mod passwords;
pub mod recovery;
pub mod sessions;
pub mod totp;
pub mod users;

pub use sessions::{Method, Session, SignIn, Stage};

pub(crate) const TABLES: &str = "
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    display TEXT NOT NULL,
    language TEXT,
    password BLOB NOT NULL,             -- cost, salt, Argon2id
    created_at INTEGER NOT NULL,
    pass TEXT,                          -- digest of a one-time pass after a reset
    pass_until INTEGER,
    muted_until INTEGER NOT NULL DEFAULT 0,
    reported INTEGER NOT NULL DEFAULT 0,    -- 1: no pushes, 2: no text messages either, until another factor
    failures INTEGER NOT NULL DEFAULT 0     -- of pushes, in a row, whatever the number was
) STRICT;
CREATE TABLE sessions (
    key TEXT PRIMARY KEY,               -- digest of the cookie's token
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    method TEXT,                        -- the factor that was proved last
    proved_at INTEGER,
    refused INTEGER NOT NULL DEFAULT 0, -- a deny or report came: no text messages in this sign-in
    request TEXT,
    offer TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user);
CREATE TABLE totp (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential TEXT UNIQUE,             -- the phone that came with it
    secret BLOB NOT NULL,               -- sealed
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,               -- its first right code
    last_step INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER
) STRICT;
CREATE INDEX totp_by_user ON totp (user);
CREATE TABLE recovery_codes (
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark BLOB NOT NULL,                 -- keyed digest of the code
    made_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (user, mark)
) STRICT, WITHOUT ROWID;
CREATE TABLE numbers (
    user TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    number BLOB NOT NULL,               -- E.164, sealed
    confirmed_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    at INTEGER NOT NULL,
    seen_at INTEGER
) STRICT;
CREATE INDEX notices_by_user ON notices (user, at);
CREATE TABLE attempts (
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_who ON attempts (what, who, at);
CREATE INDEX attempts_by_time ON attempts (at);
";

/// What a factor said to a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verify {
    /// Right; the session has proved this factor.
    Right,
    /// Wrong; so many more tries before the account has to wait.
    Wrong {
        /// Tries that are left.
        left: u32,
    },
    /// Not looked at: too many wrong codes.
    Limited {
        /// Seconds until the next try.
        retry_s: i64,
    },
}

/// What became of a change to one's factors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// Done.
    Done,
    /// A factor must be proved first: the last proof is older than 10 minutes.
    NotFresh,
    /// There is no such thing of this user.
    Unknown,
}
