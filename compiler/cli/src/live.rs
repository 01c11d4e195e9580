//! Reads what a running server says of its tools, through rmcp: by a command line or at a URL. Everything is
//! bounded, since a server can say anything.

mod http;
mod raw;
mod stdio;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bailiwick_compiler::lock::{Listing, ServerInfo};
use rmcp::model::{ClientConfig, Implementation, PaginatedRequestParams, ProtocolVersion};
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, RoleClient, RunningService};
use rmcp::{ServiceError, serve_client_with_lifecycle};

use raw::Raw;

/// How long reading one server may take as a whole.
const PATIENCE: Duration = Duration::from_mins(1);

/// Most bytes that a server may say.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Most pages of tools.
const PAGES: usize = 100;

/// Most tools.
const TOOLS: usize = 5_000;

/// Where a server is.
#[derive(Debug)]
pub(crate) enum At<'a> {
    /// A program that is started in a folder, with variables beside those of this process.
    Command {
        /// Program and arguments.
        words: &'a [String],
        /// Variables.
        variables: &'a BTreeMap<String, String>,
        /// Working folder.
        folder: &'a Path,
    },
    /// A streamable HTTP endpoint.
    Url(&'a str),
}

/// A server could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    /// No program to start.
    #[error("the command is empty")]
    Empty,
    /// It does not start.
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No client.
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    /// No runtime.
    #[error("cannot start the client")]
    Runtime(#[source] std::io::Error),
    /// It does not answer as a server does.
    #[error("the server does not speak MCP as expected")]
    Initialize(#[source] Box<ClientInitializeError>),
    /// It answers the list of tools with an error, or not at all.
    #[error("the server did not list its tools")]
    List(#[source] Box<ServiceError>),
    /// It takes too long.
    #[error("the server did not answer within {} seconds", PATIENCE.as_secs())]
    Late,
    /// It says too much.
    #[error("the server lists more than {TOOLS} tools or {PAGES} pages")]
    TooMany,
    /// The text of its answer is not there as it was sent.
    #[error("the server's list of tools is not what the protocol says")]
    Raw,
}

/// Reads a server, within bounds.
///
/// # Errors
/// When it does not start, answer, or keep to the protocol and the bounds.
pub(crate) fn read(at: &At<'_>) -> Result<Listing, LiveError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LiveError::Runtime)?;
    let listing = runtime.block_on(async {
        match at {
            At::Command {
                words,
                variables,
                folder,
            } => stdio::read(words, variables, folder).await,
            At::Url(url) => http::read(url).await,
        }
    });
    // A thread that resolves a name may still wait.
    runtime.shutdown_timeout(Duration::from_secs(1));
    listing
}

type Client = RunningService<RoleClient, ClientConfig>;

/// Connects in whichever era the server speaks.
async fn connect<T, E, A>(transport: T) -> Result<Client, LiveError>
where
    T: rmcp::transport::IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let mut info = ClientConfig::default();
    info.client_info = Implementation::new("bailiwick", env!("CARGO_PKG_VERSION"));
    let lifecycle = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    };
    serve_client_with_lifecycle(info, transport, lifecycle)
        .await
        .map_err(|error| LiveError::Initialize(Box::new(error)))
}

/// Lists all tools, page by page, as the server spelled them.
async fn list(client: &Client, raw: &Raw) -> Result<Listing, LiveError> {
    let mut cursor = None;
    let mut count = 0;
    for _ in 0..PAGES {
        let mut params = PaginatedRequestParams::default();
        params.cursor = cursor;
        let page = client
            .peer()
            .list_tools(Some(params))
            .await
            .map_err(|error| LiveError::List(Box::new(error)))?;
        count += page.tools.len();
        if count > TOOLS {
            return Err(LiveError::TooMany);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return listing(client, raw, count);
        }
    }
    Err(LiveError::TooMany)
}

fn listing(client: &Client, raw: &Raw, count: usize) -> Result<Listing, LiveError> {
    let tools = raw.take();
    let Some(peer) = client.peer().peer_info() else {
        return Err(LiveError::Raw);
    };
    // What rmcp understood and what was sent must be the same list.
    if tools.len() != count {
        return Err(LiveError::Raw);
    }
    Ok(Listing {
        instructions: peer.instructions.clone(),
        protocol: peer.protocol_version.to_string(),
        server_info: peer.server_info.as_ref().map(|info| ServerInfo {
            name: info.name.clone(),
            title: info.title.clone(),
            version: info.version.clone(),
        }),
        tools,
    })
}

/// Runs a reading with its time limit.
async fn within<F>(reading: F) -> Result<Listing, LiveError>
where
    F: Future<Output = Result<Listing, LiveError>>,
{
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap_or(Err(LiveError::Late))
}
