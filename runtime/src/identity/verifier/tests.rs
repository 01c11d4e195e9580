//! The table of forgeries: each row is one change to a token that would pass.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeySize;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::super::fetch::FetchError;
use super::super::keys::KeySet;
use super::super::source::KeySource;
use super::super::testing::{
    AUDIENCE, CORP, EC, ED, KUBERNETES, NOW, RSA, STRANGER, Signer, config, encode, person,
    service_account, time_passes,
};
use super::super::{Caller, Fetcher, Pod, Unauthenticated};
use super::Verifier;

fn verifier() -> Verifier {
    Verifier::new(&config(), &Fetcher::new(None).unwrap(), None)
}

fn bearer(token: &str) -> HeaderMap {
    HeaderMap::from_iter([(
        AUTHORIZATION,
        HeaderValue::from_str(&format!("Bearer {token}")).unwrap(),
    )])
}

async fn verdict(token: &str) -> Result<Caller, Unauthenticated> {
    verifier().verify_at(&bearer(token), NOW).await
}

/// The agent of a token, or the word why not.
async fn agent(token: &str) -> String {
    verdict(token).await.map_or_else(
        |refusal| refusal.reason().to_owned(),
        |caller| caller.agent().to_string(),
    )
}

fn triage() -> Value {
    service_account("support", "triage-bot")
}

/// The claims with one of them changed; `None` takes it away.
fn changed(mut claims: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = claims.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    claims
}

async fn refuses_changes(signer: &Signer, base: &Value, rows: Vec<(&str, Option<Value>, &str)>) {
    for (pointer, value, reason) in rows {
        let claims = changed(base.clone(), pointer, value);
        assert_eq!(
            agent(&signer.token(&claims)).await,
            reason,
            "{pointer}: {claims}"
        );
    }
}

#[tokio::test]
async fn a_service_account_token_is_its_agent() {
    let caller = verdict(&RSA.token(&triage())).await.unwrap();
    assert_eq!(&**caller.agent(), "triage");
    assert_eq!(&**caller.issuer(), "cluster");
    assert_eq!(
        &**caller.subject(),
        "system:serviceaccount:support:triage-bot"
    );
    assert_eq!(caller.person(), None);
    let pod = Pod {
        name: "triage-7d9c".into(),
        uid: "5e0bd49b-f040-43b0-99b7-22765a53f7f3".into(),
    };
    assert_eq!(caller.pod(), Some(&pod));
    assert_eq!(
        caller.token().map(|token| &**token),
        Some("0f6d9f6e-0f5c-4d0e-a8e4-6a1f0f3a1c55")
    );
    assert_eq!(caller.expires(), NOW + 3_000);
}

#[tokio::test]
async fn every_key_type_verifies_with_its_own_algorithm() {
    let claims = changed(person("agent:refunds", "batch", &[]), "/groups", None);
    for signer in [&*RSA, &*EC, &*ED] {
        assert_eq!(
            agent(&signer.token(&claims)).await,
            "refunds",
            "{}",
            signer.id
        );
    }
}

#[tokio::test]
async fn a_subject_goes_before_a_group_and_a_named_client_before_none() {
    for (subject, client, groups, expected) in [
        ("ada", "ide", &["engineers", "admins"][..], "ada"),
        ("ada", "other", &["engineers", "admins"], "anything"),
        ("bob", "ide", &["engineers", "admins"], "ide"),
        ("bob", "ide", &["sales", "engineers"], "ide"),
        ("bob", "other", &["engineers"], "no-agent"),
        ("bob", "other", &["admins"], "anything"),
        ("bob", "ide", &[], "no-agent"),
        ("bob", "ide", &["Engineers", "engineers ", ""], "no-agent"),
        ("agent:refunds", "ide", &["engineers"], "refunds"),
        ("agent:Refunds", "other", &[], "no-agent"),
    ] {
        assert_eq!(
            agent(&EC.token(&person(subject, client, groups))).await,
            expected,
            "{subject} {client} {groups:?}"
        );
    }
}

#[tokio::test]
async fn the_person_behind_a_group_is_recorded() {
    let caller = verdict(&EC.token(&person("bob", "ide", &["engineers"])))
        .await
        .unwrap();
    assert_eq!(caller.person().map(|person| &**person), Some("bob"));
    let caller = verdict(&EC.token(&person("ada", "ide", &["engineers"])))
        .await
        .unwrap();
    assert_eq!(caller.person(), None);
}

