//! Servers and their tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::checks::language::{CONFLICTING_NODES, MISSING_PART};
use crate::checks::names::BAD_NAME;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Item, Value};
use crate::model::{
    Effect, Egress, Kind, Name, SecretKey, Server, ServerSettings, Tool, ToolDefaults, ToolFacts,
    Transport, Visibility, Volume,
};
use crate::source::At;

use super::{File, Lowering, by_key, duplicate, read, settings, upstream, workload};

/// Port of a server over HTTP where none is written.
const DEFAULT_PORT: u16 = 8_080;

/// Path of a server over HTTP where none is written.
const DEFAULT_PATH: &str = "/mcp";

/// Key of a Secret where none is written.
const DEFAULT_KEY: &str = "value";

/// Size of a scratch folder where none is written.
const DEFAULT_SCRATCH: &str = "64Mi";

/// Label that a Service's pods are found by where none is written.
const DEFAULT_POD_LABEL: &str = "app.kubernetes.io/name";

impl Lowering<'_> {
    pub(super) fn server(&mut self, item: &Item, file: &File) {
        let Some(name) = self.new_name(item, Kind::Server) else {
            return;
        };
        let Some(team) = self.required_owner(item, file) else {
            self.catalog.poisoned.insert((Kind::Server, name.value));
            return;
        };
        let server = Server {
            name: name.clone(),
            team,
            describe: settings::describe(item),
            settings: server_settings(item, self.found),
            record: settings::record(item, self.found),
            volumes: self.volumes(item, "volume"),
            scratch: self.volumes(item, "scratch"),
            run_as: workload::run_as(item),
            probe: workload::probe(item, self.found),
            pull_secret: workload::pull_secret(item),
            relay: upstream::relay(item),
            propagate: upstream::propagate(item),
            visible_to: visibility(item),
            tool_defaults: self.tool_defaults(item),
            tools: self.tools(item),
            file: file.id,
            loc: item.loc,
        };
        if format!("{}.json", name.value) == bailiwick_config::CONFIG_FILE {
            let taken = format!("no server can be called `{}`", name.value);
            self.found.push(BAD_NAME.at(name.loc, taken).help(
                "its definitions and the configuration of dispatch would be the same file; choose another name",
            ));
        }
        sync_intent(&server, self.found);
        if !item.broken {
            let before = self.found.len();
            super::super::origin::check(&server, item.head, self.found);
            if self.found.len() > before {
                self.catalog
                    .poisoned
                    .insert((Kind::Server, name.value.clone()));
            }
        }
        let first = self
            .catalog
            .servers
            .get(&name.value)
            .map(|first| first.name.loc);
        if self.is_first(Kind::Server, &name, first) {
            self.catalog
                .servers
                .insert(name.value.clone(), Arc::new(server));
        }
    }

    fn tool_defaults(&mut self, server: &Item) -> ToolDefaults {
        let Some(item) = server.child("tool-defaults") else {
            // It may be what has a mistake.
            return ToolDefaults {
                facts: ToolFacts {
                    is_broken: server.broken,
                    ..ToolFacts::default()
                },
                limit: None,
            };
        };
        ToolDefaults {
            facts: facts(item),
            limit: settings::limit(item, self.found),
        }
    }

    fn tools(&mut self, server: &Item) -> BTreeMap<Name, Tool> {
        let mut tools: BTreeMap<Name, Tool> = BTreeMap::new();
        for item in server.all("tool") {
            let Some(name) = item.argument("name").and_then(read::name) else {
                continue;
            };
            if let Some(first) = tools.get(&name.value) {
                self.found
                    .push(duplicate("tool", &name.value, name.loc, first.name.loc));
                continue;
            }
            let tool = Tool {
                facts: facts(item),
                exposed: item.property("as").and_then(read::name),
                settings: settings::of_tool(item, self.found),
                sensitive: settings::sensitive(item),
                record: settings::record(item, self.found),
                loc: item.loc,
                name: name.clone(),
            };
            tools.insert(name.value, tool);
        }
        tools
    }

    fn volumes(&mut self, server: &Item, node: &str) -> Vec<Volume> {
        let written = server.children.iter().filter(|item| item.row.name == node);
        let volumes = written.filter_map(|item| {
            let path = item.argument("path").and_then(read::text)?;
            let size = match item.property("size").and_then(read::text) {
                Some(size) => size.value,
                None if node == "scratch" => DEFAULT_SCRATCH.to_owned(),
                None => return None,
            };
            let loc = path.loc;
            Some((path.value, At { value: size, loc }))
        });
        let volumes = by_key(node, volumes, self.found);
        let volumes = volumes.into_iter().map(|(path, size)| Volume {
            path: At {
                value: path,
                loc: size.loc,
            },
            size: size.value,
        });
        volumes.collect()
    }
}

