//! A server at a streamable HTTP endpoint.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bailiwick_compiler::lock::Listing;
use futures_core::stream::BoxStream;
use http::{HeaderName, HeaderValue};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use sse_stream::Sse;

use super::raw::Raw;
use super::{LiveError, MAX_BYTES, connect, list, within};

/// Largest event or other answer; the list of tools has [`MAX_BYTES`].
const ANSWER: usize = 4 * 1024 * 1024;

/// Header that ties requests of one session together.
const SESSION: &str = "mcp-session-id";

/// Reads the server at a URL.
pub(super) async fn read(url: &str) -> Result<Listing, LiveError> {
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        // What was named is what is read.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(LiveError::Client)?;
    let raw = Raw::default();
    let mut config = StreamableHttpClientTransportConfig::with_uri(url);
    config.max_sse_event_size = ANSWER;
    config.max_json_response_size = ANSWER;
    let recorder = Recorder {
        client,
        raw: raw.clone(),
    };
    let transport = StreamableHttpClientTransport::with_client(recorder, config);
    within(async {
        let client = connect(transport).await?;
        let listing = list(&client, &raw).await;
        let _ended = client.cancel().await;
        listing
    })
    .await
}

/// Sends as rmcp's own client does, and reads the answer to `tools/list` itself, to keep it as it was sent.
#[derive(Clone)]
struct Recorder {
    client: reqwest::Client,
    raw: Raw,
}

/// Events as they arrive.
type Stream = BoxStream<'static, Result<Sse, SseError>>;
#[expect(clippy::disallowed_types, reason = "rmcp hands headers over in one")]
type Headers = std::collections::HashMap<HeaderName, HeaderValue>;
type Failure = StreamableHttpError<reqwest::Error>;

impl Recorder {
    async fn list(
        &self,
        uri: &str,
        message: &ClientJsonRpcMessage,
        session: Option<&str>,
        headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let mut request = self
            .client
            .post(uri)
            .header(ACCEPT, "application/json, text/event-stream");
        let headers: BTreeMap<String, HeaderValue> = headers
            .into_iter()
            .map(|(name, value)| (name.as_str().to_owned(), value))
            .collect();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(session) = session {
            request = request.header(SESSION, session);
        }
        let mut response = request.json(message).send().await?.error_for_status()?;
        let kind = response.headers().get(CONTENT_TYPE);
        let events = kind
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > MAX_BYTES {
                return Err(StreamableHttpError::ResponseBodyTooLarge {
                    max_size: MAX_BYTES,
                });
            }
            bytes.extend_from_slice(&chunk);
            if let Some(answer) = events.then(|| answer(&bytes)).flatten() {
                bytes = answer;
                break;
            }
        }
        let message: ServerJsonRpcMessage = serde_json::from_slice(&bytes)?;
        self.raw.see(&bytes);
        Ok(StreamableHttpPostResponse::Json(
            message,
            session.map(ToOwned::to_owned),
        ))
    }
}

/// The first whole event that answers a request; notifications before it are passed over.
fn answer(stream: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(stream).replace("\r\n", "\n");
    let mut events = text.split("\n\n").collect::<Vec<_>>();
    // What follows the last empty line has not arrived as a whole.
    events.pop();
    events.into_iter().find_map(|event| {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
        let data: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        let data = data.join("\n");
        let value: serde_json::Value = serde_json::from_str(&data).ok()?;
        let answers = value.get("result").is_some() || value.get("error").is_some();
        answers.then(|| data.into_bytes())
    })
}

/// Whether this message asks for tools.
fn lists_tools(message: &ClientJsonRpcMessage) -> bool {
    serde_json::to_value(message).is_ok_and(|message| {
        message
            .get("method")
            .is_some_and(|method| method == "tools/list")
    })
}

impl StreamableHttpClient for Recorder {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(
            uri,
            message,
            session_id,
            auth_header,
            custom_headers,
            limits,
        )
        .await
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: Headers,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        if lists_tools(&message) {
            return self
                .list(&uri, &message, session_id.as_deref(), custom_headers)
                .await;
        }
        self.client
            .post_message_with_response_limits(
                uri,
                message,
                session_id,
                auth_header,
                custom_headers,
                limits,
            )
            .await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: Headers,
    ) -> Result<(), Failure> {
        self.client
            .delete_session(uri, session_id, auth_header, custom_headers)
            .await
    }

    fn get_stream(
        &self,
        _: Arc<str>,
        _: Option<Arc<str>>,
        _: Option<String>,
        _: Option<String>,
        _: Headers,
    ) -> impl Future<Output = Result<Stream, Failure>> + Send + '_ {
        // Nothing that a server says unasked is of interest here.
        std::future::ready(Err(StreamableHttpError::UnexpectedServerResponse(
            Cow::Borrowed("no stream is wanted"),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn the_answer_is_the_first_whole_event_that_is_one() {
        let stream = "event: message\r\ndata: {\"method\":\"notifications/x\"}\r\n\r\n\
                      : comment\ndata: {\"id\":1,\ndata: \"result\":{}}\n\ndata: {\"id\":2";
        assert_eq!(
            answer(stream.as_bytes()).unwrap(),
            b"{\"id\":1,\n\"result\":{}}"
        );
        assert_eq!(answer(b"data: {\"id\":1,\"result\":{}}\n"), None);
    }
}
