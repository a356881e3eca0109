//! Counters for Prometheus. Labels are from fixed lists: no address, token or key.

use prometheus::{IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

pub(super) struct Metrics {
    registry: Registry,
    subscriptions: IntGauge,
    subscribed: IntCounterVec,
    pushes: IntCounterVec,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let registry = Registry::new();
        let counter = |name: &str, help: &str| {
            let counter =
                IntCounterVec::new(Opts::new(name, help), &["kind", "outcome"]).expect("constants that fit");
            registry.register(Box::new(counter.clone())).expect("each name is registered once");
            counter
        };
        let subscribed = counter("klink_relay_subscribed_total", "subscriptions asked for");
        let pushes = counter("klink_relay_pushes_total", "pushes by what became of them");
        let subscriptions =
            IntGauge::new("klink_relay_subscriptions", "subscriptions now").expect("constants that fit");
        registry.register(Box::new(subscriptions.clone())).expect("each name is registered once");
        Self { registry, subscriptions, subscribed, pushes }
    }

    pub(super) fn subscribed(&self, kind: &str, outcome: &str) {
        self.subscribed.with_label_values(&[kind, outcome]).inc();
    }

    pub(super) fn pushed(&self, kind: &str, outcome: &str) {
        self.pushes.with_label_values(&[kind, outcome]).inc();
    }

    /// Prints everything in Prometheus' text format.
    pub(super) fn print(&self, subscriptions: i64) -> String {
        self.subscriptions.set(subscriptions);
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}
