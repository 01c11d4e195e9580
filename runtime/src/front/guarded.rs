//! A reply whose body holds something until it was sent, or dropped because the client is gone.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::reply::Body;

/// Lets go of `guard` when the body of `response` was sent or dropped.
pub(super) fn until_sent<G>(response: Response<Body>, guard: G) -> Response<Body>
where
    G: Send + Sync + Unpin + 'static,
{
    response.map(|body| {
        Guarded {
            body,
            _guard: guard,
        }
        .boxed()
    })
}

struct Guarded<G> {
    body: Body,
    _guard: G,
}

impl<G: Unpin> HttpBody for Guarded<G> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http::{Response, StatusCode};
    use http_body_util::BodyExt as _;
    use tokio_util::sync::CancellationToken;

    use super::until_sent;
    use crate::reply;

    #[tokio::test]
    async fn a_body_that_is_dropped_cancels_its_call() {
        let call = CancellationToken::new();
        let response = until_sent(reply::json(StatusCode::OK, "{}"), call.clone().drop_guard());
        assert!(!call.is_cancelled());
        drop(response);
        assert!(call.is_cancelled());
    }

    #[tokio::test]
    async fn a_guarded_body_is_sent_as_it_is() {
        let call = CancellationToken::new();
        let response = until_sent(reply::json(StatusCode::OK, "{}"), call.clone().drop_guard());
        let body = Response::into_body(response)
            .collect()
            .await
            .unwrap()
            .to_bytes();
        assert_eq!(&*body, b"{}");
    }
}
