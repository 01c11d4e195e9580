//! Pictures of small, hostile and large graphs.

mod sketches;

use super::*;
use crate::answer::Place;
use sketches::{HOSTILE, hostile, large, line};

#[test]
fn text_of_the_catalog_is_no_markup_in_a_page() {
    let page = page(HOSTILE, &[hostile()]).unwrap();
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<!--").count(), 0);
    let data = page.split_once("id=\"data\">").unwrap().1;
    let data = data.split_once("</script>").unwrap().0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["environments"][0]["nodes"][1]["name"], HOSTILE);
    assert_eq!(data["files"][0], format!("catalogs/{HOSTILE}.kdl"));
}

#[test]
fn the_policy_of_a_page_allows_its_own_script_and_no_network() {
    let page = page("acme", &[hostile()]).unwrap();
    let policy = page.split_once("Security-Policy\" content=\"").unwrap().1;
    let policy = policy.split_once('"').unwrap().0;
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    assert!(!page.contains(" src=") && !page.contains("@import") && !page.contains("url("));
}

#[test]
fn text_of_the_catalog_is_no_markup_in_an_image() {
    let image = svg(&hostile());
    assert!(!image.contains("<script"), "{image}");
    assert!(!image.contains('\u{1}'), "{image}");
    assert!(image.contains("&lt;/script&gt;&lt;script&gt;"), "{image}");
}

#[test]
fn text_of_the_catalog_stays_in_its_string_in_dot_and_mermaid() {
    let dot = dot(&hostile());
    assert!(dot.contains("</script>\\\"'`\\\\ & "), "{dot}");
    let mermaid = mermaid(&hostile());
    let lines: Vec<&str> = mermaid.lines().collect();
    assert_eq!(lines.len(), 4, "{mermaid}");
    assert_eq!(lines[1].matches('"').count(), 2, "{mermaid}");
    assert!(!mermaid.contains('<'), "{mermaid}");
}

#[test]
fn a_large_graph_is_drawn_by_teams() {
    let drawn = mermaid(&large(100));
    assert!(drawn.contains("\"4 agents of team7\""), "{drawn}");
    assert!(drawn.matches("-->").count() <= 200, "{drawn}");
    let few = mermaid(&large(10));
    assert!(few.contains("\"bot7\""), "{few}");
    assert!(svg(&large(100)).contains("4 agents of team7"));
}

#[test]
fn mermaid_has_no_more_than_200_edges_and_says_what_is_left_out() {
    let mut wide = large(100);
    let agents: Vec<usize> = (0..25).collect();
    for from in &agents {
        wide.edges
            .extend((100..125).map(|to| line(*from, "allows", to)));
    }
    let drawn = mermaid(&wide);
    assert_eq!(drawn.matches("-->").count(), 200, "{drawn}");
    assert!(drawn.contains("more edges\"]"), "{drawn}");
}

#[test]
fn equal_graphs_give_equal_bytes() {
    let (one, other) = (large(60), large(60));
    assert_eq!(svg(&one), svg(&other));
    assert_eq!(
        page("acme", &[one]).unwrap(),
        page("acme", &[other]).unwrap()
    );
}