/// An answer that does not wait for its outcome to be recorded is for tools that only read.
fn sync_intent(server: &Server, found: &mut Vec<Diagnostic>) {
    for tool in server.tools.values() {
        let sync = tool
            .record
            .as_ref()
            .and_then(|record| record.sync_outcome.as_ref());
        let (Some(sync), false) = (
            sync.filter(|sync| !sync.value),
            server.effect(tool) == Effect::Read,
        ) else {
            continue;
        };
        found.push(
            CONFLICTING_NODES
                .at(
                    sync.loc,
                    format!(
                        "`sync=intent` is for `effect=read` alone, and `{}` is not",
                        tool.name.value
                    ),
                )
                .and(tool.name.loc, "the tool is here")
                .help(
                    "leave it out: what such a call did is on the disk before the answer goes out",
                ),
        );
    }
}

/// The settings that a server or a patch writes.
pub(super) fn server_settings(item: &Item, found: &mut Vec<Diagnostic>) -> ServerSettings {
    let argument = |node: &str, name: &str| item.child(node)?.argument(name);
    ServerSettings {
        version: item.property("version").and_then(read::text),
        image: argument("image", "reference").and_then(read::image),
        args: item.child("args").map(|args| At {
            value: texts(args, "argument"),
            loc: args.loc,
        }),
        command: item
            .child("command")
            .filter(|command| command.argument("program").is_some())
            .map(|command| At {
                value: [texts(command, "program"), texts(command, "argument")].concat(),
                loc: command.loc,
            }),
        url: argument("url", "url").and_then(read::text),
        service: argument("service", "service").and_then(read::pair),
        transport: transport(item, found),
        env: by_key(
            "env",
            item.all("env").filter_map(|env| {
                let name = env.argument("name").and_then(read::text)?;
                Some((name.value, env.argument("value").and_then(read::text)?))
            }),
            found,
        ),
        secrets: by_key("secret", item.all("secret").filter_map(secret), found),
        egress: item
            .all("egress")
            .flat_map(|egress| destinations(egress, found))
            .collect(),
        resources: workload::resources(item, found),
        auth: upstream::auth(item, found),
        limit: settings::limit(item, found),
        timeout: settings::timeout(item),
        retry: settings::retry(item),
    }
}

fn texts(item: &Item, argument: &str) -> Vec<String> {
    let values = item.arguments(argument).iter().filter_map(read::text);
    values.map(|text| text.value).collect()
}

fn secret(item: &Item) -> Option<(String, At<SecretKey>)> {
    let name = item.argument("name").and_then(read::text)?;
    let from = item.property("from").and_then(read::text)?;
    let key = item.property("key").and_then(read::text);
    let secret = SecretKey {
        secret: Name::trusted(&from.value),
        key: key.map_or_else(|| DEFAULT_KEY.to_owned(), |key| key.value),
    };
    Some((
        name.value,
        At {
            value: secret,
            loc: item.loc,
        },
    ))
}

