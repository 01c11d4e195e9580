//! Nodes of a server and its tools.

use crate::grammar::row::Holder::{Build, Cluster, Runtime};
use crate::grammar::row::{Property, Row, node, one, optional, property, several};
use crate::grammar::types::{Resource, Type};

use crate::model::Kind;

use super::{GIB, MANY, MIB, TIB};

const EFFECT: Property = property(
    "effect",
    Type::Word(&["read", "write", "destructive"]),
    "What the tool does to the world.",
)
.or("destructive");
const READS: Property = property(
    "reads",
    Type::Name(Kind::DataClass),
    "The most sensitive data that the tool returns.",
)
.or("internal, or the last class where that one is not declared");
const CONTENT: Property = property(
    "content",
    Type::Word(&["trusted", "untrusted"]),
    "Whether strangers can write what the tool returns.",
)
.or("untrusted");
const SENDS: Property = property(
    "sends",
    Type::Word(&["none", "internal", "external"]),
    "How far the arguments of a call travel.",
)
.or("none for read, else external");
const REPEAT: Property = property(
    "repeat",
    Type::Word(&["safe", "unsafe"]),
    "Whether a second call does harm.",
)
.or("safe for read, else unsafe")
.held_by(&[Runtime]);

/// How much of a value the audit log keeps.
const KEPT: &[&str] = &["full", "digest", "none"];

