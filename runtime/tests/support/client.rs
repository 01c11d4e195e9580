//! A client by hand, of the older protocol.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// A client of one endpoint with one token.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

/// What the endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The call's id in the audit log.
    pub(crate) call: String,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        Self {
            http: hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http(),
            url: url.to_owned(),
            token: format!("Bearer {token}"),
        }
    }

    /// Calls a tool. None when the connection broke.
    pub(crate) async fn call(&self, tool: &str, arguments: &Value, trace: &str) -> Option<Answer> {
        let meta = json!({ "traceparent": trace });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let response = self.post(&params).await?;
        let call = response.headers()["x-bailiwick-call"].to_str().unwrap();
        let call = call.to_owned();
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some(Answer {
            call,
            body: serde_json::from_slice(&bytes).unwrap(),
        })
    }

    async fn post(&self, params: &Value) -> Option<Response<Incoming>> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let request = Request::post(&self.url)
            .header("authorization", &self.token)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        self.http.request(request).await.ok()
    }
}
