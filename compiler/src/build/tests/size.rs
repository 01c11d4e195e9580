//! What is said of the length of the dispatch server's files, held against the files.

use std::path::Path;

use bailiwick_organisation::Organisation;

use super::{checked, example, root};
use crate::backend::{self, DefinitionFiles};
use crate::bundle;
use crate::checks::Checked;
use crate::source::Disk;

/// For each cluster target, what is said and how long its longest file is.
fn lengths(checked: &Checked) -> Vec<(usize, usize)> {
    let environments = checked.environments().values();
    let lengths = environments.filter_map(|environment| {
        let bundle = bundle::build(&checked.catalog().groups, environment);
        let serving = bundle::serving(&checked.catalog().groups, environment)?;
        let said = backend::longest(environment, &serving).unwrap();
        let definitions = DefinitionFiles::of(&[environment]).unwrap();
        let files = backend::runtime(&bundle, &definitions).unwrap();
        Some((said, files.values().map(Vec::len).max().unwrap()))
    });
    lengths.collect()
}

#[test]
fn no_file_is_longer_than_what_is_said() {
    let engines = root("compiler/tests/engines");
    let loaders = [
        example("environments"),
        example("quickstart"),
        Disk::open(&engines).unwrap(),
    ];
    let lengths: Vec<(usize, usize)> = loaders
        .iter()
        .flat_map(|loader| lengths(&checked(loader)))
        .collect();
    assert!(lengths.len() > 3);
    for (said, longest) in lengths {
        assert!(said >= longest, "{said} {longest}");
    }
}

/// Were it not close, the files of large catalogs would be made for nothing.
#[test]
fn what_is_said_is_close() {
    let place = tempfile::tempdir().unwrap();
    Organisation::new(500, 1).write(place.path()).unwrap();
    let lengths = lengths(&checked(&Disk::open(Path::new(place.path())).unwrap()));
    assert_eq!(lengths.len(), 3);
    for (said, longest) in lengths {
        let is_close = said >= longest && said < longest + longest / 2;
        assert!(is_close, "{said} {longest}");
    }
}
