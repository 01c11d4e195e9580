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
