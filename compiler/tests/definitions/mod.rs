//! What holds of every definition file and recorded list of tools, whatever the bytes were.

use std::collections::BTreeMap;

use bailiwick_compiler::lock::{DefinitionFile, Origin, Recording, definition_digest};

/// Reads bytes as both. Whether one of them was accepted.
pub(crate) fn check_bytes(bytes: &[u8]) -> bool {
    let file = DefinitionFile::parse(bytes);
    if let Ok(file) = &file {
        check_round_trip(file);
    }
    let recording = Recording::parse(bytes);
    if let Ok(recording) = &recording {
        let origin = Origin {
            command: Some(vec!["server".to_owned()]),
            ..Origin::default()
        };
        let file = recording.listing.locked("server", "1", &origin, None);
        // A recording may have what no definition file may: tools without names, or with one name.
        if file.tools_by_name().is_ok() {
            check_round_trip(&file);
        }
    }
    file.is_ok() || recording.is_ok()
}

/// What is written is read as what it was, and written again as the same bytes.
fn check_round_trip(file: &DefinitionFile) {
    let text = file.to_text().expect("what was accepted can be written");
    let again = DefinitionFile::parse(text.as_bytes())
        .unwrap_or_else(|error| panic!("{error} in what was written:\n{text}"));
    assert_eq!(again.to_text().expect("the same file"), text);
    assert_eq!(again.origin(), file.origin());
    assert_eq!(again.image, file.image);
    assert_eq!(again.instructions, file.instructions);
    assert_eq!(again.server_info, file.server_info);
    assert_eq!(
        [&again.protocol, &again.revision, &again.server],
        [&file.protocol, &file.revision, &file.server]
    );
    assert_eq!(digests(&again), digests(file));
}

fn digests(file: &DefinitionFile) -> BTreeMap<String, String> {
    let tools = file.tools_by_name().expect("tools have names");
    let tools = tools.into_iter().map(|(name, definition)| {
        let digest = definition_digest(definition).expect("definitions are JSON");
        (name, digest.to_string())
    });
    tools.collect()
}
