//! Environments: issuers, ceilings and the dispatch server.

use std::collections::BTreeMap;

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART, WRONG_TYPE};
use crate::checks::names::UNKNOWN_REFERENCE;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Item, Value};
use crate::model::{
    Deny, Dispatch, Issuer, IssuerKind, JwksSource, Kind, Name, Namespaces, Network, Target, Tier,
    TlsSource,
};
use crate::source::{At, LoadError, Loader, Loc};

use super::{File, Lowering, dispatch, duplicate, read, settings};

/// Longest accepted lifetime of a token where none is written: one hour, in seconds.
const DEFAULT_MAX_AGE: u64 = 3_600;

/// Size of the audit volume where none is written.
const DEFAULT_AUDIT_VOLUME: &str = "10Gi";

/// The word for the keys of the cluster itself.
const CLUSTER: &str = "cluster";

/// Largest file of keys, bytes.
const LARGEST_KEY_SET: u64 = 256 * 1_024;

impl Lowering<'_> {
    pub(super) fn environment(&mut self, item: &Item, file: &File) {
        let Some(name) = self.new_name(item, Kind::Environment) else {
            return;
        };
        if item.broken {
            // What has the mistake may be an issuer that is missing now.
            let unclear = (Kind::Issuer, name.value.clone());
            self.catalog.poisoned.insert(unclear);
        }
        let target = Target {
            tier: tier(item),
            after: item.property("after").and_then(read::name),
            namespace: namespace(item, &name),
            namespaces: namespaces(item),
            network: network(item),
            registries: item
                .all("registry")
                .flat_map(|registry| registry.arguments("patterns"))
                .filter_map(read::image_pattern)
                .collect(),
            deny: item.all("deny").filter_map(deny).collect(),
            issuers: self.issuers(item, file),
            dispatch: item
                .child("dispatch")
                .and_then(|dispatch| self.dispatch(dispatch)),
            limit: settings::limit(item, self.found),
            timeout: settings::timeout(item),
            approvals: settings::approvals(item),
            record: settings::record(item, self.found),
            name: name.clone(),
        };
        if target.tier != Tier::Dev && item.child("dispatch").is_none() && !item.broken {
            self.found.push(
                MISSING_PART
                    .at(
                        item.head,
                        format!(
                            "`{}` is of tier stage or prod and needs a `dispatch` node",
                            name.value
                        ),
                    )
                    .help("only an environment of tier dev can be without a cluster"),
            );
        }
        let first = self
            .catalog
            .environments
            .get(&name.value)
            .map(|first| first.name.loc);
        if self.is_first(Kind::Environment, &name, first) {
            self.catalog.environments.insert(name.value.clone(), target);
        }
    }

    fn issuers(&mut self, environment: &Item, file: &File) -> BTreeMap<Name, Issuer> {
        let mut issuers: BTreeMap<Name, Issuer> = BTreeMap::new();
        for item in environment.all("issuer") {
            if item.broken {
                let label = item.label.clone();
                self.catalog
                    .poisoned
                    .extend(label.map(|label| (Kind::Issuer, label)));
            }
            let Some(issuer) = self.issuer(item, file) else {
                continue;
            };
            if let Some(first) = issuers.get(&issuer.name.value) {
                let again = duplicate(
                    "issuer",
                    &issuer.name.value,
                    issuer.name.loc,
                    first.name.loc,
                );
                self.found.push(again);
            } else {
                issuers.insert(issuer.name.value.clone(), issuer);
            }
        }
        issuers
    }

    fn issuer(&mut self, item: &Item, file: &File) -> Option<Issuer> {
        let jwks = match item.property("jwks").and_then(read::text) {
            None => JwksSource::Discovery,
            Some(word) if word.value == CLUSTER => JwksSource::Cluster(word.loc),
            Some(url) if url.value.starts_with("https://") => JwksSource::Url(url),
            Some(path) => match key_set(&path, file, self.loader) {
                Ok(keys) => JwksSource::File(path, keys),
                Err(wrong) => {
                    self.found.push(*wrong);
                    JwksSource::Discovery
                }
            },
        };
        let written = item.property("kind")?;
        let kind = At {
            value: match read::word(written)? {
                "oidc" => IssuerKind::Oidc,
                "spiffe" => IssuerKind::Spiffe,
                _ => IssuerKind::Kubernetes,
            },
            loc: written.loc,
        };
        let ca = item.property("ca").and_then(read::text);
        let not_fetched = match &jwks {
            JwksSource::File(path, _) => Some((path.loc, "these are read at build")),
            JwksSource::Cluster(loc) => Some((*loc, "the cluster's own is trusted here")),
            JwksSource::Discovery | JwksSource::Url(_) => None,
        };
        if let (Some(ca), Some((loc, why))) = (&ca, not_fetched) {
            self.found.push(
                CONFLICTING_NODES
                    .at(ca.loc, "`ca` is for keys that are fetched by URL")
                    .and(loc, why),
            );
        }
        Some(Issuer {
            name: item.argument("name").and_then(read::name)?,
            token_review: token_review(item, kind.value, self.found),
            kind,
            ca: ca.map(|ca| At {
                value: Name::trusted(&ca.value),
                loc: ca.loc,
            }),
            url: item.property("url").and_then(read::text)?,
            audience: item.property("audience").and_then(read::text),
            jwks,
            max_age: item
                .property("max-age")
                .and_then(read::number)
                .map_or(DEFAULT_MAX_AGE, |age| age.value / 1_000),
        })
    }

    fn dispatch(&mut self, item: &Item) -> Option<Dispatch> {
        let argument = |node: &str, name: &str| item.child(node)?.argument(name).cloned();
        // Read before anything returns: one mistake must not hide the others.
        let settings = dispatch::settings(item, self.found);
        let tls = item
            .child("tls")
            .and_then(|tls| tls_source(tls, self.found));
        let deployers = item.child("deployers")?.arguments("subject").iter();
        Some(Dispatch {
            image: argument("image", "reference")
                .as_ref()
                .and_then(read::image)?,
            url: argument("url", "url").as_ref().and_then(read::text)?,
            replicas: argument("replicas", "replicas")
                .as_ref()
                .and_then(read::small)
                .unwrap_or(At {
                    value: 1,
                    loc: item.head,
                }),
            tls: tls?,
            audit_volume: item
                .child("audit")
                .and_then(|audit| audit.property("volume"))
                .and_then(read::text)
                .map_or_else(|| DEFAULT_AUDIT_VOLUME.to_owned(), |volume| volume.value),
            settings,
            deployers: deployers
                .filter_map(|at| {
                    let Value::Deployer(deployer) = &at.value else {
                        return None;
                    };
                    Some(read::with(at, deployer.clone()))
                })
                .collect(),
            loc: item.loc,
        })
    }
}

