//! Structured logs: one JSON object a line on standard error, chosen by `RUST_LOG`.
//!
//! What may be logged: ids, states, counts, durations, addresses' kinds. Never a name, a number to match, a
//! code, a token, a body or a link. An approval is followed by its request id, field `request`.

use tracing_subscriber::EnvFilter;

/// Starts logging for the whole process; a second start changes nothing.
pub fn start() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,hyper=warn,rustls=warn"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
