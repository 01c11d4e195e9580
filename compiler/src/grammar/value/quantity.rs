//! Kubernetes quantities: bytes of storage and memory, thousandths of a processor.

use crate::grammar::types::Resource;

/// Units with their bytes, the largest first.
const UNITS: [(&str, u64); 8] = [
    ("Ti", 1 << 40),
    ("T", 1_000_000_000_000),
    ("Gi", 1 << 30),
    ("G", 1_000_000_000),
    ("Mi", 1 << 20),
    ("M", 1_000_000),
    ("Ki", 1 << 10),
    ("k", 1_000),
];

/// Units of processors with their thousandths, the largest first.
const PROCESSORS: [(&str, u64); 2] = [("", 1_000), ("m", 1)];

/// Bytes or thousandths, when the text is a whole quantity of this resource.
pub(crate) fn parse(of: Resource, text: &str) -> Option<u64> {
    match of {
        Resource::Storage | Resource::Memory => bytes(text),
        Resource::Cpu => super::size::with_unit(text, &PROCESSORS),
    }
}

/// Bytes or thousandths as Kubernetes writes them.
pub(crate) fn show(of: Resource, number: u64) -> String {
    match of {
        Resource::Storage | Resource::Memory => show_bytes(number),
        Resource::Cpu => super::size::in_largest_unit(number, &PROCESSORS),
    }
}

fn bytes(text: &str) -> Option<u64> {
    super::size::with_unit(text, &UNITS).or_else(|| super::size::with_unit(text, &[("", 1)]))
}

fn show_bytes(bytes: u64) -> String {
    let binary: Vec<(&str, u64)> = UNITS
        .into_iter()
        .filter(|(name, _)| name.ends_with('i'))
        .chain([("", 1)])
        .collect();
    super::size::in_largest_unit(bytes, &binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_and_decimal_units() {
        for of in [Resource::Storage, Resource::Memory] {
            assert_eq!(parse(of, "10Gi"), Some(10 << 30));
            assert_eq!(parse(of, "5G"), Some(5_000_000_000));
            assert_eq!(parse(of, "1024"), Some(1_024));
            for bad in [
                "",
                "Gi",
                "10GiB",
                "10 Gi",
                "1.5Gi",
                "-1Gi",
                "99999999Ti",
                "100m",
            ] {
                assert_eq!(parse(of, bad), None, "{bad}");
            }
        }
    }

    #[test]
    fn processors_and_thousandths_of_them() {
        assert_eq!(parse(Resource::Cpu, "250m"), Some(250));
        assert_eq!(parse(Resource::Cpu, "2"), Some(2_000));
        for bad in ["", "m", "0.5", "1k", "250 m", "250M", "-1", "1Gi"] {
            assert_eq!(parse(Resource::Cpu, bad), None, "{bad}");
        }
    }

    #[test]
    fn shown_as_kubernetes_writes() {
        assert_eq!(show(Resource::Storage, 1 << 40), "1Ti");
        assert_eq!(show(Resource::Memory, 64 << 30), "64Gi");
        assert_eq!(show(Resource::Cpu, 10), "10m");
        assert_eq!(show(Resource::Cpu, 64_000), "64");
    }
}