/// Where `token-review=always` is written.
fn token_review(item: &Item, kind: IssuerKind, found: &mut Vec<Diagnostic>) -> Option<Loc> {
    let written = item.property("token-review")?;
    if kind != IssuerKind::Kubernetes {
        let message = format!("an issuer of kind {} has no `token-review`", kind.word());
        found.push(
            CONFLICTING_NODES
                .at(written.loc, message)
                .help("the API server knows the tokens of service accounts alone"),
        );
        return None;
    }
    (read::word(written)? == "always").then_some(written.loc)
}

fn tier(item: &Item) -> Tier {
    match item.property("tier").and_then(read::word) {
        Some("stage") => Tier::Stage,
        Some("prod") => Tier::Prod,
        _ => Tier::Dev,
    }
}

fn network(item: &Item) -> Network {
    let network = item.child("network");
    let kind = network.and_then(|network| network.argument("kind"));
    match kind.and_then(read::word) {
        Some("cilium") => Network::Cilium,
        // What is wrong with it is reported; nothing is said of what another would hold.
        None if network.is_some_and(|network| network.broken) => Network::Cilium,
        _ => Network::Kubernetes,
    }
}

fn namespaces(item: &Item) -> Namespaces {
    let node = item.child("namespaces");
    let written = node.and_then(|node| Some((node, node.argument("of")?)));
    match written.and_then(|(node, of)| Some((node, read::word(of)?))) {
        Some((node, "team")) => Namespaces::Team(node.loc),
        _ => Namespaces::Environment,
    }
}

