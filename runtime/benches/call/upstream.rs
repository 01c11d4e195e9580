//! An MCP server that costs next to nothing, so that the gateway in front of it is what is measured.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The one tool.
pub(crate) const TOOL: &str = "echo";

/// Its definition.
pub(crate) const DEFINITION: &str = r#"{"name":"echo","description":"Gives back what it gets.","inputSchema":{"type":"object","properties":{"text":{"type":"string"},"count":{"type":"integer"}},"required":["text"]}}"#;

/// Serves on `listener` for ever.
pub(crate) async fn serve(listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let service = service_fn(answer);
            let _ended = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&body).unwrap();
    let Some(id) = member(text, "\"id\":") else {
        return Ok(status(StatusCode::ACCEPTED, String::new()));
    };
    let result = match member(text, "\"method\":").unwrap_or_default() {
        "\"initialize\"" => r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench","version":"1"}}"#.to_owned(),
        "\"tools/list\"" => format!(r#"{{"tools":[{DEFINITION}]}}"#),
        "\"tools/call\"" => r#"{"content":[{"type":"text","text":"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"}],"isError":false}"#.to_owned(),
        _ => {
            return Ok(status(
                StatusCode::OK,
                format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"Method not found"}}}}"#),
            ));
        }
    };
    Ok(status(
        StatusCode::OK,
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
    ))
}

fn status(code: StatusCode, body: String) -> Response<Full<Bytes>> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Full::new(body.into()))
        .unwrap()
}

/// The scalar behind a key: enough for the messages that the bench sends.
fn member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let rest = text.split_once(key)?.1.trim_start();
    rest.split([',', '}']).next().map(str::trim)
}
