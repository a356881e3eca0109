//! Prints `tests/vectors/push/messages.json`.

#[path = "../tests/push_golden/messages.rs"]
mod messages;

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(messages::file().as_bytes())
}
