//! Reads a request's body, never more of it than its cap, and never more of all than the budget.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refusal;

/// Largest body, bytes.
pub(crate) const CAP: u32 = 256 * 1024;

/// How long a client may take to send its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of all bodies that may be in flight at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    /// A budget of `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// A share of so many bytes.
    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let share = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| Arc::clone(&self.0).try_acquire_many_owned(bytes).ok());
        share.ok_or_else(|| {
            let message = "too many requests are being read";
            Refusal::invalid(StatusCode::SERVICE_UNAVAILABLE, "overload", message)
        })
    }
}

/// A whole body. Its part of the budget comes back when it is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

/// Reads the whole of `body`.
pub(crate) async fn read<B>(headers: &HeaderMap, body: B, budget: &Budget) -> Result<Taken, Refusal>
where
    B: Body<Data = Bytes>,
{
    check_announced(headers)?;
    tokio::time::timeout(PATIENCE, collect(body, budget))
        .await
        .unwrap_or_else(|_| {
            let message = "the body came too slowly";
            Err(Refusal::invalid(
                StatusCode::REQUEST_TIMEOUT,
                "slow-body",
                message,
            ))
        })
}

/// Refuses a body that is announced as too large; a chunked one is not announced.
fn check_announced(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_LENGTH) else {
        return Ok(());
    };
    // A number that is no u32 is larger than the cap; hyper refuses what is no number.
    let length = value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<u32>().ok());
    match length {
        Some(length) if length <= CAP => Ok(()),
        _ => Err(too_large()),
    }
}

/// Takes from the budget what has come, not what is announced: who sends nothing takes nothing
/// from others.
async fn collect<B>(body: B, budget: &Budget) -> Result<Taken, Refusal>
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let mut share = budget.take(0)?;
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let message = "the body broke off";
            return Err(Refusal::invalid(
                StatusCode::BAD_REQUEST,
                "broken-body",
                message,
            ));
        };
        // Trailers are not looked at.
        if let Ok(data) = frame.into_data() {
            if collected.len() + data.len() > CAP as usize {
                return Err(too_large());
            }
            share.merge(budget.take(data.len())?);
            collected.extend_from_slice(&data);
        }
    }
    Ok(Taken {
        bytes: collected.freeze(),
        _share: share,
    })
}

fn too_large() -> Refusal {
    let message = format!("a request has at most {CAP} bytes");
    Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http::header::CONTENT_LENGTH;
    use http::{HeaderMap, HeaderValue};
    use http_body_util::{Full, channel::Channel};

    use super::{Budget, CAP, read};

    fn length(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from_str(value).unwrap())])
    }

    async fn reason(headers: &HeaderMap, body: Vec<u8>, budget: &Budget) -> Option<&'static str> {
        read(headers, Full::new(Bytes::from(body)), budget)
            .await
            .err()
            .map(|refusal| refusal.reason())
    }

    #[tokio::test]
    async fn a_body_of_the_cap_passes_and_one_byte_more_does_not() {
        let budget = Budget::new(CAP as usize);
        let cap = CAP as usize;
        assert_eq!(
            reason(&HeaderMap::new(), vec![b' '; cap], &budget).await,
            None
        );
        assert_eq!(
            reason(&HeaderMap::new(), vec![b' '; cap + 1], &budget).await,
            Some("too-large")
        );
    }

    #[tokio::test]
    async fn an_announced_length_beyond_the_cap_is_refused_before_reading() {
        let budget = Budget::new(CAP as usize);
        for value in ["262145", "4294967296", "99999999999999999999"] {
            // The body never ends: reading it would not return.
            let (_sender, body) = Channel::<Bytes, Infallible>::new(1);
            let refusal = read(&length(value), body, &budget).await.unwrap_err();
            assert_eq!(refusal.reason(), "too-large", "{value}");
        }
    }

    #[tokio::test]
    async fn the_budget_is_shared_and_comes_back() {
        let budget = Budget::new(100);
        let body = vec![b' '; 60];
        let taken = read(&length("60"), Full::new(Bytes::from(body.clone())), &budget)
            .await
            .unwrap();
        assert_eq!(
            reason(&length("60"), body.clone(), &budget).await,
            Some("overload")
        );
        drop(taken);
        assert_eq!(reason(&length("60"), body, &budget).await, None);
        assert_eq!(budget.0.available_permits(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_takes_nothing_from_others() {
        let budget = Budget::new(CAP as usize);
        let (_sender, body) = Channel::<Bytes, Infallible>::new(1);
        let headers = HeaderMap::new();
        let waiting = read(&headers, body, &budget);
        let other = async {
            let other = reason(&headers, b"{}".to_vec(), &budget).await;
            assert_eq!(other, None);
        };
        let (waiting, ()) = tokio::join!(waiting, other);
        assert_eq!(waiting.unwrap_err().reason(), "slow-body");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_given_up() {
        let budget = Budget::new(CAP as usize);
        let (_sender, body) = Channel::<Bytes, Infallible>::new(1);
        let refusal = read(&HeaderMap::new(), body, &budget).await.unwrap_err();
        assert_eq!(refusal.reason(), "slow-body");
        assert_eq!(budget.0.available_permits(), CAP as usize);
    }
}
