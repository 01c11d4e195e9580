//! Roles and agents.

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::checks::owners::EMPTY_ROLE;
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::{Agent, Identity, Kind, OidcWho, Role};
use crate::source::At;

use super::{File, Lowering, read, settings};

impl Lowering<'_> {
    pub(super) fn role(&mut self, item: &Item, file: &File) {
        let Some(name) = self.new_name(item, Kind::Role) else {
            return;
        };
        let allowed = item.all("allow").flat_map(|allow| allow.arguments("tools"));
        let role = Role {
            team: self.owner(item, file),
            allow: allowed.filter_map(read::pattern).collect(),
            describe: settings::describe(item),
            limit: settings::limit(item, self.found),
            timeout: settings::timeout(item),
            approvals: settings::approvals(item),
            narrowings: settings::narrowings(item, self.found),
            loc: item.loc,
            name: name.clone(),
        };
        if role.allow.is_empty() && !item.broken {
            self.found.push(
                EMPTY_ROLE
                    .at(name.loc, format!("role `{}` allows nothing", name.value))
                    .help("write `allow` with its tools, or remove the role"),
            );
        }
        let first = self
            .catalog
            .roles
            .get(&name.value)
            .map(|first| first.name.loc);
        if self.is_first(Kind::Role, &name, first) {
            self.catalog.roles.insert(name.value.clone(), role);
        }
    }

    pub(super) fn agent(&mut self, item: &Item, file: &File) {
        let Some(name) = self.new_name(item, Kind::Agent) else {
            return;
        };
        let Some(team) = self.required_owner(item, file) else {
            self.catalog.poisoned.insert((Kind::Agent, name.value));
            return;
        };
        let identity = identity(item, self.found);
        if identity.is_none() && item.child("identity").is_some() {
            // What is wrong with it is reported; it is not missing.
            self.catalog
                .poisoned
                .insert((Kind::Agent, name.value.clone()));
        }
        let agent = Agent {
            team,
            identity,
            describe: settings::describe(item),
            limit: settings::limit(item, self.found),
            delegates: item
                .child("delegate")
                .map_or(&[][..], |delegate| delegate.arguments("agent"))
                .iter()
                .filter_map(read::name)
                .collect(),
            loc: item.loc,
            name: name.clone(),
        };
        let first = self
            .catalog
            .agents
            .get(&name.value)
            .map(|first| first.name.loc);
        if self.is_first(Kind::Agent, &name, first) {
            self.catalog.agents.insert(name.value.clone(), agent);
        }
    }
}

/// Properties of each kind of identity.
const OF_KIND: [(&str, &[&str]); 3] = [
    ("kubernetes", &KUBERNETES),
    ("oidc", &["subject", "group", "client"]),
    ("spiffe", &["id"]),
];
const KUBERNETES: [&str; 2] = ["namespace", "service-account"];

/// The `identity` of an agent or a patch.
pub(super) fn identity(parent: &Item, found: &mut Vec<Diagnostic>) -> Option<At<Identity>> {
    let item = parent.child("identity")?;
    let kind = item.argument("kind").and_then(read::word)?;
    let of_others = OF_KIND.iter().filter(|(other, _)| *other != kind);
    let mut foreign = of_others.flat_map(|(_, names)| *names);
    if let Some((name, at)) = foreign.find_map(|name| Some((name, item.property(name)?))) {
        found.push(CONFLICTING_NODES.at(
            at.loc,
            format!("an identity of kind {kind} has no `{name}`"),
        ));
        return None;
    }
    let identity = match kind {
        "oidc" => oidc(item, found),
        "spiffe" => spiffe(item, found),
        _ => kubernetes(item, found),
    };
    identity.map(|value| At {
        value,
        loc: item.loc,
    })
}

fn spiffe(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Identity> {
    if item.property("id").is_none() && !item.broken {
        found.push(MISSING_PART.at(item.head, "an identity of kind spiffe needs `id=`"));
    }
    Some(Identity::Spiffe {
        issuer: item.property("issuer").and_then(read::name),
        id: item.property("id").and_then(read::text)?.value,
    })
}

fn kubernetes(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Identity> {
    for needed in KUBERNETES {
        if item.property(needed).is_none() && !item.broken {
            found.push(MISSING_PART.at(
                item.head,
                format!("an identity of kind kubernetes needs `{needed}=`"),
            ));
        }
    }
    Some(Identity::Kubernetes {
        issuer: item.property("issuer").and_then(read::name),
        namespace: item.property("namespace").and_then(read::text)?.value,
        service_account: item.property("service-account").and_then(read::text)?.value,
    })
}

fn oidc(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Identity> {
    let subject = item.property("subject").and_then(read::text);
    let group = item.property("group").and_then(read::name);
    let who = match (subject, group) {
        (Some(subject), None) => OidcWho::Subject(subject.value),
        (None, Some(group)) => OidcWho::Group(group),
        (Some(subject), Some(group)) => {
            found.push(
                CONFLICTING_NODES
                    .at(group.loc, "`subject` and `group` exclude each other")
                    .and(subject.loc, "the subject is here"),
            );
            return None;
        }
        (None, None) => {
            if !item.broken {
                found.push(MISSING_PART.at(
                    item.head,
                    "an identity of kind oidc needs `subject=` or `group=`",
                ));
            }
            return None;
        }
    };
    let client = item.property("client").and_then(read::text);
    if client.is_none() && item.broken {
        // It may be what has the mistake, and without it others may seem to be the same.
        return None;
    }
    Some(Identity::Oidc {
        issuer: item.property("issuer").and_then(read::name),
        who,
        client: client.map(|client| client.value),
    })
}
