//! The usual way to build a gateway: rmcp as server and as client.

use std::sync::Arc;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleClient, RoleServer, ServerHandler, ServiceExt as _};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Proxy {
    upstream: Arc<RunningService<RoleClient, ()>>,
}

impl ServerHandler for Proxy {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let failed = |error| ErrorData::internal_error(format!("{error}"), None);
        self.upstream.list_tools(request).await.map_err(failed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let failed = |error| ErrorData::internal_error(format!("{error}"), None);
        let result = self.upstream.call_tool(request).await.map_err(failed)?;
        Ok(CallToolResponse::Complete(result))
    }
}

/// Serves on `listener` for ever; every call goes to `upstream`.
pub(crate) async fn serve(listener: TcpListener, upstream: Uri) {
    let config = StreamableHttpClientTransportConfig::with_uri(upstream.to_string())
        .max_concurrent_requests(256);
    let transport = StreamableHttpClientTransport::from_config(config);
    let proxy = Proxy {
        upstream: Arc::new(().serve(transport).await.unwrap()),
    };
    let service = StreamableHttpService::new(
        move || Ok(proxy.clone()),
        Arc::new(NeverSessionManager::default()),
        StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true),
    );
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        stream.set_nodelay(true).unwrap();
        let service = service.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let service = service.clone();
                async move { Ok::<Response<_>, std::convert::Infallible>(service.handle(request).await) }
            });
            let _ended = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
