//! Results of tests as `JUnit` XML, which CI systems show: a suite for each environment, a case for each test.

use std::collections::BTreeMap;

use bailiwick_compiler::xml::escape;

/// What became of one test.
#[derive(Debug)]
pub(super) struct Case {
    /// The environment.
    pub(super) environment: String,
    /// Its title.
    pub(super) title: String,
    /// Where it is written, as `file:line`.
    pub(super) place: String,
    /// What is against it, a line each, with the path that grants what must not be; empty when it passed.
    pub(super) failures: Vec<String>,
}

/// The report. It has no times and no host, so equal results give equal bytes.
pub(super) fn render(cases: &[Case]) -> String {
    let mut suites: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        suites.entry(&case.environment).or_default().push(case);
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failed) = (cases.len(), failed(cases.iter()));
    line(
        &mut xml,
        &format!("<testsuites name=\"bailiwick test\" tests=\"{tests}\" failures=\"{failed}\">"),
    );
    for (environment, cases) in suites {
        suite(&mut xml, environment, &cases);
    }
    line(&mut xml, "</testsuites>");
    xml
}

fn suite(xml: &mut String, environment: &str, cases: &[&Case]) {
    let (tests, failed) = (cases.len(), failed(cases.iter().copied()));
    let environment = escape(environment);
    line(
        xml,
        &format!("  <testsuite name=\"{environment}\" tests=\"{tests}\" failures=\"{failed}\">"),
    );
    for case in cases {
        let start = format!(
            "    <testcase classname=\"{environment}\" name=\"{}\" file=\"{}\"",
            escape(&case.title),
            escape(&case.place)
        );
        let Some(first) = case.failures.first() else {
            line(xml, &format!("{start}/>"));
            continue;
        };
        line(xml, &format!("{start}>"));
        let (message, all) = (escape(first), escape(&case.failures.join("\n")));
        let failure = format!("<failure message=\"{message}\" type=\"assertion\">{all}</failure>");
        line(xml, &format!("      {failure}"));
        line(xml, "    </testcase>");
    }
    line(xml, "  </testsuite>");
}

fn failed<'c>(cases: impl Iterator<Item = &'c Case>) -> usize {
    cases.filter(|case| !case.failures.is_empty()).count()
}

fn line(xml: &mut String, text: &str) {
    xml.push_str(text);
    xml.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(environment: &str, title: &str, failures: &[&str]) -> Case {
        Case {
            environment: environment.into(),
            title: title.into(),
            place: "catalogs/org.kdl:9".into(),
            failures: failures.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn each_environment_is_a_suite_and_a_failure_has_its_path() {
        let cases = [
            case(
                "prod",
                "nothing is deleted",
                &["bot can call kb:drop", "  bot -> kb:drop"],
            ),
            case("dev", "all can read", &[]),
            case("prod", "all can read", &[]),
        ];
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bailiwick test" tests="3" failures="1">
  <testsuite name="dev" tests="1" failures="0">
    <testcase classname="dev" name="all can read" file="catalogs/org.kdl:9"/>
  </testsuite>
  <testsuite name="prod" tests="2" failures="1">
    <testcase classname="prod" name="nothing is deleted" file="catalogs/org.kdl:9">
      <failure message="bot can call kb:drop" type="assertion">bot can call kb:drop
  bot -&gt; kb:drop</failure>
    </testcase>
    <testcase classname="prod" name="all can read" file="catalogs/org.kdl:9"/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(render(&cases), expected);
    }

    #[test]
    fn a_title_cannot_leave_its_attribute() {
        let xml = render(&[case("dev", "\"/><x a='&\u{1b}\t", &[])]);
        assert!(
            xml.contains("name=\"&quot;/&gt;&lt;x a=&apos;&amp;\u{fffd}&#9;\""),
            "{xml}"
        );
    }
}
