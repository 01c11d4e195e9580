//! The table of all checks, each with its page.

use super::{
    arguments, assertions, budget, calls, claims, delegation, duties, effects, environments,
    floating, flows, grants, kubernetes, labels, language, limits, lock, look_alikes, mirrors,
    names, network, overlays, owners, patterns, permissions, promotion, reading, schemas, secrets,
    targets, templates, texts, tools, trifecta, unused,
};
use crate::diagnostic::Check;
use crate::syntax::problems;

/// Every check, in the order of the reference, with its page.
static CHECKS: &[(&Check, &str)] = &[
    (
        &problems::UNTERMINATED_STRING,
        include_str!("docs/SYN001.md"),
    ),
    (
        &problems::VALUE_NEEDS_QUOTES,
        include_str!("docs/SYN002.md"),
    ),
    (&problems::UNCLOSED_BLOCK, include_str!("docs/SYN003.md")),
    (&problems::UNMATCHED_BRACE, include_str!("docs/SYN004.md")),
    (
        &problems::EXPECTED_NODE_NAME,
        include_str!("docs/SYN005.md"),
    ),
    (&problems::EXPECTED_VALUE, include_str!("docs/SYN006.md")),
    (&problems::BARE_KEYWORD, include_str!("docs/SYN007.md")),
    (
        &problems::BAD_TYPE_ANNOTATION,
        include_str!("docs/SYN008.md"),
    ),
    (
        &problems::UNTERMINATED_COMMENT,
        include_str!("docs/SYN009.md"),
    ),
    (
        &problems::DANGLING_SLASHDASH,
        include_str!("docs/SYN010.md"),
    ),
    (
        &problems::DISALLOWED_CODE_POINT,
        include_str!("docs/SYN011.md"),
    ),
    (&problems::NESTED_TOO_DEEPLY, include_str!("docs/SYN012.md")),
    (
        &problems::MISPLACED_CHILD_BLOCK,
        include_str!("docs/SYN013.md"),
    ),
    (
        &problems::BAD_MULTILINE_STRING,
        include_str!("docs/SYN014.md"),
    ),
    (&problems::BAD_ESCAPE, include_str!("docs/SYN015.md")),
    (&problems::INPUT_TOO_LARGE, include_str!("docs/SYN016.md")),
    (&problems::UNQUOTED_URL, include_str!("docs/SYN017.md")),
    (
        &problems::DUPLICATE_PROPERTY,
        include_str!("docs/SYN018.md"),
    ),
    (&problems::SUSPICIOUS_NAME, include_str!("docs/SYN019.md")),
    (&problems::KDL_V1_SYNTAX, include_str!("docs/SYN020.md")),
    (&problems::NOT_UTF8, include_str!("docs/SYN021.md")),
    (&language::UNKNOWN_NODE, include_str!("docs/LNG001.md")),
    (&language::UNKNOWN_PROPERTY, include_str!("docs/LNG002.md")),
    (&language::MISSING_PART, include_str!("docs/LNG003.md")),
    (
        &language::TOO_MANY_ARGUMENTS,
        include_str!("docs/LNG004.md"),
    ),
    (&language::WRONG_TYPE, include_str!("docs/LNG005.md")),
    (&language::UNKNOWN_WORD, include_str!("docs/LNG006.md")),
    (&language::BAD_UNIT, include_str!("docs/LNG007.md")),
    (&language::REPEATED_NODE, include_str!("docs/LNG008.md")),
    (&language::MISPLACED_NODE, include_str!("docs/LNG009.md")),
    (&language::CONFLICTING_NODES, include_str!("docs/LNG010.md")),
    (
        &language::UNSUPPORTED_LANGUAGE,
        include_str!("docs/LNG011.md"),
    ),
    (&language::MISSING_REASON, include_str!("docs/LNG013.md")),
    (
        &language::UNUSED_SUPPRESSION,
        include_str!("docs/LNG014.md"),
    ),
    (
        &language::EXPIRED_SUPPRESSION,
        include_str!("docs/LNG015.md"),
    ),
    (&language::UNKNOWN_CODE, include_str!("docs/LNG016.md")),
    (&language::TYPE_ANNOTATION, include_str!("docs/LNG017.md")),
    (
        &language::COMMENTED_OUT_GRANT,
        include_str!("docs/LNG018.md"),
    ),
    (
        &language::CODE_NOT_SUPPRESSIBLE,
        include_str!("docs/LNG019.md"),
    ),
    (&names::DUPLICATE_NAME, include_str!("docs/NAM001.md")),
    (&names::BAD_NAME, include_str!("docs/NAM002.md")),
    (&names::UNKNOWN_REFERENCE, include_str!("docs/NAM003.md")),
    (&names::UNKNOWN_TOOL, include_str!("docs/NAM004.md")),
    (&names::EMPTY_PATTERN, include_str!("docs/NAM005.md")),
    (&names::NOT_VISIBLE, include_str!("docs/NAM006.md")),
    (&names::EXPOSED_NAME, include_str!("docs/NAM007.md")),
    (&look_alikes::LOOK_ALIKE, include_str!("docs/NAM008.md")),
    (&names::NOT_DEPLOYED, include_str!("docs/NAM009.md")),
    (&unused::UNUSED_DEFINITION, include_str!("docs/NAM010.md")),
    (&names::RESERVED_NAME, include_str!("docs/NAM012.md")),
    (&names::OUTSIDE_AUTHORITY, include_str!("docs/NAM013.md")),
    (&schemas::INVALID_SCHEMA, include_str!("docs/TOL002.md")),
    (&schemas::ROOT_NOT_OBJECT, include_str!("docs/TOL003.md")),
    (
        &schemas::UNSUPPORTED_DIALECT,
        include_str!("docs/TOL004.md"),
    ),
    (&schemas::EXTERNAL_REF, include_str!("docs/TOL005.md")),
    (&schemas::UNRESOLVED_REF, include_str!("docs/TOL006.md")),
    (&schemas::SCHEMA_TOO_LARGE, include_str!("docs/TOL007.md")),
    (&patterns::UNSAFE_PATTERN, include_str!("docs/TOL008.md")),
    (&reading::UNBOUNDED_INPUT, include_str!("docs/TOL009.md")),
    (&reading::OPEN_OBJECT, include_str!("docs/TOL010.md")),
    (
        &reading::sense::REQUIRED_MISSING,
        include_str!("docs/TOL011.md"),
    ),
    (
        &reading::sense::CONTRADICTORY_SCHEMA,
        include_str!("docs/TOL012.md"),
    ),
    (&mirrors::BAD_HEADER_MIRROR, include_str!("docs/TOL013.md")),
    (
        &mirrors::SENSITIVE_HEADER_MIRROR,
        include_str!("docs/TOL014.md"),
    ),
    (
        &schemas::INVALID_OUTPUT_SCHEMA,
        include_str!("docs/TOL015.md"),
    ),
    (&tools::BAD_TOOL_NAME, include_str!("docs/TOL016.md")),
    (&tools::UNCLASSIFIED_TOOL, include_str!("docs/TOL017.md")),
    (
        &claims::EFFECT_CONTRADICTS_HINT,
        include_str!("docs/TOL018.md"),
    ),
    (
        &reading::EFFECT_CONTRADICTS_NAME,
        include_str!("docs/TOL019.md"),
    ),
    (&reading::FREE_FORM_COMMAND, include_str!("docs/TOL020.md")),
    (
        &reading::MISSING_DESCRIPTION,
        include_str!("docs/TOL021.md"),
    ),
    (&reading::URL_PARAMETER, include_str!("docs/TOL022.md")),
    (&schemas::DUPLICATE_JSON_KEY, include_str!("docs/TOL023.md")),
    (
        &reading::sense::DEFAULT_VIOLATES_SCHEMA,
        include_str!("docs/TOL024.md"),
    ),
    (&budget::TOOL_BUDGET, include_str!("docs/TOL025.md")),
    (&arguments::UNKNOWN_ARGUMENT, include_str!("docs/TOL030.md")),
    (
        &arguments::IMPOSSIBLE_ARGUMENT,
        include_str!("docs/TOL031.md"),
    ),
    (
        &arguments::UNKNOWN_SENSITIVE,
        include_str!("docs/TOL032.md"),
    ),
    (&texts::INVISIBLE_TEXT, include_str!("docs/DSC001.md")),
    (&texts::TERMINAL_ESCAPE, include_str!("docs/DSC002.md")),
    (
        &reading::INSTRUCTION_TO_MODEL,
        include_str!("docs/DSC003.md"),
    ),
    (&reading::NAMES_OTHER_TOOL, include_str!("docs/DSC004.md")),
    (
        &reading::NAMES_SECRET_LOCATION,
        include_str!("docs/DSC005.md"),
    ),
    (&reading::ENCODED_BLOB, include_str!("docs/DSC006.md")),
    (&reading::LINK_OR_IMAGE, include_str!("docs/DSC007.md")),
    (&reading::TOO_LONG, include_str!("docs/DSC008.md")),
    (&reading::MIXED_SCRIPT, include_str!("docs/DSC009.md")),
    (&reading::MARKUP, include_str!("docs/DSC010.md")),
    (&reading::ASKS_FOR_CONTEXT, include_str!("docs/DSC011.md")),
    (&reading::WRAPS_USER_CONSENT, include_str!("docs/DSC012.md")),
    (&grants::REDUNDANT_GRANT, include_str!("docs/GRA001.md")),
    (&effects::UNREACHABLE_TOOL, include_str!("docs/GRA002.md")),
    (&unused::IDLE_AGENT, include_str!("docs/GRA003.md")),
    (&grants::WILDCARD_GRANT, include_str!("docs/GRA004.md")),
    (
        &delegation::DELEGATION_ESCALATION,
        include_str!("docs/GRA005.md"),
    ),
    (
        &delegation::DELEGATION_CYCLE,
        include_str!("docs/GRA006.md"),
    ),
    (
        &duties::SEPARATION_OF_DUTIES,
        include_str!("docs/GRA007.md"),
    ),
    (&effects::UNAPPROVED_EFFECT, include_str!("docs/GRA008.md")),
    (
        &permissions::FORBIDDEN_BY_CEILING,
        include_str!("docs/GRA010.md"),
    ),
    (&effects::NO_EXPIRY, include_str!("docs/GRA011.md")),
    (&permissions::EXPIRED_GRANT, include_str!("docs/GRA012.md")),
    (
        &permissions::SHARED_IDENTITY,
        include_str!("docs/GRA013.md"),
    ),
    (&owners::NO_IDENTITY, include_str!("docs/GRA014.md")),
    (&owners::EMPTY_ROLE, include_str!("docs/GRA015.md")),
    (&effects::BROAD_GRANT, include_str!("docs/GRA016.md")),
    (&owners::UNOWNED, include_str!("docs/GRA017.md")),
    (&delegation::DEEP_DELEGATION, include_str!("docs/GRA018.md")),
    (&grants::STRICTER_LIMIT_WINS, include_str!("docs/GRA019.md")),
    (&grants::GROUP_IDENTITY, include_str!("docs/GRA020.md")),
    (&arguments::CONFLICTING_FIX, include_str!("docs/GRA021.md")),
    (&trifecta::LETHAL_TRIFECTA, include_str!("docs/FLO001.md")),
    (&flows::PRIVATE_TO_EXTERNAL, include_str!("docs/FLO002.md")),
    (
        &flows::UNTRUSTED_TO_DESTRUCTIVE,
        include_str!("docs/FLO003.md"),
    ),
    (
        &flows::UNTRUSTED_TO_EXTERNAL,
        include_str!("docs/FLO004.md"),
    ),
    (&trifecta::ONE_TOOL_TRIFECTA, include_str!("docs/FLO005.md")),
    (
        &labels::CROSS_TEAM_RESTRICTED,
        include_str!("docs/FLO006.md"),
    ),
    (
        &flows::FLOW_THROUGH_DELEGATION,
        include_str!("docs/FLO007.md"),
    ),
    (
        &labels::LABEL_CONTRADICTS_EGRESS,
        include_str!("docs/FLO008.md"),
    ),
    (
        &labels::TRUSTED_REMOTE_CONTENT,
        include_str!("docs/FLO009.md"),
    ),
    (&limits::OVER_CEILING, include_str!("docs/LIM001.md")),
    (&limits::NOT_POSITIVE, include_str!("docs/LIM002.md")),
    (&calls::ODD_BURST, include_str!("docs/LIM003.md")),
    (&calls::UNSAFE_RETRY, include_str!("docs/LIM004.md")),
    (&calls::DEADLINE_EXCEEDED, include_str!("docs/LIM005.md")),
    (&calls::NO_LIMIT, include_str!("docs/LIM006.md")),
    (&calls::LONG_APPROVAL, include_str!("docs/LIM009.md")),
    (&secrets::INLINE_SECRET, include_str!("docs/SEC001.md")),
    (&secrets::SECRET_AS_ENV, include_str!("docs/SEC002.md")),
    (&secrets::CREDENTIALS_IN_URL, include_str!("docs/SEC003.md")),
    (&claims::SECRET_PARAMETER, include_str!("docs/SEC005.md")),
    (&secrets::PRIVATE_KEY, include_str!("docs/SEC006.md")),
    (&targets::UNSIGNED_CONFIG, include_str!("docs/SIG001.md")),
    (&network::PLAINTEXT_HTTP, include_str!("docs/NET001.md")),
    (&network::METADATA_ADDRESS, include_str!("docs/NET002.md")),
    (&network::PRIVATE_REMOTE, include_str!("docs/NET003.md")),
    (&network::WILDCARD_EGRESS, include_str!("docs/NET004.md")),
    (&network::MISSING_PORT, include_str!("docs/NET005.md")),
    (&network::IP_LITERAL, include_str!("docs/NET006.md")),
    (&network::CONFUSABLE_HOST, include_str!("docs/NET007.md")),
    (
        &network::NAME_EGRESS_UNENFORCED,
        include_str!("docs/NET008.md"),
    ),
    (
        &network::CROSS_ENVIRONMENT_HOST,
        include_str!("docs/NET010.md"),
    ),
    (&kubernetes::NAME_TOO_LONG, include_str!("docs/K8S001.md")),
    (&kubernetes::NAME_CLASH, include_str!("docs/K8S002.md")),
    (&floating::FLOATING_TAG, include_str!("docs/K8S004.md")),
    (&kubernetes::NO_DIGEST, include_str!("docs/K8S005.md")),
    (
        &kubernetes::REGISTRY_NOT_ALLOWED,
        include_str!("docs/K8S006.md"),
    ),
    (
        &kubernetes::CONFIG_TOO_LARGE,
        include_str!("docs/K8S007.md"),
    ),
    (&kubernetes::BAD_LABEL, include_str!("docs/K8S008.md")),
    (
        &kubernetes::SINGLE_REPLICA_ONLY,
        include_str!("docs/K8S011.md"),
    ),
    (
        &kubernetes::IDENTITY_NAMESPACE,
        include_str!("docs/K8S012.md"),
    ),
    (
        &kubernetes::SHARED_NAMESPACE,
        include_str!("docs/K8S013.md"),
    ),
    (
        &kubernetes::COMMAND_WITHOUT_IMAGE,
        include_str!("docs/K8S014.md"),
    ),
    (&promotion::NOT_PROMOTED, include_str!("docs/ENV001.md")),
    (&promotion::VERSION_AHEAD, include_str!("docs/ENV002.md")),
    (
        &environments::ENVIRONMENT_CYCLE,
        include_str!("docs/ENV003.md"),
    ),
    (&promotion::WEAKER_APPROVAL, include_str!("docs/ENV004.md")),
    (&promotion::WIDER_EGRESS, include_str!("docs/ENV005.md")),
    (&environments::NOT_PATCHABLE, include_str!("docs/ENV006.md")),
    (
        &overlays::PATCH_WITHOUT_EFFECT,
        include_str!("docs/ENV007.md"),
    ),
    (
        &environments::PATCH_CONFLICT,
        include_str!("docs/ENV008.md"),
    ),
    (&unused::EMPTY_ENVIRONMENT, include_str!("docs/ENV009.md")),
    (&promotion::LOOSER_LIMIT, include_str!("docs/ENV010.md")),
    (&overlays::UNTESTED_PROD, include_str!("docs/ENV011.md")),
    (
        &overlays::DEV_ENDPOINT_IN_PROD,
        include_str!("docs/ENV012.md"),
    ),
    (
        &overlays::OVERLAY_NOT_SEPARATE,
        include_str!("docs/ENV013.md"),
    ),
    (
        &environments::PLAINTEXT_DISPATCH,
        include_str!("docs/ENV014.md"),
    ),
    (
        &environments::UNSHARED_STORE,
        include_str!("docs/ENV015.md"),
    ),
    (&environments::NO_APPROVERS, include_str!("docs/ENV016.md")),
    (&environments::NOT_ENFORCED, include_str!("docs/ENV017.md")),
    (&lock::NOT_LOCKED, include_str!("docs/LCK001.md")),
    (&lock::TOOL_CHANGED, include_str!("docs/LCK002.md")),
    (&lock::TOOL_VANISHED, include_str!("docs/LCK004.md")),
    (&lock::DIGEST_CHANGED, include_str!("docs/LCK005.md")),
    (&lock::OUTPUT_OUT_OF_DATE, include_str!("docs/LCK009.md")),
    (&lock::DESCRIPTION_CHANGED, include_str!("docs/LCK010.md")),
    (
        &assertions::ASSERTION_FAILED,
        include_str!("docs/TST001.md"),
    ),
    (
        &assertions::VACUOUS_ASSERTION,
        include_str!("docs/TST002.md"),
    ),
    (&assertions::DUPLICATE_TEST, include_str!("docs/TST003.md")),
    (
        &assertions::TEST_WRONG_ENVIRONMENT,
        include_str!("docs/TST004.md"),
    ),
    (
        &assertions::UNTESTED_SUSPEND,
        include_str!("docs/TST005.md"),
    ),
    (&templates::BROKEN_TEMPLATE, include_str!("docs/TPL001.md")),
    (
        &templates::TEMPLATE_OVERREACH,
        include_str!("docs/TPL002.md"),
    ),
];

/// All checks, by code within each group.
pub fn all() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().map(|(check, _)| *check)
}

/// The check of this code.
pub fn find(code: &str) -> Option<&'static Check> {
    all().find(|check| check.code == code)
}

/// The page of this code, Markdown.
pub fn explain(code: &str) -> Option<&'static str> {
    CHECKS
        .iter()
        .find(|(check, _)| check.code == code)
        .map(|(_, page)| *page)
}

#[cfg(test)]
mod tests;
