//! How many streams each client has open: one stays open for as long as its token holds, so one
//! client could otherwise take all connections.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::identity::{Caller, Client};

/// Most streams of one client at the same time.
const STREAMS: usize = 64;

/// All open streams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<BTreeMap<Client, usize>>>);

/// A stream's place, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    client: Client,
}

impl Streams {
    /// A place for one more stream of this client; none when it has too many.
    pub(crate) fn enter(&self, caller: &Caller) -> Option<Place> {
        let client = caller.client();
        let mut open = self.lock();
        let count = open.entry(client.clone()).or_default();
        if *count >= STREAMS {
            return None;
        }
        *count += 1;
        Some(Place {
            streams: self.clone(),
            client,
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Client, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STREAMS, Streams};
    use crate::identity::Caller;

    #[test]
    fn a_client_has_so_many_streams_and_another_one_as_many() {
        let streams = Streams::default();
        let (one, other) = (Caller::for_test("one"), Caller::for_test("other"));
        let mut open: Vec<_> = (0..STREAMS).map(|_| streams.enter(&one).unwrap()).collect();
        assert!(streams.enter(&one).is_none());
        let _other = streams.enter(&other).unwrap();
        drop(open.pop());
        open.push(streams.enter(&one).unwrap());
        drop(open);
        assert_eq!(streams.lock().len(), 1, "nothing is kept of who has none");
    }
}
