//! Push requests: made for the phones of one account, answered once, watched by the page that asks.
//!
//! The machine is `state`; what an ended request means for account, session and phone is `ending`.

mod ending;
pub mod limits;
pub mod making;
pub mod row;
pub mod state;
pub mod watching;

pub use ending::end;
pub use making::{Asked, Party, Start, start_for_party, start_from_phone, start_login, start_test};
pub use row::{Act, Request};
pub use state::{Event, State};
pub use watching::{Watched, cancel, expire_due, shown, text_allowed, watch};

pub(crate) const TABLES: &str = "
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    act TEXT NOT NULL,
    origin TEXT NOT NULL,               -- page, phone, party
    session TEXT,                       -- the sign-in that asks
    credential TEXT,                    -- a test: for this phone alone
    number TEXT NOT NULL,               -- what is expected from the keypad
    scan TEXT NOT NULL,                 -- what is expected from the camera
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    quiet INTEGER NOT NULL,
    state TEXT NOT NULL,
    by_credential TEXT,
    ended_at INTEGER
) STRICT;
CREATE INDEX requests_by_user ON requests (user, made_at);
CREATE INDEX requests_open ON requests (expires_at) WHERE state = 'open';
CREATE TABLE request_copies (
    credential TEXT NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    jws TEXT NOT NULL,
    PRIMARY KEY (credential, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_copies_by_request ON request_copies (request);
CREATE TABLE answers (
    jti TEXT PRIMARY KEY,
    credential TEXT NOT NULL,
    request TEXT NOT NULL,
    digest BLOB NOT NULL,               -- of the answer as it was received
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_time ON answers (at);
";