#[tokio::test]
async fn a_client_may_be_named_by_client_id_but_not_by_two_names() {
    let base = changed(person("bob", "ide", &["engineers"]), "/azp", None);
    assert_eq!(agent(&EC.token(&base)).await, "no-agent");
    let named = changed(base, "/client_id", Some(json!("ide")));
    assert_eq!(agent(&EC.token(&named)).await, "ide");
    let two = changed(named.clone(), "/azp", Some(json!("other")));
    assert_eq!(agent(&EC.token(&two)).await, "no-agent");
    let two = changed(
        person("bob", "ide", &["engineers"]),
        "/client_id",
        Some(json!("other")),
    );
    assert_eq!(agent(&EC.token(&two)).await, "no-agent");
    let same = changed(named, "/azp", Some(json!("ide")));
    assert_eq!(agent(&EC.token(&same)).await, "ide");
}

#[tokio::test]
async fn agents_that_share_an_identity_are_nobody() {
    let mut shared = config();
    let twin = shared.agents["triage"].clone();
    shared.agents.insert("twin".into(), twin);
    let twin = shared.agents["ide"].clone();
    shared.agents.insert("ide-twin".into(), twin);
    let verifier = Verifier::new(&shared, &Fetcher::new(None).unwrap(), None);
    for token in [
        RSA.token(&triage()),
        EC.token(&person("bob", "ide", &["engineers"])),
    ] {
        let verdict = verifier.verify_at(&bearer(&token), NOW).await;
        assert_eq!(verdict, Err(Unauthenticated::NoAgent));
    }
}

#[tokio::test]
async fn two_groups_of_different_agents_are_nobody() {
    let mut two = config();
    let mut other = two.agents["ide"].clone();
    other.identity = serde_json::from_value(
        json!({ "kind": "group", "issuer": "corp", "group": "writers", "client": "ide" }),
    )
    .unwrap();
    two.agents.insert("writers".into(), other);
    let verifier = Verifier::new(&two, &Fetcher::new(None).unwrap(), None);
    let token = EC.token(&person("bob", "ide", &["engineers", "writers"]));
    assert_eq!(
        verifier.verify_at(&bearer(&token), NOW).await,
        Err(Unauthenticated::NoAgent)
    );
}

#[tokio::test]
async fn there_is_exactly_one_authorization_header_with_a_bearer_token() {
    let token = RSA.token(&triage());
    let verifier = verifier();
    for (values, expected) in [
        (vec![format!("Bearer {token}")], None),
        (vec![format!("bearer {token}")], None),
        (vec![], Some(Unauthenticated::NoToken)),
        (
            vec![format!("Bearer {token}"); 2],
            Some(Unauthenticated::NotBearer),
        ),
        (
            vec![format!("Bearer {token}"), "Basic eDp5".to_owned()],
            Some(Unauthenticated::NotBearer),
        ),
        (
            vec![format!("Basic {token}")],
            Some(Unauthenticated::NotBearer),
        ),
        (vec![token.clone()], Some(Unauthenticated::NotBearer)),
        (vec!["Bearer".to_owned()], Some(Unauthenticated::NotBearer)),
        (vec!["Bearer ".to_owned()], Some(Unauthenticated::Malformed)),
        (
            vec![format!("Bearer  {token}")],
            Some(Unauthenticated::Malformed),
        ),
        (
            vec![format!("Bearer {token} {token}")],
            Some(Unauthenticated::Malformed),
        ),
        (
            vec![format!("Bearer {token}, Bearer {token}")],
            Some(Unauthenticated::Malformed),
        ),
    ] {
        let mut headers = HeaderMap::new();
        // A token anywhere else is none.
        headers.insert(
            COOKIE,
            HeaderValue::from_str(&format!("token={token}")).unwrap(),
        );
        for value in &values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(
            verifier.verify_at(&headers, NOW).await.err(),
            expected,
            "{values:?}"
        );
    }
}

#[tokio::test]
async fn a_token_is_three_parts_of_base64url() {
    let token = RSA.token(&triage());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    for forged in [
        String::new(),
        "a".to_owned(),
        format!("{header}.{claims}"),
        format!("{token}.{signature}"),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}==.{signature}"),
        format!("{header}.{}.{signature}", encode([0xff, 0xfe])),
        format!("{header}.{}.{signature}", encode("[]")),
        format!("{}.{claims}.{signature}", encode("\"x\"")),
    ] {
        assert_eq!(agent(&forged).await, "token-malformed", "{forged}");
    }
}

