//! Notices when a file below `catalogs/` changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{MissedTickBehavior, interval};

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(300);

/// Most files looked at.
const LIMIT: usize = 100_000;

type Marks = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The state of the files when they were last looked at.
#[derive(Debug)]
pub(crate) struct Watch {
    folder: PathBuf,
    seen: Marks,
}

impl Watch {
    /// Looks at the files now.
    pub(crate) fn new(root: &Path) -> Self {
        let folder = root.join("catalogs");
        let seen = marks(&folder);
        Self { folder, seen }
    }

    /// Waits until a file is new, gone or changed, and has stayed so for one look: editors write
    /// in several steps.
    pub(crate) async fn changed(&mut self) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = marks(&self.folder);
        loop {
            ticks.tick().await;
            let now = marks(&self.folder);
            if now != self.seen && now == last {
                self.seen = now;
                return;
            }
            last = now;
        }
    }
}

fn marks(folder: &Path) -> Marks {
    let mut marks = Marks::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // A folder that cannot be read is reported by the compiler.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if let Ok(facts) = entry.metadata()
                && marks.len() < LIMIT
            {
                if facts.is_dir() {
                    folders.push(entry.path());
                } else {
                    marks.insert(entry.path(), (facts.modified().ok(), facts.len()));
                }
            }
        }
    }
    marks
}