fn namespace(item: &Item, name: &At<Name>) -> At<Name> {
    match item.property("namespace").and_then(read::text) {
        Some(written) => At {
            value: Name::trusted(&written.value),
            loc: written.loc,
        },
        None => At {
            value: Name::trusted(&format!("mcp-{}", name.value)),
            loc: name.loc,
        },
    }
}

fn deny(item: &Item) -> Option<Deny> {
    Some(Deny {
        patterns: item
            .arguments("tools")
            .iter()
            .filter_map(read::pattern)
            .collect(),
        reason: item.property("reason").and_then(read::text)?.value,
        loc: item.loc,
    })
}

/// Exactly one of `none`, `secret` and `issuer`.
fn tls_source(item: &Item, found: &mut Vec<Diagnostic>) -> Option<At<TlsSource>> {
    let named = |property: &str| {
        let text = item.property(property).and_then(read::text)?;
        Some(Name::trusted(&text.value))
    };
    let kind = item.property("kind");
    let sources: Vec<TlsSource> = [
        item.argument("word").map(|_| TlsSource::None),
        named("secret").map(TlsSource::Secret),
        named("issuer").map(|name| TlsSource::Issuer {
            name,
            cluster: kind.and_then(read::word) != Some("Issuer"),
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let one_of = "exactly one of `none`, `secret=` and `issuer=`";
    match <[TlsSource; 1]>::try_from(sources) {
        Ok([source]) => {
            if let (Some(kind), TlsSource::None | TlsSource::Secret(_)) = (kind, &source) {
                found.push(CONFLICTING_NODES.at(kind.loc, "`kind` is for `issuer=` alone"));
            }
            Some(At {
                value: source,
                loc: item.loc,
            })
        }
        Err(sources) if item.broken || sources.is_empty() => {
            if !item.broken {
                found.push(MISSING_PART.at(item.head, format!("`tls` needs {one_of}")));
            }
            None
        }
        Err(_) => {
            found.push(CONFLICTING_NODES.at(item.loc, format!("`tls` takes {one_of}")));
            None
        }
    }
}

/// Reads the keys of an issuer from a file beside the `.kdl`.
fn key_set(
    path: &At<String>,
    file: &File,
    loader: &dyn Loader,
) -> Result<serde_json::Value, Box<Diagnostic>> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let full = format!("{folder}/{}", path.value);
    let bytes = loader.read(&full, LARGEST_KEY_SET).map_err(|error| {
        let reason = match error {
            LoadError::Io { .. } => "it is missing or cannot be read",
            LoadError::TooLarge { .. } => "it is too large for a key set",
            LoadError::Outside { .. } => "it leads out of the folder",
        };
        let missing = UNKNOWN_REFERENCE
            .at(path.loc, format!("no file `{}`: {reason}", path.value))
            .help(format!("it is looked for at `{full}`"));
        Box::new(missing)
    })?;
    let keys: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    keys.filter(|keys| keys.get("keys").is_some_and(serde_json::Value::is_array))
        .ok_or_else(|| {
            Box::new(WRONG_TYPE.at(
                path.loc,
                format!(
                    "expected a JSON Web Key Set, an object with `keys`, in `{}`",
                    path.value
                ),
            ))
        })
}
