//! Issuers for tests: keys, tokens, and a config that trusts them.

use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use bailiwick_config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// When the tokens of tests are looked at, seconds since 1970.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const KUBERNETES: &str = "https://oidc.prod.acme.internal";
pub(crate) const CORP: &str = "https://login.acme.com";
pub(crate) const AUDIENCE: &str = "https://mcp.acme.internal/mcp";

/// Lets time pass in a test whose clock is paused: nothing waits, and what would happen meanwhile does.
pub(crate) async fn time_passes(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A key that signs tokens.
pub(crate) struct Signer {
    pub(crate) id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

/// The keys that the config trusts, and one that nobody trusts.
pub(crate) static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa", KeySize::Rsa2048));
pub(crate) static EC: LazyLock<Signer> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    assert_eq!(key.public_key().as_ref().len(), 65);
    Signer::new(
        "ec",
        Algorithm::ES256,
        EncodingKey::from_ec_pem(&pem(key.to_pkcs8v1().unwrap().as_ref())),
    )
});
pub(crate) static ED: LazyLock<Signer> = LazyLock::new(|| {
    let key = Ed25519KeyPair::generate().unwrap();
    Signer::new(
        "ed",
        Algorithm::EdDSA,
        EncodingKey::from_ed_pem(&pem(key.to_pkcs8v1().unwrap().as_ref())),
    )
});
pub(crate) static STRANGER: LazyLock<Signer> =
    LazyLock::new(|| Signer::rsa("rsa", KeySize::Rsa2048));

impl Signer {
    fn new(
        id: &'static str,
        algorithm: Algorithm,
        key: jsonwebtoken::errors::Result<EncodingKey>,
    ) -> Self {
        Self {
            id,
            algorithm,
            key: key.unwrap(),
        }
    }

    pub(crate) fn rsa(id: &'static str, size: KeySize) -> Self {
        let key = aws_lc_rs::rsa::KeyPair::generate(size).unwrap();
        Self::new(
            id,
            Algorithm::RS256,
            EncodingKey::from_rsa_pem(&pem(key.as_der().unwrap().as_ref())),
        )
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap())
                .unwrap();
        jwk["kid"] = self.id.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token with exactly this header and these claims.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature =
            jsonwebtoken::crypto::sign(signed.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }

    /// A token as an issuer makes it.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "kid": self.id, "typ": "JWT" })
    }
}

pub(crate) fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn pem(der: &[u8]) -> Vec<u8> {
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
    .into_bytes()
}

/// Claims of a projected service account token, valid at [`NOW`].
pub(crate) fn service_account(namespace: &str, name: &str) -> Value {
    json!({
        "aud": [AUDIENCE],
        "exp": NOW + 3_000,
        "iat": NOW - 600,
        "iss": KUBERNETES,
        "jti": "0f6d9f6e-0f5c-4d0e-a8e4-6a1f0f3a1c55",
        "kubernetes.io": {
            "namespace": namespace,
            "node": { "name": "node-1", "uid": "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1" },
            "pod": { "name": "triage-7d9c", "uid": "5e0bd49b-f040-43b0-99b7-22765a53f7f3" },
            "serviceaccount": { "name": name, "uid": "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798" }
        },
        "nbf": NOW - 600,
        "sub": format!("system:serviceaccount:{namespace}:{name}")
    })
}

/// Claims of an OpenID Connect access token, valid at [`NOW`].
pub(crate) fn person(subject: &str, client: &str, groups: &[&str]) -> Value {
    json!({
        "iss": CORP, "sub": subject, "aud": AUDIENCE, "azp": client, "groups": groups, "exp": NOW + 300, "iat": NOW,
        "email": "ada@acme.com", "scope": "openid"
    })
}

/// A config with a cluster, a company, and agents of both.
pub(crate) fn config() -> Config {
    let agent = |identity: Value| json!({ "team": "support", "identity": identity, "tools": {} });
    let config = json!({
        "version": 1,
        "digest": format!("sha256:{}", "0".repeat(64)),
        "catalog": "acme",
        "environment": "prod",
        "endpoint": { "url": "https://mcp.acme.internal/mcp" },
        "issuers": {
            "cluster": {
                "kind": "kubernetes", "url": KUBERNETES, "audience": AUDIENCE, "maxAge": 3600,
                "jwks": { "from": "inline", "keys": { "keys": [RSA.jwk()] } }
            },
            "corp": {
                "kind": "oidc", "url": CORP, "audience": AUDIENCE, "maxAge": 600,
                "jwks": { "from": "inline", "keys": { "keys": [RSA.jwk(), EC.jwk(), ED.jwk()] } }
            }
        },
        "agents": {
            "triage": agent(json!({
                "kind": "kubernetes", "issuer": "cluster", "namespace": "support", "serviceAccount": "triage-bot"
            })),
            "refunds": agent(json!({ "kind": "subject", "issuer": "corp", "subject": "agent:refunds" })),
            "ada": agent(json!({ "kind": "subject", "issuer": "corp", "subject": "ada", "client": "ide" })),
            "ide": agent(json!({ "kind": "group", "issuer": "corp", "group": "engineers", "client": "ide" })),
            "anything": agent(json!({ "kind": "group", "issuer": "corp", "group": "admins" }))
        },
        "servers": {}
    });
    serde_json::from_value(config).unwrap()
}
