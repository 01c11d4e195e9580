//! What the front makes of one config.

use std::sync::Arc;

use tokio::sync::watch;

use crate::edge::{Endpoint, EndpointError};
use crate::identity::{Challenge, Fetcher, Verifier};
use crate::walk::Snapshot;

/// One config, and what the front made of it.
#[derive(Debug)]
pub(crate) struct Served {
    pub(super) endpoint: Endpoint,
    pub(super) challenge: Challenge,
    pub(super) verifier: Verifier,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Served {
    /// Keys that were fetched for `previous` are taken over.
    pub(crate) fn new(
        snapshot: Arc<Snapshot>,
        fetcher: &Fetcher,
        previous: Option<&Self>,
    ) -> Result<Self, EndpointError> {
        let config = snapshot.config();
        let endpoint = Endpoint::parse(&config.endpoint.url)?;
        Ok(Self {
            challenge: Challenge::new(config, &endpoint),
            verifier: Verifier::new(config, fetcher, previous.map(|served| &served.verifier)),
            endpoint,
            snapshot,
        })
    }

    /// Why tokens cannot be verified now, one line each.
    pub(crate) fn unready(&self) -> Vec<String> {
        self.verifier.unready()
    }
}

/// Follows the configs for as long as there are any. One that cannot be served leaves the one
/// before it in place. `announced` gets what is served only when requests meet it already: who hears of
/// a change and asks sees it.
pub(crate) async fn follow(
    mut snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
    fetcher: Fetcher,
    served: watch::Sender<Option<Arc<Served>>>,
    announced: watch::Sender<Option<Arc<Snapshot>>>,
) {
    loop {
        if let Some(snapshot) = snapshots.borrow_and_update().clone() {
            let previous = served.borrow().clone();
            match Served::new(Arc::clone(&snapshot), &fetcher, previous.as_deref()) {
                Ok(new) => {
                    served.send_replace(Some(Arc::new(new)));
                    announced.send_replace(Some(snapshot));
                }
                Err(error) => tracing::error!(%error, "the config cannot be served"),
            }
        }
        if snapshots.changed().await.is_err() {
            return;
        }
    }
}