#[tokio::test]
async fn an_oversized_token_is_not_read() {
    let long = changed(triage(), "/filler", Some(json!("x".repeat(8_000))));
    assert_eq!(agent(&RSA.token(&long)).await, "token-too-long");
    let header = json!({ "alg": "RS256", "kid": "rsa", "x5t": "x".repeat(1_000) });
    assert_eq!(
        agent(&RSA.sign(&header.to_string(), &triage().to_string())).await,
        "token-too-long"
    );
}

#[tokio::test]
async fn a_header_has_no_members_but_the_plain_ones() {
    let claims = triage().to_string();
    let jwk = STRANGER.jwk();
    for (member, value) in [
        ("jku", json!("https://evil.example/jwks")),
        ("jwk", jwk.clone()),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("nonce", json!("n")),
    ] {
        let mut header = RSA.header();
        header[member] = value;
        // Signed by the right key and by the one that the header offers.
        let expected = if member == "jwk" || member == "x5c" || member == "crit" {
            "token-malformed"
        } else {
            "token-header"
        };
        assert_eq!(
            agent(&RSA.sign(&header.to_string(), &claims)).await,
            expected,
            "{member}"
        );
        assert_eq!(
            agent(&STRANGER.sign(&header.to_string(), &claims)).await,
            expected,
            "{member}"
        );
    }
}

#[tokio::test]
async fn a_header_names_type_algorithm_and_key_as_it_should() {
    let claims = triage().to_string();
    for (header, expected) in [
        (json!({ "alg": "RS256", "kid": "rsa" }), "triage"),
        (
            json!({ "alg": "RS256", "kid": "rsa", "typ": "at+jwt" }),
            "triage",
        ),
        (
            json!({ "alg": "RS256", "kid": "rsa", "x5t": "aGludA" }),
            "triage",
        ),
        (
            json!({ "alg": "RS256", "kid": "rsa", "typ": "dpop+jwt" }),
            "token-header",
        ),
        (
            json!({ "alg": "RS256", "kid": "rsa", "typ": 1 }),
            "token-header",
        ),
        (json!({ "alg": "RS256" }), "token-header"),
        (json!({ "alg": "RS256", "kid": "" }), "token-header"),
        (json!({ "alg": "RS256", "kid": 1 }), "token-header"),
        (
            json!({ "alg": "RS256", "kid": "k".repeat(129) }),
            "token-header",
        ),
        (json!({ "kid": "rsa" }), "token-header"),
        (json!({ "alg": "none", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "None", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "rs256", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "RS512", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "PS256", "kid": "rsa" }), "token-header"),
        (json!({ "alg": "HS256", "kid": "rsa" }), "token-header"),
        (json!({ "alg": ["RS256"], "kid": "rsa" }), "token-malformed"),
        (json!({ "alg": "ES256", "kid": "rsa" }), "wrong-algorithm"),
        (json!({ "alg": "EdDSA", "kid": "rsa" }), "wrong-algorithm"),
        (json!({ "alg": "RS256", "kid": "other" }), "unknown-key"),
        (json!({ "alg": "RS256", "kid": "RSA" }), "unknown-key"),
        // The key of another issuer.
        (json!({ "alg": "ES256", "kid": "ec" }), "unknown-key"),
    ] {
        assert_eq!(
            agent(&RSA.sign(&header.to_string(), &claims)).await,
            expected,
            "{header}"
        );
    }
}

#[tokio::test]
async fn nobody_signs_in_an_issuers_name() {
    let claims = triage();
    let good = RSA.token(&claims);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    // By another key with the same id.
    assert_eq!(agent(&STRANGER.token(&claims)).await, "wrong-signature");
    // By nobody.
    assert_eq!(agent(&format!("{signed}.")).await, "wrong-signature");
    assert_eq!(
        agent(&format!("{signed}.{}", encode([0; 256]))).await,
        "wrong-signature"
    );
    assert_eq!(agent(&format!("{signed}.!")).await, "wrong-signature");
    // By nobody, and saying so.
    let none = format!(
        "{}.{}.",
        encode(r#"{"alg":"none","kid":"rsa"}"#),
        encode(claims.to_string())
    );
    assert_eq!(agent(&none).await, "token-header");
    // With the public key as the secret of an HMAC.
    let public = RSA.jwk()["n"].as_str().unwrap().to_owned();
    let header = encode(r#"{"alg":"HS256","kid":"rsa"}"#);
    let signed_again = format!("{header}.{}", encode(claims.to_string()));
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes()),
        signed_again.as_bytes(),
    );
    assert_eq!(
        agent(&format!("{signed_again}.{}", encode(tag))).await,
        "token-header"
    );
    // With the claims of one token under the signature of another.
    let other = encode(
        changed(
            claims,
            "/sub",
            Some(json!("system:serviceaccount:support:admin")),
        )
        .to_string(),
    );
    let header = good.split('.').next().unwrap();
    assert_eq!(
        agent(&format!("{header}.{other}.{signature}")).await,
        "wrong-signature"
    );
}

