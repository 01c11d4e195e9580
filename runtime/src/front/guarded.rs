//! A reply whose body, when it is dropped early, cancels the call it is of.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::DropGuard;

use crate::reply::Body;

/// Lets go of `guard` when the body of `response` was sent or dropped.
pub(super) fn until_sent(response: Response<Body>, guard: DropGuard) -> Response<Body> {
    response.map(|body| {
        Guarded {
            body,
            _guard: guard,
        }
        .boxed()
    })
}

struct Guarded {
    body: Body,
    _guard: DropGuard,
}

impl HttpBody for Guarded {
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
