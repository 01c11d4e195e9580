//! What is left of the arguments of a tool for one agent.

use bailiwick_config::Permission;
use bailiwick_schema::Fixed;

use crate::arguments::{Schema, SchemaError};

/// The schema that an agent sees in the place of the definition's, and what is put into its calls.
#[derive(Debug)]
pub(crate) struct Narrowed {
    text: Box<str>,
    schema: Schema,
    fixed: Vec<Fixed>,
}

impl Narrowed {
    /// Compiles what `permission` narrows; none when it narrows nothing.
    pub(crate) fn compile(permission: &Permission) -> Result<Option<Self>, SchemaError> {
        let Some(schema) = &permission.input_schema else {
            return Ok(None);
        };
        let text = schema.to_string();
        let fixed = permission.fixed.iter().map(|fixed| Fixed {
            path: fixed.path.clone(),
            value: fixed.value.clone(),
        });
        Ok(Some(Self {
            schema: Schema::compile(&text)?,
            text: text.into(),
            fixed: fixed.collect(),
        }))
    }

    /// The schema as the agent gets it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same, compiled.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The arguments that are put into each call.
    pub(crate) fn fixed(&self) -> &[Fixed] {
        &self.fixed
    }
}
