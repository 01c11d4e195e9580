//! Puts the bridge's own program where another container finds it.

use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

/// Copies the running program to `file`, which is whole whenever it is there.
///
/// # Errors
/// When the program cannot be read or the file not be written.
pub fn install(file: &Path) -> io::Result<()> {
    let mut beside = OsString::from(file);
    beside.push(".new");
    // The permissions come with it.
    fs::copy(std::env::current_exe()?, &beside)?;
    fs::rename(&beside, file)
}
