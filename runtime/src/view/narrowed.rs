//! What is left of the arguments of a tool for one agent.

use std::collections::BTreeMap;
use std::sync::Arc;

use bailiwick_config::Permission;
use bailiwick_schema::Fixed;

use crate::arguments::{Schema, SchemaError};

/// The schema that an agent sees in the place of the definition's, and what is put into its calls.
#[derive(Debug)]
pub(crate) struct Narrowed {
    text: Arc<str>,
    schema: Arc<Schema>,
    fixed: Vec<Fixed>,
}

/// Schemas by their text, each compiled once: a role brings the same to many agents.
#[derive(Debug, Default)]
pub(crate) struct Schemas(BTreeMap<Arc<str>, Arc<Schema>>);

impl Schemas {
    fn compile(&mut self, text: String) -> Result<(Arc<str>, Arc<Schema>), SchemaError> {
        if let Some((text, schema)) = self.0.get_key_value(text.as_str()) {
            return Ok((Arc::clone(text), Arc::clone(schema)));
        }
        let schema = Arc::new(Schema::compile(&text)?);
        let text: Arc<str> = text.into();
        self.0.insert(Arc::clone(&text), Arc::clone(&schema));
        Ok((text, schema))
    }
}

impl Narrowed {
    /// Compiles what `permission` narrows, with what `schemas` has already; none when it narrows nothing.
    pub(crate) fn compile(
        permission: &Permission,
        schemas: &mut Schemas,
    ) -> Result<Option<Self>, SchemaError> {
        let Some(schema) = &permission.input_schema else {
            return Ok(None);
        };
        let (text, schema) = schemas.compile(schema.to_string())?;
        let fixed = permission.fixed.iter().map(|fixed| Fixed {
            path: fixed.path.clone(),
            value: fixed.value.clone(),
        });
        Ok(Some(Self {
            text,
            schema,
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
