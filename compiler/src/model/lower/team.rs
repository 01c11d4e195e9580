//! Whose a thing is: the folder says it, or `team=` does.

use crate::checks::language::MISSING_PART;
use crate::checks::names::OUTSIDE_AUTHORITY;
use crate::grammar::Item;
use crate::model::Name;
use crate::source::At;

use super::{File, Folder, Lowering, read};

impl Lowering<'_> {
    /// The team that owns what `item` defines. In a team's folder it is implied, and if written
    /// must match.
    pub(super) fn owner(&mut self, item: &Item, file: &File) -> Option<At<Name>> {
        let written = item.property("team").and_then(read::name);
        match &file.folder {
            Folder::Root => written,
            Folder::Team(folder) => {
                if let Some(written) = written.filter(|written| written.value != *folder) {
                    self.found.push(
                        OUTSIDE_AUTHORITY
                            .at(
                                written.loc,
                                format!(
                                    "files of `{folder}` may not define things of `{}`",
                                    written.value
                                ),
                            )
                            .help(format!(
                                "leave `team=` out, or move the definition to `catalogs/{}/`",
                                written.value
                            )),
                    );
                }
                Some(At {
                    value: folder.clone(),
                    loc: item.head,
                })
            }
        }
    }

    /// The owner of a thing that must have one.
    pub(super) fn required_owner(&mut self, item: &Item, file: &File) -> Option<At<Name>> {
        let owner = self.owner(item, file);
        if owner.is_none() && !item.broken {
            let kind = item.row.name;
            self.found.push(
                MISSING_PART
                    .at(item.head, format!("`{kind}` needs `team=` in a root file"))
                    .help("write `team=`, or move it to the folder of its team"),
            );
        }
        owner
    }
}