pub(super) const ROWS: &[Row] = &[
    node(
        "image",
        &["server", "patch"],
        "Container image; runs by the digest in its lock file. Its tag is the revision.",
    )
    .takes(&[one("reference", Type::Image)])
    .held_by(&[Cluster]),
    node("args", &["server", "patch"], "Arguments of the image; not with `command`.")
        .takes(&[several("argument", Type::AnyText, 1, 64)])
        .held_by(&[Cluster]),
    node(
        "command",
        &["server", "patch"],
        "A stdio server: program and arguments. With `image` it runs inside it, behind the bridge, as one replica; alone it is for `dev` only.",
    )
    .takes(&[one("program", Type::Text), several("argument", Type::AnyText, 0, 64)])
    .held_by(&[Cluster, Runtime]),
    node("url", &["server", "patch"], "A remote server. Dispatch may reach exactly that host and port.")
        .takes(&[one("url", Type::HttpsUrl)])
        .held_by(&[Runtime, Cluster]),
    node(
        "service",
        &["server", "patch"],
        "A Service that is deployed in this cluster already; nothing is generated for it but the way to it.",
    )
    .takes(&[one("service", Type::Service)])
    .held_by(&[Runtime, Cluster]),
    node(
        "transport",
        &["server", "patch"],
        "How the server speaks; stdio with `command`, else streamable HTTP.",
    )
    .takes(&[optional("kind", Type::Word(&["streamable-http", "stdio"]))])
    .with(&[
        property("port", Type::Integer(1, 65_535), "TCP port of `image` and `service` over HTTP.").or("8080"),
        property("path", Type::UrlPath, "HTTP path of `image` and `service` over HTTP.").or("/mcp"),
    ])
    .held_by(&[Runtime, Cluster]),
    node("env", &["server", "patch"], "A plain environment variable.")
        .takes(&[one("name", Type::Variable), one("value", Type::AnyText)])
        .repeats()
        .held_by(&[Cluster, Runtime]),
    node(
        "secret",
        &["server", "patch"],
        "An environment variable from a Secret of the server's namespace. `dev` takes it from the developer's variable of that name.",
    )
    .takes(&[one("name", Type::Variable)])
    .with(&[
        property("from", Type::DnsName, "The Secret.").required(),
        property("key", Type::SecretKey, "Key in it.").or("value"),
    ])
    .repeats()
    .held_by(&[Cluster, Runtime]),
    node(
        "egress",
        &["server", "patch"],
        "Where its pod may connect: destinations, or `service` with `port` for one in the cluster. Default DNS only; lines add up.",
    )
    .takes(&[several("destination", Type::Destination, 0, MANY)])
    .with(&[
        property("service", Type::Service, "A Service in this cluster."),
        property("port", Type::Integer(1, 65_535), "Port of its pods."),
        property("pods", Type::PodLabel, "Label of its pods.").or("app.kubernetes.io/name=<name>"),
    ])
    .repeats()
    .held_by(&[Cluster]),
    node("volume", &["server"], "A persistent volume; the server runs as one replica.")
        .takes(&[one("path", Type::Path)])
        .with(&[property("size", Type::Quantity(Resource::Storage, MIB, TIB), "Its size.").required()])
        .repeats()
        .held_by(&[Cluster]),
    node("scratch", &["server"], "A writable folder that ends with the pod; the root file system is read-only.")
        .takes(&[one("path", Type::Path)])
        .with(&[property("size", Type::Quantity(Resource::Storage, MIB, 64 * GIB), "Its size.").or("64Mi")])
        .repeats()
        .held_by(&[Cluster]),
    node(
        "resources",
        &["server", "patch"],
        "What its container asks for, and its limit too.",
    )
    .with(&[
        property("cpu", Type::Quantity(Resource::Cpu, 10, 64_000), "Processors, or thousandths of one with `m`.").or("100m"),
        property("memory", Type::Quantity(Resource::Memory, 16 * MIB, 512 * GIB), "Memory.").or("128Mi"),
    ])
    .held_by(&[Cluster]),
    node("run-as", &["server"], "The user and group id of its processes, never root; 65532 where nothing is written.")
        .takes(&[one("id", Type::Integer(1, 2_147_483_647))])
        .held_by(&[Cluster]),
    node(
        "probe",
        &["server"],
        "How the cluster asks on its `port` whether it is ready and alive: by a connection, or by a GET of a path; by a connection where nothing is written. The bridge is asked for a server with `command`.",
    )
    .takes(&[one("kind", Type::Word(&["tcp", "http"])), optional("path", Type::UrlPath)])
    .held_by(&[Cluster]),
    node("pull-secret", &["server"], "The Secret of the server's namespace that its image is pulled with; none where nothing is written.")
        .takes(&[one("secret", Type::DnsName)])
        .held_by(&[Cluster]),
    node("auth", &["server", "patch"], "How dispatch authenticates to a `url` or `service` server; the token of the caller is never sent.")
        .takes(&[one("kind", Type::Word(&["none", "bearer", "token-exchange", "client-credentials"]))])
        .with(&[
            property("secret", Type::DnsName, "`bearer`: the Secret with the token, in the namespace of dispatch; required there."),
            property("key", Type::SecretKey, "`bearer`: the key in it.").or("token"),
            property(
                "issuer",
                Type::HttpsUrl,
                "`token-exchange` (RFC 8693) and `client-credentials` (RFC 7523): who gives the tokens; required there.",
            ),
            property("audience", Type::Text, "Audience of the tokens of an issuer.").or("the server's url"),
            property("scope", Type::Text, "Scope of the tokens of an issuer."),
        ])
        .held_by(&[Runtime]),
    node(
        "relay",
        &["server"],
        "Which requests of the server may reach the caller, if the caller declared them too; any other becomes an error result. None where nothing is written.",
    )
    .takes(&[several("request", Type::Word(&["elicitation", "sampling", "roots"]), 1, 3)])
    .held_by(&[Runtime]),
    node(
        "propagate",
        &["server"],
        "How the caller is told to the server: `assertion` is a short-lived JWT signed by dispatch, `headers` are `X-Bailiwick-Agent` and `X-Bailiwick-Call`; not at all where nothing is written.",
    )
    .takes(&[one("caller", Type::Word(&["none", "assertion", "headers"]))])
    .held_by(&[Runtime]),
    node(
        "visible-to",
        &["server"],
        "Other teams that may be granted its tools, or `*`; only the owner where it is not written.",
    )
    .takes(&[several("team", Type::TeamOrAll, 1, MANY)])
    .held_by(&[Build]),
    node("tool-defaults", &["server"], "Facts of the tools of this server that write none of their own.")
        .with(&[EFFECT, READS, CONTENT, SENDS, REPEAT])
        .held_by(&[Build]),
    node("tool", &["server"], "One tool and its facts. A tool without a line cannot be granted.")
        .takes(&[one("name", Type::Tool)])
        .with(&[
            EFFECT,
            READS,
            CONTENT,
            SENDS,
            REPEAT,
            property("as", Type::ExposedName, "The name that agents see.").or("<server>_<tool>").held_by(&[Runtime]),
        ])
        .repeats()
        .held_by(&[Build]),
    node(
        "sensitive",
        &["tool"],
        "Arguments of which the audit log keeps only a salted commitment; masked for those who approve, and in telemetry.",
    )
    .takes(&[several("path", Type::ArgumentPath, 1, MANY)])
    .repeats()
    .held_by(&[Runtime]),
    node(
        "record",
        &["environment", "server", "tool"],
        "What the audit log keeps of a call. Each property is inherited by itself: tool, server, environment.",
    )
    .with(&[
        property("arguments", Type::Word(KEPT), "The arguments: all of them, a salted commitment of each, or nothing.").or("digest"),
        property("result", Type::Word(KEPT), "The result.").or("digest"),
        property(
            "sync",
            Type::Word(&["both", "intent"]),
            "What is on the disk before the answer goes out: the intent and the outcome, or only the intent, which reaches `effect=read` tools alone.",
        )
        .or("both"),
    ])
    .held_by(&[Runtime]),
];
