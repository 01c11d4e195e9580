//! Nodes of an environment and of its dispatch server.

use crate::grammar::row::Holder::{Build, Cluster, Runtime};
use crate::grammar::row::{Row, node, one, optional, property, several};
use crate::grammar::types::{Resource, Type};

use super::{DAY, GIB, MANY, MINUTE, TIB};

pub(super) const ROWS: &[Row] = &[
    node(
        "network",
        &["environment"],
        "What holds `egress`: a NetworkPolicy, or a CiliumNetworkPolicy, which can match host names.",
    )
    .takes(&[one("kind", Type::Word(&["kubernetes", "cilium"]))])
    .held_by(&[Cluster]),
    node(
        "namespaces",
        &["environment"],
        "Where servers run: in the namespace of the environment, or each team's in one of their own, `<namespace>-<team>`; `environment` where it is not written. Dispatch stays in the environment's.",
    )
    .takes(&[one("of", Type::Word(&["environment", "team"]))])
    .held_by(&[Cluster]),
    node(
        "registry",
        &["environment"],
        "Images that may run here, dispatch's too, as patterns of their whole names (`*` is any text, but one in the host ends with the host; a name without a registry is one of `docker.io`). Without the node: any.",
    )
    .takes(&[several("patterns", Type::ImagePattern, 1, 20)])
    .repeats()
    .held_by(&[Build, Cluster]),
    node("deny", &["environment"], "A ceiling: a grant that touches these tools does not compile.")
        .takes(&[several("tools", Type::AnyTools, 1, MANY)])
        .with(&[property("reason", Type::Text, "Why.").required()])
        .repeats()
        .held_by(&[Build]),
    node("issuer", &["environment"], "Whose tokens are accepted.")
        .takes(&[one("name", Type::NewName)])
        .with(&[
            property("kind", Type::Word(&["kubernetes", "oidc", "spiffe"]), "Whose kind of tokens: service accounts, OpenID Connect, or the JWT-SVIDs of a SPIFFE trust domain.")
                .required(),
            property("url", Type::HttpsUrl, "The `iss` of its tokens.").required(),
            property("audience", Type::Text, "The `aud` of its tokens.").or("the `url` of dispatch"),
            property(
                "jwks",
                Type::KeySet,
                "Where its keys are: an https URL, `cluster` for the API server of the cluster that dispatch runs in, or a file beside the `.kdl` that is read at build and embedded.",
            )
            .or("discovery at `url`")
            .held_by(&[Build, Runtime]),
            property(
                "ca",
                Type::DnsName,
                "A ConfigMap of dispatch's namespace whose key `ca.crt` has the certificate authorities, PEM, to trust where its keys are fetched. While there is none, dispatch has no keys of this issuer: it refuses the tokens, is not ready, and says why in its log.",
            )
            .or("the system's")
            .held_by(&[Runtime, Cluster]),
            property("max-age", Type::Duration(MINUTE, DAY), "Tokens that live longer are refused.").or("1h"),
            property("token-review", Type::Word(&["never", "always"]), "Kubernetes: whether the API server is asked about each token too.")
                .or("never"),
        ])
        .repeats()
        .held_by(&[Runtime]),
    node(
        "dispatch",
        &["environment"],
        "The dispatch server here. It makes the environment a cluster target; without it the environment is for `bailiwick dev` only.",
    )
    .held_by(&[Cluster]),
    node("image", &["dispatch"], "Image of dispatch and the bridge. It has no lock file, so write the digest.")
        .takes(&[one("reference", Type::Image)])
        .required()
        .held_by(&[Cluster]),
    node(
        "url",
        &["dispatch"],
        "Public URL: audience, allowed Host and Origin, protected resource. Its path is the MCP endpoint.",
    )
    .takes(&[one("url", Type::HttpsUrl)])
    .required()
    .held_by(&[Runtime]),
    node(
        "replicas",
        &["dispatch"],
        "Replicas of dispatch, each with an audit volume; 1 where it is not written. More than one need a shared `store` for limits and approvals.",
    )
    .takes(&[one("replicas", Type::Integer(1, 9))])
    .held_by(&[Cluster]),
    node("tls", &["dispatch"], "How dispatch serves TLS: exactly one of `none`, `secret` and `issuer`.")
        .takes(&[optional("word", Type::Word(&["none"]))])
        .with(&[
            property("secret", Type::DnsName, "A Secret of type `kubernetes.io/tls`."),
            property("issuer", Type::DnsName, "A cert-manager issuer."),
            property("kind", Type::Word(&["ClusterIssuer", "Issuer"]), "Kind of that issuer.").or("ClusterIssuer"),
        ])
        .required()
        .held_by(&[Runtime, Cluster]),
    node("audit", &["dispatch"], "The audit log. It is always on; the node changes its settings.")
        .with(&[
            property(
            "volume",
            Type::Quantity(Resource::Storage, GIB, 16 * TIB),
            "Size of the volume; a full one refuses calls.",
        )
        .or("10Gi"),
        property("retain", Type::Duration(DAY, 3_650 * DAY), "How long records are kept.").or("90d").held_by(&[Runtime]),
        property("anchor", Type::Anchor, "Who gets every checkpoint: an https URL, or a ConfigMap.").or("nobody").held_by(&[Runtime]),
        ])
        .held_by(&[Runtime, Cluster]),
    node(
        "deployers",
        &["dispatch"],
        "The only identities that may change what is generated: Kubernetes user names, or `group:NAME`.",
    )
    .takes(&[several("subject", Type::Deployer, 1, 20)])
    .required()
    .held_by(&[Cluster]),
    node("store", &["dispatch"], "Where counters or approvals live.")
        .takes(&[one("keeps", Type::Word(&["limits", "approvals"]))])
        .with(&[
            property(
                "kind",
                Type::Word(&["memory", "valkey", "sqlite", "postgres"]),
                "`memory` or `valkey` for limits, `sqlite` or `postgres` for approvals; replicas share `valkey` and `postgres`.",
            )
            .or("memory for limits, sqlite for approvals"),
            property("secret", Type::DnsName, "The Secret whose key `url` says where a shared one is; needed for these alone."),
        ])
        .repeats()
        .held_by(&[Runtime]),
    node(
        "on-store-failure",
        &["dispatch"],
        "While the store of limits is away: refuse calls, or count in each replica; closed where it is not written. Approvals are always closed.",
    )
    .takes(&[one("calls", Type::Word(&["closed", "local"]))])
    .held_by(&[Runtime]),
    node("telemetry", &["dispatch"], "Where traces and metrics go. Without it there is the Prometheus endpoint only.")
        .with(&[property("otlp", Type::Url, "The OTLP target.").required()])
        .held_by(&[Runtime]),
    node("approvers", &["dispatch"], "Login of the people who approve calls, by OpenID Connect.")
        .with(&[
            property("issuer", Type::HttpsUrl, "The `iss` of their tokens.").required(),
            property("client", Type::Text, "The client at that issuer.").required(),
        ])
        .held_by(&[Runtime]),
    node(
        "verify-key",
        &["dispatch"],
        "A key, at most two: the runtime loads only configurations that one of them signed, with a growing generation.",
    )
    .takes(&[one("key", Type::VerifyKey)])
    .repeats()
    .held_by(&[Runtime]),
];
