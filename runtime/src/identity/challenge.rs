//! What a client without a caller is told: where to read who issues tokens (RFC 9728), and no
//! more.

use bailiwick_config::{Config, IssuerKind};
use bytes::Bytes;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use serde_json::json;

use super::Unauthenticated;
use crate::edge::Endpoint;
use crate::reply::{self, Body, RpcError};

/// Path of the metadata of an endpoint with the path `/`; other paths are appended to it.
const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// The challenges and the metadata of one endpoint.
#[derive(Debug)]
pub(crate) struct Challenge {
    path: String,
    metadata: Bytes,
    /// To a request without a token, and to one with a bad token.
    headers: Option<(HeaderValue, HeaderValue)>,
}

impl Challenge {
    pub(crate) fn new(config: &Config, endpoint: &Endpoint) -> Self {
        let path = match endpoint.path() {
            "/" => METADATA_PATH.to_owned(),
            path => format!("{METADATA_PATH}{path}"),
        };
        let servers = config
            .issuers
            .values()
            .filter(|issuer| issuer.kind == IssuerKind::Oidc);
        let servers: Vec<_> = servers.map(|issuer| issuer.url.as_str()).collect();
        let mut metadata =
            json!({ "resource": endpoint.url(), "bearer_methods_supported": ["header"] });
        if let Some(metadata) = metadata.as_object_mut().filter(|_| !servers.is_empty()) {
            metadata.insert("authorization_servers".to_owned(), json!(servers));
        }
        let link = format!("resource_metadata=\"{}{path}\"", endpoint.origin());
        let header = |text: String| HeaderValue::from_str(&text).ok();
        let headers = header(format!("Bearer {link}"))
            .zip(header(format!("Bearer error=\"invalid_token\", {link}")));
        Self {
            path,
            metadata: metadata.to_string().into(),
            headers,
        }
    }

    /// Path of the metadata.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The metadata (RFC 9728); nobody needs a token for it.
    pub(crate) fn metadata(&self) -> Response<Body> {
        reply::json(StatusCode::OK, self.metadata.clone())
    }

    /// The reply to a request without a caller: the same for every reason that is the token's.
    pub(crate) fn reply(&self, refusal: Unauthenticated) -> Response<Body> {
        if refusal == Unauthenticated::KeysUnavailable {
            return reply::unavailable("tokens cannot be verified now");
        }
        let error = RpcError::new(-32600, "a valid bearer token is needed");
        let mut response = reply::error(StatusCode::UNAUTHORIZED, None, &error);
        if let Some((without, invalid)) = &self.headers {
            let header = if refusal == Unauthenticated::NoToken {
                without
            } else {
                invalid
            };
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, header.clone());
        }
        response
    }
}
