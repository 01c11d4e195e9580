//! What a message gives as an example can be written where the message is about.

use super::*;
use crate::grammar::types::Type;
use crate::syntax::Value as Written;

#[test]
fn an_example_fits_its_type() {
    let mut tried = 0;
    for row in rows() {
        let arguments = row.arguments.iter().map(|one| one.of);
        let properties = row.properties.iter().map(|one| one.of);
        for of in arguments.chain(properties) {
            if !matches!(of, Type::Duration(..) | Type::Size(..) | Type::Quantity(..)) {
                continue;
            }
            let noun = of.noun();
            let (_, example) = noun.split_once("such as \"").unwrap();
            let example = Written::Text(example.trim_end_matches('"').into());
            let read = value::read(of, row.name, &example);
            assert!(read.is_ok(), "`{}`: {noun}", row.name);
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}