/// How the server speaks. What is not written follows from `command`.
fn transport(item: &Item, found: &mut Vec<Diagnostic>) -> Option<At<Transport>> {
    let node = item.child("transport")?;
    let kind = node.argument("kind").and_then(read::word);
    let port = node.property("port");
    let path = node.property("path");
    if kind.is_none() && port.is_none() && path.is_none() && !node.broken {
        found.push(MISSING_PART.at(
            node.head,
            "`transport` needs `streamable-http`, `stdio`, `port=` or `path=`",
        ));
        return None;
    }
    let stdio = match kind {
        Some(kind) => kind == "stdio",
        None => item.child("command").is_some(),
    };
    if let Some(http_only) = port.or(path).filter(|_| stdio) {
        found.push(
            CONFLICTING_NODES
                .at(http_only.loc, "a stdio server has no port and no path")
                .help("`port` and `path` are for `image` and `service` over HTTP"),
        );
    }
    let url = item.child("url").filter(|_| item.child("image").is_none());
    if let (Some(url), Some(at)) = (url, port.or(path)) {
        found.push(
            CONFLICTING_NODES
                .at(at.loc, "the `url` says port and path already")
                .and(url.loc, "the URL is here"),
        );
    }
    Some(At {
        value: Transport {
            stdio,
            port: port.and_then(read::port).unwrap_or(DEFAULT_PORT),
            path: path
                .and_then(read::text)
                .map_or_else(|| DEFAULT_PATH.to_owned(), |path| path.value),
        },
        loc: node.loc,
    })
}

/// The destinations of one `egress` line: arguments, or a Service with a port.
fn destinations(item: &Item, found: &mut Vec<Diagnostic>) -> Vec<At<Egress>> {
    let written = item.arguments("destination");
    let service = item.property("service").and_then(read::pair);
    let port = item.property("port");
    let pods = item.property("pods").and_then(read::pair);
    let Some(service) = service else {
        if let Some(lonely) = port
            .map(|port| port.loc)
            .or(pods.map(|pods| pods.loc))
            .filter(|_| !item.broken)
        {
            found.push(CONFLICTING_NODES.at(lonely, "`port` and `pods` are for `service=` alone"));
        } else if written.is_empty() && !item.broken {
            found.push(MISSING_PART.at(
                item.head,
                "`egress` needs a destination with its port, or `service=` with `port=`",
            ));
        }
        return written.iter().filter_map(destination).collect();
    };
    if let Some(first) = written.first() {
        found.push(
            CONFLICTING_NODES
                .at(
                    first.loc,
                    "one `egress` line takes destinations or `service=`, not both",
                )
                .and(service.loc, "the Service is here")
                .help("write two lines"),
        );
    }
    let Some(port) = port.and_then(read::port) else {
        if !item.broken {
            found.push(MISSING_PART.at(item.head, "`egress` to a Service needs `port=`"));
        }
        return Vec::new();
    };
    let (namespace, name) = service.value;
    vec![At {
        value: Egress::Service {
            namespace,
            pods: pods.map_or_else(|| (DEFAULT_POD_LABEL.to_owned(), name), |pods| pods.value),
            port,
        },
        loc: service.loc,
    }]
}

fn destination(at: &At<Value>) -> Option<At<Egress>> {
    let Value::Egress(egress) = &at.value else {
        return None;
    };
    Some(read::with(at, egress.clone()))
}

fn visibility(item: &Item) -> Visibility {
    let teams = item
        .child("visible-to")
        .map_or(&[][..], |node| node.arguments("team"));
    if teams.iter().any(|team| team.value == Value::All) {
        Visibility::Everyone
    } else {
        Visibility::Teams(teams.iter().filter_map(read::name).collect())
    }
}

fn facts(item: &Item) -> ToolFacts {
    let written = |name: &str| {
        let at = item.property(name)?;
        Some((at, read::word(at)?))
    };
    ToolFacts {
        effect: written("effect").map(|(at, word)| {
            let effect = match word {
                "read" => Effect::Read,
                "write" => Effect::Write,
                _ => Effect::Destructive,
            };
            read::with(at, effect)
        }),
        reads: item.property("reads").and_then(read::name),
        untrusted: written("content").map(|(at, word)| read::with(at, word == "untrusted")),
        sends: written("sends").map(|(at, word)| read::with(at, Name::trusted(word))),
        repeat_safe: written("repeat").map(|(at, word)| read::with(at, word == "safe")),
        is_broken: item.broken,
    }
}
