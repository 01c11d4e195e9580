//! The floor: a reverse proxy that passes bytes and does nothing else.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

/// Serves on `listener` for ever; every request goes to `upstream`.
pub(crate) async fn serve(listener: TcpListener, upstream: Uri) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> =
        Client::builder(TokioExecutor::new()).build::<_, Incoming>(connector);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        stream.set_nodelay(true).unwrap();
        let (client, upstream) = (client.clone(), upstream.clone());
        tokio::spawn(async move {
            let service =
                service_fn(move |request| pass(client.clone(), upstream.clone(), request));
            let _ended = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn pass(
    client: Client<HttpConnector, Incoming>,
    upstream: Uri,
    mut request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    *request.uri_mut() = upstream;
    request.headers_mut().remove("host");
    request.headers_mut().remove("authorization");
    if let Ok(response) = client.request(request).await {
        return Ok(response.map(BodyExt::boxed));
    }
    let mut failed = Response::new(Empty::new().map_err(|never| match never {}).boxed());
    *failed.status_mut() = http::StatusCode::BAD_GATEWAY;
    Ok(failed)
}
