//! The operator's port: `/healthz`, `/readyz`, `/metrics`. It is not for agents, and needs no
//! token; the network says who reaches it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::front::Served;
use crate::listener::Answer;
use crate::listener::tls::Security;
use crate::reply::{self, Body};
use crate::walk::State;

/// Content type of the Prometheus text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Answers requests to the admin port.
pub(crate) struct Admin {
    pub(crate) state: Arc<State>,
    pub(crate) served: watch::Receiver<Option<Arc<Served>>>,
    pub(crate) security: watch::Receiver<Option<Security>>,
    pub(crate) draining: CancellationToken,
}

impl Admin {
    /// Why no call can be served now, one line each; empty means ready.
    fn unready(&self) -> Vec<String> {
        let mut reasons = self.state.unready();
        if self.draining.is_cancelled() {
            reasons.push("stopping".to_owned());
        }
        if let Some(served) = &*self.served.borrow() {
            reasons.extend(served.unready());
            if self.security.borrow().is_none() {
                reasons.push("no TLS certificate".to_owned());
            }
        } else {
            reasons.push("no config is served".to_owned());
        }
        reasons
    }

    fn route(&self, method: &Method, path: &str) -> Response<Body> {
        match path {
            _ if method != Method::GET && method != Method::HEAD => {
                reply::empty(StatusCode::METHOD_NOT_ALLOWED)
            }
            "/healthz" => text(StatusCode::OK, TEXT, "ok\n"),
            "/readyz" => match self.unready() {
                reasons if reasons.is_empty() => text(StatusCode::OK, TEXT, "ready\n"),
                reasons => text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    TEXT,
                    format!("{}\n", reasons.join("\n")),
                ),
            },
            "/metrics" => text(StatusCode::OK, METRICS, self.state.metrics().render()),
            _ => reply::empty(StatusCode::NOT_FOUND),
        }
    }
}

impl Answer for Admin {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.route(request.method(), request.uri().path())
    }
}

fn text(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
