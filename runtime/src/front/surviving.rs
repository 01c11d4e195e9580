//! Work that goes on when nobody waits for it any more.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A future that runs in the task that waits for it. Dropped before its end, it goes on in a task
/// of its own, so that most of the time there is none to start and to wake.
pub(super) struct Surviving<T: Send + 'static> {
    /// None once it ended.
    work: Option<Work<T>>,
    tasks: TaskTracker,
    /// Counts it among the tasks from its beginning.
    _token: TaskTrackerToken,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Surviving<T> {
    /// `work`, which `tasks` waits for.
    pub(super) fn new(tasks: &TaskTracker, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            work: Some(Box::pin(work)),
            tasks: tasks.clone(),
            _token: tasks.token(),
        }
    }
}

impl<T: Send + 'static> Future for Surviving<T> {
    /// What the work panicked with, where it did.
    type Output = Result<T, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        // After a panic the work is never looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        let output = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(panic) => Err(panic),
        };
        self.work = None;
        Poll::Ready(output)
    }
}

impl<T: Send + 'static> Drop for Surviving<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take()
            && let Ok(runtime) = Handle::try_current()
        {
            drop(self.tasks.spawn_on(work, &runtime));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio_util::task::TaskTracker;

    use super::Surviving;

    #[tokio::test]
    async fn work_that_nobody_waits_for_goes_on_and_is_waited_for_at_the_end() {
        let tasks = TaskTracker::new();
        let (go, gone) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let mut work = Box::pin(Surviving::new(&tasks, async move {
            gone.await.unwrap();
            done.send(()).unwrap();
        }));
        assert!(is_pending(&mut work).await);
        drop(work);
        tasks.close();
        go.send(()).unwrap();
        tasks.wait().await;
        is_done.await.unwrap();
    }

    #[tokio::test]
    async fn work_is_waited_for_before_it_is_dropped() {
        let tasks = TaskTracker::new();
        let work = Surviving::new(&tasks, async {});
        assert_eq!(tasks.len(), 1);
        work.await.unwrap();
        assert!(tasks.is_empty());
    }

    #[tokio::test]
    async fn a_panic_ends_the_work_alone() {
        let tasks = TaskTracker::new();
        let is_well = std::hint::black_box(false);
        let broken = Surviving::new(&tasks, async move { assert!(is_well, "it breaks off") });
        assert!(broken.await.is_err());
        assert!(tasks.is_empty());
    }

    /// Polls once; says whether there is more to wait for.
    async fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            let polled = std::pin::Pin::new(&mut *future).poll(context);
            std::task::Poll::Ready(polled.is_pending())
        })
        .await
    }
}
