//! The bytes of `tools/list`, made before anybody asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;

use super::{Day, Entry, Narrowed};
use crate::edge::Era;

/// How long a client may show a list without asking again, milliseconds. Calls are decided on the
/// table whatever a client shows.
const TTL: u32 = 30_000;

/// The lists of one agent: one for each stretch of days on which it does not change.
#[derive(Debug)]
pub(crate) struct Lists(Vec<Stretch>);

#[derive(Debug)]
struct Stretch {
    /// Its last day; the last stretch never ends.
    through: Option<Day>,
    bodies: OnceLock<Bodies>,
}

#[derive(Debug)]
struct Bodies {
    legacy: Box<RawValue>,
    modern: Box<RawValue>,
}

impl Lists {
    /// Makes the list that holds `today`; the ones of later stretches are made when their time
    /// has come.
    pub(crate) fn new(tools: &BTreeMap<Box<str>, Arc<Entry>>, today: Day) -> Self {
        let ends: BTreeSet<Day> = tools.values().filter_map(|entry| entry.until).collect();
        let stretches = ends.into_iter().map(Some).chain([None]);
        let lists = Self(
            stretches
                .map(|through| Stretch {
                    through,
                    bodies: OnceLock::new(),
                })
                .collect(),
        );
        lists.on(today, Era::Modern, tools);
        lists
    }

    /// The result of `tools/list` on `today`.
    pub(crate) fn on(
        &self,
        today: Day,
        era: Era,
        tools: &BTreeMap<Box<str>, Arc<Entry>>,
    ) -> Option<&RawValue> {
        let stretch = self
            .0
            .iter()
            .find(|stretch| stretch.through.is_none_or(|through| today <= through))?;
        let bodies = stretch.bodies.get_or_init(|| Bodies::new(tools, today));
        Some(match era {
            Era::Legacy => &bodies.legacy,
            Era::Modern => &bodies.modern,
        })
    }
}

impl Bodies {
    fn new(tools: &BTreeMap<Box<str>, Arc<Entry>>, today: Day) -> Self {
        let mut list = String::from("[");
        for (exposed, entry) in tools.iter().filter(|(_, entry)| entry.holds_on(today)) {
            if list.len() > 1 {
                list.push(',');
            }
            let narrowed = entry.narrowed.as_ref().map(Narrowed::text);
            entry.definition.write_as(exposed, narrowed, &mut list);
        }
        list.push(']');
        let modern = format!(
            r#"{{"resultType":"complete","tools":{list},"ttlMs":{TTL},"cacheScope":"private","_meta":{{"io.modelcontextprotocol/serverInfo":{{"name":"bailiwick-dispatch","version":"{}"}}}}}}"#,
            env!("CARGO_PKG_VERSION"),
        );
        Self {
            legacy: raw(format!(r#"{{"tools":{list}}}"#)),
            modern: raw(modern),
        }
    }
}

/// `text` as raw JSON; it is put together from whole JSON values.
fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_default()
}
