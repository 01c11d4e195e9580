//! The contract as a JSON Schema: a change of it shows in review.

#![cfg(test)]

use bailiwick_config::{Config, Definitions};

#[test]
fn the_schema_of_the_contract_is_the_reviewed_one() {
    let schema = schemars::schema_for!(Config);
    let text = serde_json::to_string_pretty(&schema).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/contract");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("config", text));
}

#[test]
fn a_member_that_this_version_does_not_know_is_refused() {
    let text = r#"{ "server": "git", "revision": "1", "tools": {}, "more": 1 }"#;
    assert!(serde_json::from_str::<Definitions>(text).is_err());
    let known = text.replace(r#", "more": 1"#, "");
    assert!(serde_json::from_str::<Definitions>(&known).is_ok());
}
