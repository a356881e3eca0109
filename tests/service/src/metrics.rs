//! Counters for Prometheus, `/metrics`. Labels are from fixed lists, so that nobody can fill the memory.

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

/// What is counted; clones share it.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    /// HTTP answers by route and status.
    pub answers: IntCounterVec,
    /// Seconds that answers took, by route.
    pub seconds: HistogramVec,
    /// Requests by the state they ended in, and `open` when they were made.
    pub requests: IntCounterVec,
    /// Sign-ins by outcome: right, wrong, limited.
    pub sign_ins: IntCounterVec,
    /// Wake-ups and text messages by outcome.
    pub sent: IntCounterVec,
}

impl Metrics {
    /// Makes a registry of its own, so that several services can run in one process.
    pub fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter =
                IntCounterVec::new(Opts::new(name, help), labels).expect("the names are constants and right");
            registry.register(Box::new(counter.clone())).expect("each name is registered once");
            counter
        };
        let answers = counter("klink_http_answers_total", "HTTP answers", &["route", "status"]);
        let requests = counter("klink_requests_total", "push requests by state", &["state"]);
        let sign_ins = counter("klink_sign_ins_total", "passwords by outcome", &["outcome"]);
        let sent = counter("klink_sent_total", "outgoing messages", &["kind", "outcome"]);
        let seconds = HistogramVec::new(
            HistogramOpts::new("klink_http_seconds", "time to an answer")
                .buckets(vec![0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]),
            &["route"],
        )
        .expect("the names are constants and right");
        registry.register(Box::new(seconds.clone())).expect("each name is registered once");
        Self { registry, answers, seconds, requests, sign_ins, sent }
    }

    /// Prints all of them in Prometheus' text format.
    pub fn print(&self) -> String {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("a vector takes all bytes");
        String::from_utf8(text).expect("the text format is UTF-8")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_printed() {
        let metrics = Metrics::new();
        metrics.requests.with_label_values(&["approved"]).inc();
        assert!(metrics.print().contains("klink_requests_total{state=\"approved\"} 1"));
    }
}
