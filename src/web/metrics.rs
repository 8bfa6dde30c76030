//! Figures for monitoring, in Prometheus' text format at /metrics.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use prometheus::{Encoder, HistogramVec, IntCounterVec, IntGauge, Registry, TextEncoder, histogram_opts, opts};

use super::Console;
use crate::error::{AppError, Result};

struct Metrics {
    registry: Registry,
    requests: Option<HistogramVec>,
    mails: Option<IntCounterVec>,
    connections_in_use: Option<IntGauge>,
    connections_open: Option<IntGauge>,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let registry = Registry::new();
    let seconds = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
    let options = histogram_opts!("roster_request_seconds", "Time to answer a request.", seconds);
    let requests = HistogramVec::new(options, &["route", "method", "status"]).ok();
    let mails = IntCounterVec::new(opts!("roster_mails_total", "Mails by what became of them."), &["outcome"]).ok();
    let connections_in_use = IntGauge::new("roster_database_connections_in_use", "Connections working right now.").ok();
    let connections_open = IntGauge::new("roster_database_connections", "Connections open to Postgres.").ok();
    let metrics = Metrics { registry, requests, mails, connections_in_use, connections_open };
    metrics.register();
    metrics
});

impl Metrics {
    fn register(&self) {
        let collectors: [Option<Box<dyn prometheus::core::Collector>>; 4] = [
            self.requests.clone().map(|metric| Box::new(metric) as _),
            self.mails.clone().map(|metric| Box::new(metric) as _),
            self.connections_in_use.clone().map(|metric| Box::new(metric) as _),
            self.connections_open.clone().map(|metric| Box::new(metric) as _),
        ];
        for collector in collectors.into_iter().flatten() {
            if let Err(error) = self.registry.register(collector) {
                tracing::error!(%error, "a metric could not be registered");
            }
        }
    }
}

/// Counts an answered request under its route pattern.
pub fn observe_request(route: &str, method: &str, status: u16, took: Duration) {
    if let Some(requests) = &METRICS.requests {
        requests.with_label_values(&[route, method, &status.to_string()]).observe(took.as_secs_f64());
    }
}

/// Counts a mail: `sent`, `delayed`, `failed` or `dropped`.
pub fn count_mail(outcome: &str) {
    if let Some(mails) = &METRICS.mails {
        mails.with_label_values(&[outcome]).inc();
    }
}

/// `GET /metrics`
pub async fn show(console: web::Data<Console>) -> Result<HttpResponse> {
    let (in_use, open) = console.db.connections();
    if let (Some(gauge_in_use), Some(gauge_open)) = (&METRICS.connections_in_use, &METRICS.connections_open) {
        gauge_in_use.set(i64::from(in_use));
        gauge_open.set(i64::from(open));
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&METRICS.registry.gather(), &mut text).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}
