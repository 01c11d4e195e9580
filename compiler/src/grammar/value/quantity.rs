//! Kubernetes quantities of storage.

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

/// Bytes, when the text is a whole quantity.
pub(crate) fn parse(text: &str) -> Option<u64> {
    super::size::with_unit(text, &UNITS).or_else(|| super::size::with_unit(text, &[("", 1)]))
}

/// Bytes as Kubernetes writes them.
pub(crate) fn show(bytes: u64) -> String {
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
        assert_eq!(parse("10Gi"), Some(10 << 30));
        assert_eq!(parse("5G"), Some(5_000_000_000));
        assert_eq!(parse("1024"), Some(1_024));
        for bad in ["", "Gi", "10GiB", "10 Gi", "1.5Gi", "-1Gi", "99999999Ti"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn shown_as_kubernetes_writes() {
        assert_eq!(show(1 << 40), "1Ti");
        assert_eq!(show(64 << 30), "64Gi");
    }
}
