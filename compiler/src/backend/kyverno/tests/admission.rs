//! Kyverno's way with a policy: rules, conditions, variables, then the first validation that fails.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cel::{Context, Env, Value as Cel, extensions};
use serde_json::{Value, json};

/// Functions and macros of CEL that Kyverno has too.
static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();

/// A request to the API server.
pub(super) struct Request {
    operation: &'static str,
    object: Value,
    user: Value,
    subresource: &'static str,
}

impl Request {
    pub(super) fn new(operation: &'static str, object: &Value, user: Value) -> Self {
        Self {
            operation,
            object: object.clone(),
            user,
            subresource: "",
        }
    }

    /// The request to a subresource of the object.
    pub(super) fn of(mut self, subresource: &'static str) -> Self {
        self.subresource = subresource;
        self
    }

    fn group(&self) -> &str {
        let version = self.object["apiVersion"].as_str().unwrap();
        version.split_once('/').map_or("", |(group, _)| group)
    }

    fn resource(&self) -> String {
        let kind = self.object["kind"].as_str().unwrap().to_ascii_lowercase();
        let plural = match kind.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{kind}s"),
        };
        match self.subresource {
            "" => plural,
            subresource => format!("{plural}/{subresource}"),
        }
    }

    fn as_value(&self) -> Value {
        json!({
            "operation": self.operation,
            "name": self.object["metadata"]["name"],
            "namespace": self.object["metadata"].get("namespace").cloned().unwrap_or(json!("")),
            "subResource": self.subresource,
            "userInfo": self.user,
        })
    }
}

/// Last part of the names of the policies that refuse, sorted.
pub(super) fn refusing(policies: &[&Value], request: &Request) -> Vec<String> {
    let mut names: Vec<String> = policies
        .iter()
        .filter(|policy| refusal(policy, request).is_some())
        .map(|policy| {
            let name = policy["metadata"]["name"].as_str().unwrap();
            name.splitn(3, '-').last().unwrap().to_owned()
        })
        .collect();
    names.sort();
    names
}

/// What a policy says against a request.
pub(super) fn refusal(policy: &Value, request: &Request) -> Option<String> {
    let spec = &policy["spec"];
    if !is_matched(&spec["matchConstraints"], request) {
        return None;
    }
    let environment = ENVIRONMENT.get_or_init(|| {
        let mut environment = Env::stdlib();
        environment.add_extension(extensions::strings).unwrap();
        Arc::new(environment)
    });
    let mut context = Context::with_env(Arc::clone(environment));
    let object = if request.operation == "DELETE" {
        &Value::Null
    } else {
        &request.object
    };
    context
        .add_variable("object", cel::to_value(object).unwrap())
        .unwrap();
    context
        .add_variable("request", cel::to_value(request.as_value()).unwrap())
        .unwrap();
    for condition in items(&spec["matchConditions"]) {
        match evaluate(environment, &context, &condition["expression"]) {
            Ok(Cel::Bool(true)) => {}
            Ok(Cel::Bool(false)) => return None,
            other => panic!("{condition}: {other:?}"),
        }
    }
    // In order: a variable may use those before it. One that fails refuses whatever asks for it.
    let mut variables: BTreeMap<String, Cel> = BTreeMap::new();
    set_variables(&mut context, &variables);
    for variable in items(&spec["variables"]) {
        if let Ok(value) = evaluate(environment, &context, &variable["expression"]) {
            variables.insert(variable["name"].as_str().unwrap().to_owned(), value);
            set_variables(&mut context, &variables);
        }
    }
    items(&spec["validations"]).find_map(|validation| {
        match evaluate(environment, &context, &validation["expression"]) {
            Ok(Cel::Bool(true)) => None,
            Ok(Cel::Bool(false)) => {
                match evaluate(environment, &context, &validation["messageExpression"]) {
                    Ok(Cel::String(message)) => Some(message.to_string()),
                    other => panic!("{validation}: the message is {other:?}"),
                }
            }
            Ok(other) => panic!("{validation}: {other:?} is no truth value"),
            Err(error) => Some(error),
        }
    })
}

#[expect(clippy::disallowed_types, reason = "what the interpreter takes")]
fn set_variables(context: &mut Context<'_, '_>, variables: &BTreeMap<String, Cel>) {
    let map: std::collections::HashMap<String, Cel> = variables.clone().into_iter().collect();
    context.add_variable_from_value("variables", Cel::from(map));
}

fn is_matched(constraints: &Value, request: &Request) -> bool {
    let selected = items(&constraints["namespaceSelector"]["matchExpressions"]);
    let own = request.object["metadata"].get("namespace");
    for expression in selected {
        assert_eq!(expression["key"], "kubernetes.io/metadata.name");
        assert_eq!(expression["operator"], "In");
        if own.is_some_and(|own| !items(&expression["values"]).any(|one| one == own)) {
            return false;
        }
    }
    let has = |list: &Value, word: &str| items(list).any(|one| one == word);
    items(&constraints["resourceRules"]).any(|rule| {
        has(&rule["apiGroups"], request.group())
            && has(&rule["operations"], request.operation)
            && has(&rule["resources"], &request.resource())
    })
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn evaluate(environment: &Env, context: &Context<'_, '_>, text: &Value) -> Result<Cel, String> {
    let expression = environment
        .parser()
        .parse(text.as_str().unwrap())
        .map_err(|error| format!("{text}: {error}"))?;
    Cel::resolve(&expression, context).map_err(|error| format!("{error:?}"))
}
