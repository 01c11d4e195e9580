//! Answers the methods that are the protocol's own: handshakes, discovery, `ping`, and streams
//! that say when the list of tools has changed. `rmcp` does it; tools never come here.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bailiwick_config::{Agent, Config};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    Implementation, ProtocolVersion, ServerCapabilities, ServerConfig, SubscriptionFilter,
};
use rmcp::service::SubscriptionContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::edge::{Era, Message};
use crate::identity::Caller;
use crate::reply::{self, Body, RpcError};
use crate::walk::Snapshot;

/// The protocol versions that the edge lets through, as rmcp names them.
static VERSIONS: [ProtocolVersion; 3] = [
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

/// How long any answer but a stream may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Whether the protocol's own methods of this era include the message's.
pub(crate) fn serves(message: &Message) -> bool {
    match message.era {
        Era::Legacy => matches!(&*message.method, "initialize" | "ping"),
        Era::Modern => matches!(&*message.method, "server/discover" | "subscriptions/listen"),
    }
}

/// Whether the answer is a stream that stays open.
pub(crate) fn is_stream(message: &Message) -> bool {
    serves(message) && message.method == "subscriptions/listen"
}

/// What is needed to answer.
#[derive(Clone, Debug)]
pub(crate) struct Protocol {
    snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
    stopping: CancellationToken,
}

impl Protocol {
    /// `stopping` ends the streams.
    pub(crate) fn new(
        snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
        stopping: CancellationToken,
    ) -> Self {
        Self {
            snapshots,
            stopping,
        }
    }

    /// Answers the message in `body`, which the edge let through.
    pub(crate) async fn answer(
        &self,
        caller: Caller,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Response<Body> {
        let mut request = Request::post("/").body(Full::new(body)).unwrap_or_default();
        *request.headers_mut() = protocol_headers(headers);
        let handler = Handler {
            caller,
            protocol: self.clone(),
        };
        // Hosts, origins and sizes were looked at by the edge.
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_sse_retry(None)
            .disable_allowed_hosts();
        let sessions = Arc::new(NeverSessionManager::default());
        let service = StreamableHttpService::new(move || Ok(handler.clone()), sessions, config);
        let answered = tokio::time::timeout(DEADLINE, service.handle(request)).await;
        answered.unwrap_or_else(|_| {
            let error = RpcError::new(-32603, "Internal error");
            reply::error(StatusCode::INTERNAL_SERVER_ERROR, None, &error)
        })
    }
}

/// What rmcp may see of a request's headers: not the token.
fn protocol_headers(headers: &HeaderMap) -> HeaderMap {
    let mut kept: HeaderMap = headers
        .iter()
        .filter(|(name, _)| {
            matches!(
                name.as_str(),
                "mcp-protocol-version" | "mcp-method" | "mcp-name"
            )
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // The edge has looked at these; rmcp wants to see some.
    kept.insert(HOST, HeaderValue::from_static("localhost"));
    kept.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    kept.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    kept
}

/// The handler of one request.
#[derive(Clone)]
struct Handler {
    caller: Caller,
    protocol: Protocol,
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new(
            "bailiwick-dispatch",
            env!("CARGO_PKG_VERSION"),
        ))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&VERSIONS)
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let mut accepted = SubscriptionFilter::new();
        accepted.tools_list_changed = requested.tools_list_changed.filter(|wanted| *wanted);
        Some(accepted)
    }

    /// Ends when the client is gone, when the token expires, when the caller's identity is another
    /// one's, and when the process stops.
    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut snapshots = self.protocol.snapshots.clone();
        let wants_tools = context.accepted().tools_list_changed == Some(true);
        let mut seen = snapshots.borrow_and_update().clone();
        let end = tokio::time::sleep(remaining(&self.caller));
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                () = self.protocol.stopping.cancelled() => return Ok(()),
                () = &mut end => return Ok(()),
                changed = snapshots.changed() => if changed.is_err() { return Ok(()) },
            }
            let newest = snapshots.borrow_and_update().clone();
            let agents = [&seen, &newest].map(|one| agent(one.as_deref(), &self.caller));
            let [Some((old, before)), Some((new, now))] = agents else {
                return Ok(());
            };
            if before.identity != now.identity {
                return Ok(());
            }
            let is_sent = if wants_tools && shows(old, before) != shows(new, now) {
                context.sink().notify_tool_list_changed().await.is_ok()
            } else {
                true
            };
            if !is_sent {
                return Ok(());
            }
            seen = newest;
        }
    }
}

fn agent<'a>(snapshot: Option<&'a Snapshot>, caller: &Caller) -> Option<(&'a Config, &'a Agent)> {
    let config = snapshot?.config();
    Some((config, config.agents.get(&**caller.agent())?))
}

/// All that makes the agent's list of tools what it is.
fn shows<'a>(config: &'a Config, agent: &'a Agent) -> Vec<impl PartialEq + use<'a>> {
    let tools = agent.tools.iter();
    tools
        .map(|(name, permission)| {
            let definitions = config
                .servers
                .get(&permission.server)
                .map(|server| &server.definitions);
            (
                name,
                &permission.tool,
                &permission.until,
                &permission.input_schema,
                definitions,
            )
        })
        .collect()
}

/// How long the caller's token is still good.
fn remaining(caller: &Caller) -> Duration {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Duration::from_secs(caller.expires()).saturating_sub(now)
}
