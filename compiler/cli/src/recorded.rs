//! Reads a recorded list of tools.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use bailiwick_compiler::lock::Recording;

use crate::failure::Failure;

/// Reads the recording in a file.
///
/// # Errors
/// When it cannot be read, is too large, or is no recording.
pub(crate) fn read(path: &Path) -> Result<Recording, Failure> {
    let failed = || Failure::io("read", path);
    let file = fs::File::open(path).map_err(failed())?;
    let mut bytes = Vec::new();
    file.take(Recording::MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed())?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > Recording::MAX_BYTES) {
        return Err(Failure::Usage(format!(
            "`{}` has more than {} bytes",
            path.display(),
            Recording::MAX_BYTES
        )));
    }
    Recording::parse(&bytes).map_err(|source| Failure::Recording {
        path: path.display().to_string(),
        source,
    })
}
