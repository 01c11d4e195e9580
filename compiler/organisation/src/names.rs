//! Words of which names are made.

/// What teams of an organisation do: the name of a team, and the five things that its tools are about.
const THEMES: &str = "\
billing   invoice payment refund credit_note dunning_run
support   ticket customer macro escalation survey
payroll   payslip salary bonus timesheet deduction
logistics shipment parcel route carrier depot
products  product price stock_item supplier review
marketing campaign audience newsletter banner lead
legal     contract clause dispute policy licence
research  paper experiment dataset sample citation
platform  cluster pipeline release incident certificate
travel    booking flight hotel visa expense
";

/// The name of the team with this number, and what its tools are about. When all themes are taken, they begin
/// again, with a number behind the name.
pub(crate) fn team(index: usize) -> (String, Vec<&'static str>) {
    let count = THEMES.lines().count();
    let theme = THEMES.lines().nth(index % count).unwrap_or_default();
    let (name, nouns) = theme.split_once(' ').unwrap_or_default();
    let name = match index / count {
        0 => name.to_owned(),
        round => format!("{name}-{}", round + 1),
    };
    (name, nouns.split_whitespace().collect())
}