#[tokio::test]
async fn a_member_twice_is_refused_although_readers_would_take_one() {
    let claims = triage().to_string();
    let twice = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    for member in [
        r#""iss":"https://evil.example""#,
        r#""sub":"system:serviceaccount:support:admin""#,
        r#""aud":"x""#,
        r#""exp":9999999999"#,
        r#""\u0073ub":"system:serviceaccount:support:admin""#,
    ] {
        assert_eq!(
            agent(&RSA.sign(&RSA.header().to_string(), &twice(&claims, member))).await,
            "token-malformed",
            "{member}"
        );
    }
    let header = twice(&RSA.header().to_string(), r#""alg":"none""#);
    assert_eq!(agent(&RSA.sign(&header, &claims)).await, "token-malformed");
}

#[tokio::test]
async fn the_issuer_is_compared_exactly() {
    refuses_changes(
        &RSA,
        &triage(),
        vec![
            ("/iss", None, "token-claims"),
            ("/iss", Some(json!([KUBERNETES])), "token-claims"),
            ("/iss", Some(json!(1)), "token-claims"),
            ("/iss", Some(json!("")), "unknown-issuer"),
            (
                "/iss",
                Some(json!(format!("{KUBERNETES}/"))),
                "unknown-issuer",
            ),
            (
                "/iss",
                Some(json!(KUBERNETES.to_uppercase())),
                "unknown-issuer",
            ),
            (
                "/iss",
                Some(json!("https://evil.example")),
                "unknown-issuer",
            ),
            // The other issuer has the same key here, but these are no claims of its tokens.
            ("/iss", Some(json!(CORP)), "lives-too-long"),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_audience_is_compared_exactly() {
    refuses_changes(
        &RSA,
        &triage(),
        vec![
            ("/aud", Some(json!(AUDIENCE)), "triage"),
            ("/aud", Some(json!(["x", AUDIENCE])), "triage"),
            ("/aud", None, "token-claims"),
            ("/aud", Some(json!(123)), "token-claims"),
            ("/aud", Some(json!([AUDIENCE, 1])), "token-claims"),
            ("/aud", Some(json!({ "0": AUDIENCE })), "token-claims"),
            ("/aud", Some(json!([])), "wrong-audience"),
            ("/aud", Some(json!("x")), "wrong-audience"),
            ("/aud", Some(json!(["x", "y"])), "wrong-audience"),
            (
                "/aud",
                Some(json!(format!("{AUDIENCE}/"))),
                "wrong-audience",
            ),
            (
                "/aud",
                Some(json!("https://mcp.acme.internal")),
                "wrong-audience",
            ),
            (
                "/aud",
                Some(json!(AUDIENCE.to_uppercase())),
                "wrong-audience",
            ),
            // An API server would take these too.
            (
                "/aud",
                Some(json!([AUDIENCE, KUBERNETES])),
                "wrong-audience",
            ),
            (
                "/aud",
                Some(json!([AUDIENCE, "https://kubernetes.default.svc"])),
                "wrong-audience",
            ),
            (
                "/aud",
                Some(json!([
                    AUDIENCE,
                    "https://kubernetes.default.svc.cluster.local"
                ])),
                "wrong-audience",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn times_are_whole_numbers_within_their_bounds() {
    let wrong = [
        json!("1800000300"),
        json!(1_800_000_300.5),
        json!(1.8e9),
        json!(-1),
        json!(null),
        json!([NOW]),
    ];
    for claim in ["/exp", "/iat"] {
        refuses_changes(&RSA, &triage(), vec![(claim, None, "token-claims")]).await;
        for value in &wrong {
            refuses_changes(
                &RSA,
                &triage(),
                vec![(claim, Some(value.clone()), "token-claims")],
            )
            .await;
        }
    }
    refuses_changes(
        &RSA,
        &triage(),
        vec![
            ("/nbf", None, "triage"),
            ("/nbf", Some(json!("1")), "token-claims"),
            ("/nbf", Some(json!(NOW + 10)), "triage"),
            ("/nbf", Some(json!(NOW + 11)), "not-yet-valid"),
            ("/iat", Some(json!(NOW + 10)), "triage"),
            ("/iat", Some(json!(NOW + 11)), "not-yet-valid"),
            ("/iat", Some(json!(u64::MAX)), "not-yet-valid"),
            ("/exp", Some(json!(NOW - 9)), "triage"),
            ("/exp", Some(json!(NOW - 10)), "expired"),
            ("/exp", Some(json!(0)), "expired"),
            ("/exp", Some(json!(NOW + 3_000)), "triage"),
            ("/exp", Some(json!(NOW + 3_001)), "lives-too-long"),
            ("/exp", Some(json!(NOW + 31_536_000)), "lives-too-long"),
            ("/exp", Some(json!(u64::MAX)), "lives-too-long"),
            ("/iat", Some(json!(0)), "lives-too-long"),
        ],
    )
    .await;
    let backwards = changed(
        changed(triage(), "/exp", Some(json!(NOW - 5))),
        "/iat",
        Some(json!(NOW)),
    );
    assert_eq!(agent(&RSA.token(&backwards)).await, "lives-too-long");
}

#[tokio::test]
async fn the_longest_lifetime_is_the_issuers() {
    let base = person("bob", "ide", &["engineers"]);
    refuses_changes(
        &EC,
        &base,
        vec![
            ("/exp", Some(json!(NOW + 600)), "ide"),
            ("/exp", Some(json!(NOW + 601)), "lives-too-long"),
        ],
    )
    .await;
}

#[tokio::test]
async fn subject_and_bound_claims_agree() {
    refuses_changes(
        &RSA,
        &triage(),
        vec![
            ("/sub", None, "token-claims"),
            ("/sub", Some(json!("")), "token-claims"),
            ("/sub", Some(json!(["x"])), "token-claims"),
            ("/sub", Some(json!("x".repeat(256))), "token-claims"),
            (
                "/sub",
                Some(json!("system:serviceaccount:support:other")),
                "wrong-subject",
            ),
            (
                "/sub",
                Some(json!("system:serviceaccount:support:triage-bot:x")),
                "wrong-subject",
            ),
            (
                "/sub",
                Some(json!("system:serviceaccount:support")),
                "wrong-subject",
            ),
            ("/sub", Some(json!("kubernetes-admin")), "wrong-subject"),
            (
                "/kubernetes.io/namespace",
                Some(json!("other")),
                "wrong-subject",
            ),
            (
                "/kubernetes.io/serviceaccount/name",
                Some(json!("other")),
                "wrong-subject",
            ),
            (
                "/kubernetes.io/serviceaccount/uid",
                Some(json!("")),
                "wrong-subject",
            ),
            ("/kubernetes.io/serviceaccount", None, "token-claims"),
            ("/kubernetes.io/namespace", Some(json!(1)), "token-claims"),
        ],
    )
    .await;
    // Names that are none, although they agree.
    for (namespace, name) in [
        ("support:triage-bot", "x"),
        ("Support", "triage-bot"),
        ("-a", "b"),
        ("", ""),
        ("a.b", "c"),
        ("a", "b..c"),
    ] {
        assert_eq!(
            agent(&RSA.token(&service_account(namespace, name))).await,
            "wrong-subject",
            "{namespace} {name}"
        );
    }
    assert_eq!(
        agent(&RSA.token(&service_account("support", "other"))).await,
        "no-agent"
    );
    assert_eq!(
        agent(&RSA.token(&service_account("other", "triage-bot"))).await,
        "no-agent"
    );
}

#[tokio::test]
async fn only_tokens_that_are_bound_to_a_pod_count() {
    refuses_changes(
        &RSA,
        &triage(),
        vec![
            ("/kubernetes.io", None, "not-bound"),
            ("/kubernetes.io/pod", None, "not-bound"),
            ("/kubernetes.io/pod", Some(json!(null)), "not-bound"),
            ("/kubernetes.io/pod/uid", Some(json!("")), "not-bound"),
            ("/kubernetes.io/pod/uid", None, "token-claims"),
            (
                "/kubernetes.io/secret",
                Some(json!({ "name": "s", "uid": "u" })),
                "not-bound",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_issuer_cannot_speak_for_another_ones_agents() {
    // The company signs claims that look like the cluster's.
    let mut claims = triage();
    claims["iss"] = json!(CORP);
    claims["exp"] = json!(NOW + 300);
    claims["iat"] = json!(NOW);
    assert_eq!(agent(&EC.token(&claims)).await, "no-agent");
    // The cluster signs claims that look like the company's.
    let mut claims = person("agent:refunds", "ide", &["engineers"]);
    claims["iss"] = json!(KUBERNETES);
    assert_eq!(agent(&RSA.token(&claims)).await, "not-bound");
}

#[tokio::test]
async fn a_remembered_token_still_expires() {
    let verifier = verifier();
    let claims = changed(triage(), "/exp", Some(json!(NOW + 5)));
    let headers = bearer(&RSA.token(&claims));
    assert!(verifier.verify_at(&headers, NOW).await.is_ok());
    assert!(verifier.verify_at(&headers, NOW + 4).await.is_ok());
    assert_eq!(
        verifier.verify_at(&headers, NOW + 15).await,
        Err(Unauthenticated::Expired)
    );
}

#[tokio::test(start_paused = true)]
async fn a_remembered_token_ends_with_the_key_that_signed_it() {
    let sets = Mutex::new(VecDeque::from([EC.jwk(), ED.jwk()]));
    let keys = KeySource::fetched(CORP.to_owned(), move || {
        let key = sets.lock().unwrap().pop_front();
        let keys = key.map(|key| KeySet::read(&json!({ "keys": [key] }).to_string()).unwrap());
        async move { keys.map(|keys| (keys, None)).ok_or(FetchError::Deadline) }
    });
    let mut verifier = verifier();
    let corp = verifier
        .issuers
        .iter_mut()
        .find(|one| one.name == "corp")
        .unwrap();
    corp.keys = Arc::new(keys);
    let headers = bearer(&EC.token(&person("bob", "ide", &["engineers"])));
    assert!(verifier.verify_at(&headers, NOW).await.is_ok());
    // The issuer takes the key away; the token itself would be good for minutes.
    time_passes(Duration::from_mins(6)).await;
    let verdict = verifier.verify_at(&headers, NOW).await;
    assert_eq!(verdict, Err(Unauthenticated::UnknownKey));
}

#[tokio::test]
async fn a_weak_or_foreign_key_in_a_set_is_left_out() {
    let mut weak = config();
    let mut symmetric =
        json!({ "kty": "oct", "kid": "oct", "k": encode("secret"), "alg": "HS256" });
    symmetric["use"] = json!("sig");
    let mut for_encryption = EC.jwk();
    for_encryption["use"] = json!("enc");
    let mut for_another = ED.jwk();
    for_another["alg"] = json!("ES256");
    let mut short = RSA.jwk();
    short["n"] = json!(encode([0xff; 128]));
    let keys = json!([symmetric, for_encryption, for_another, short]);
    let set = |keys: &Value| bailiwick_config::Jwks::Inline {
        keys: json!({ "keys": keys }),
    };
    weak.issuers.get_mut("corp").unwrap().jwks = set(&keys);
    let verifier = Verifier::new(&weak, &Fetcher::new(None).unwrap(), None);
    assert_eq!(verifier.unready(), ["no keys of issuer corp"]);
    let headers = bearer(&EC.token(&person("bob", "ide", &["engineers"])));
    assert_eq!(
        verifier.verify_at(&headers, NOW).await,
        Err(Unauthenticated::KeysUnavailable)
    );

    // Beside a good key they do no harm.
    let mut good = STRANGER.jwk();
    good["kid"] = json!("good");
    let mut keys = keys.as_array().unwrap().clone();
    keys.push(good);
    weak.issuers.get_mut("corp").unwrap().jwks = set(&json!(keys));
    let verifier = Verifier::new(&weak, &Fetcher::new(None).unwrap(), None);
    assert_eq!(verifier.unready(), [""; 0]);
    assert_eq!(
        verifier.verify_at(&headers, NOW).await,
        Err(Unauthenticated::UnknownKey)
    );
}

#[test]
fn larger_rsa_keys_are_read() {
    let key = Signer::rsa("large", KeySize::Rsa3072);
    let set = json!({ "keys": [key.jwk()] }).to_string();
    assert!(KeySet::read(&set).unwrap().get("large").is_some());
}
