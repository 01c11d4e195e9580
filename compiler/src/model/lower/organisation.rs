//! The organisation: its name and data classes, groups, teams, and roles that exclude each other.

use std::sync::Arc;

use crate::checks::language::MISSING_PART;
use crate::checks::names::BAD_NAME;
use crate::grammar::Item;
use crate::grammar::value::UNTRUSTED;
use crate::model::{DataClasses, Exclusive, Group, Kind, Name, Team};
use crate::source::At;

use super::{Lowering, duplicate, read};

impl Lowering<'_> {
    pub(super) fn organisation(&mut self, item: &Item) {
        if let Some(name) = item.argument("name").and_then(read::name) {
            self.catalog.name.get_or_insert(name);
        }
        let Some(classes) = item.child("data-classes") else {
            return;
        };
        if self.catalog.classes.loc.is_none() {
            self.catalog.classes = self.data_classes(classes);
        }
    }

    /// The organisation as a team's file has it. Which classes of data it would bring is not asked.
    pub(super) fn refused_organisation(&mut self, item: &Item) {
        let is_declared = self.catalog.classes.loc.is_some();
        self.organisation(item);
        self.catalog.classes.broken |= !is_declared && self.catalog.classes.loc.is_some();
    }

    fn data_classes(&mut self, item: &Item) -> DataClasses {
        let mut names: Vec<At<Name>> = Vec::new();
        for name in item.arguments("class").iter().filter_map(read::name) {
            if let Some(first) = names.iter().find(|first| first.value == name.value) {
                let again = duplicate("data class", &name.value, name.loc, first.loc);
                self.found.push(again);
                continue;
            }
            if *name.value == *UNTRUSTED {
                let taken = format!("no data class can be called `{UNTRUSTED}`");
                self.found.push(BAD_NAME.at(name.loc, taken).help(
                    "in `no-flow` the word is what strangers can write; choose another name",
                ));
            }
            names.push(name);
        }
        let names = names.into_iter().map(|name| name.value).collect();
        let private = item.property("private").and_then(read::name);
        let mut classes = DataClasses::new(names, private, item.loc);
        classes.broken = item.broken;
        classes
    }

    pub(super) fn group(&mut self, item: &Item) {
        let Some(name) = self.new_name(item, Kind::Group) else {
            return;
        };
        let text = |property: &str| Some(item.property(property).and_then(read::text)?.value);
        let group = Group {
            idp: text("idp").unwrap_or_else(|| name.value.to_string()),
            codeowners: text("codeowners"),
            name: name.clone(),
        };
        let first = self.catalog.groups.get(&name.value);
        let first = first.map(|first| first.name.loc);
        if self.is_first(Kind::Group, &name, first) {
            Arc::make_mut(&mut self.catalog.groups).insert(name.value, group);
        }
    }

    pub(super) fn team(&mut self, item: &Item) {
        let Some(name) = self.new_name(item, Kind::Team) else {
            return;
        };
        let owners = item.all("owner").flat_map(|owner| owner.arguments("group"));
        let team = Team {
            owners: owners.filter_map(read::name).collect(),
            loc: item.loc,
            name: name.clone(),
        };
        let first = self.catalog.teams.get(&name.value);
        let first = first.map(|first| first.name.loc);
        if self.is_first(Kind::Team, &name, first) {
            Arc::make_mut(&mut self.catalog.teams).insert(name.value, team);
        }
    }

    pub(super) fn exclusive(&mut self, item: &Item) {
        let Some(reason) = item.property("reason").and_then(read::text) else {
            return;
        };
        let roles: Vec<At<Name>> = item
            .arguments("role")
            .iter()
            .filter_map(read::name)
            .collect();
        if let [first, again, ..] = &*roles
            && roles.iter().all(|role| role.value == first.value)
        {
            let role = &first.value;
            self.found.push(
                MISSING_PART
                    .at(
                        again.loc,
                        format!("`exclusive` needs at least 2 roles, and this is `{role}` again"),
                    )
                    .and(first.loc, "first is here")
                    .help(format!(
                        "name the role that nobody may hold together with `{role}`"
                    )),
            );
            return;
        }
        self.catalog.exclusive.push(Exclusive {
            roles,
            reason: reason.value,
            loc: item.loc,
        });
    }
}
