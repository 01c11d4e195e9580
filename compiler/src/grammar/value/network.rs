//! Destinations: host names, addresses and ranges with a port.

use std::net::{IpAddr, Ipv6Addr};

use crate::checks::language::WRONG_TYPE;
use crate::checks::network::MISSING_PORT;
use crate::grammar::types::Type;
use crate::model::Egress;

use super::host::confusable;
use super::{Misfit, quote};

/// Reads `host:port` or `CIDR:port`.
pub(super) fn destination(of: Type, text: &str) -> Result<Egress, Misfit> {
    let wrong = || {
        Misfit::new(
            &WRONG_TYPE,
            format!("expected {}, found {}", of.noun(), quote(text)),
        )
    };
    if let Some(misfit) = confusable(split_port(text).map_or(text, |(host, _)| host)) {
        return Err(misfit);
    }
    let Some((host, port)) = split_port(text) else {
        // Only what would be fine with a port lacks nothing but the port.
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        return Err(if is_target(bare) {
            let shown = if bare.contains(':') {
                format!("[{bare}]")
            } else {
                bare.to_owned()
            };
            Misfit::new(&MISSING_PORT, format!("{} needs a port", quote(text))).help(format!(
                "write the port that is needed, such as \"{shown}:443\""
            ))
        } else {
            wrong()
        });
    };
    let port = port
        .parse::<u16>()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(wrong)?;
    if let Some(range) = range_of(host) {
        Ok(Egress::Cidr(range, port))
    } else if is_host_pattern(host) {
        Ok(Egress::Host(host.to_ascii_lowercase(), port))
    } else {
        Err(wrong())
    }
}

/// The part before the port, without brackets, and the port.
fn split_port(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        let (host, after) = inner.split_once(']')?;
        host.contains(':').then_some(())?;
        return Some((host, after.strip_prefix(':')?));
    }
    let (host, port) = text.rsplit_once(':')?;
    // An IPv6 address without brackets has no port.
    (!host.contains(':')).then_some((host, port))
}

fn is_target(text: &str) -> bool {
    range_of(text).is_some() || is_host_pattern(text)
}

/// An address or range in CIDR form, host bits cleared; IPv4 in its own form, also where it is
/// written as IPv6.
fn range_of(text: &str) -> Option<String> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address.parse::<IpAddr>().ok()?, Some(length)),
        None => (text.parse::<IpAddr>().ok()?, None),
    };
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits
            .parse::<u32>()
            .ok()
            .filter(|length| *length <= bits)?,
        Some(_) => return None,
        None => bits,
    };
    let network = network_of(address, length);
    let mapped = match network {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().zip(length.checked_sub(96)),
        IpAddr::V4(_) => None,
    };
    Some(match mapped {
        Some((v4, length)) => format!("{v4}/{length}"),
        None => format!("{network}/{length}"),
    })
}

/// The first address of a range.
pub(crate) fn network_of(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(v6) & mask))
        }
    }
}

/// A host name, `*.suffix`, or `*` for any.
fn is_host_pattern(text: &str) -> bool {
    text == "*" || is_host(text.strip_prefix("*.").unwrap_or(text))
}

/// Whether the text is a host name or an address.
pub(crate) fn is_host_or_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_host(text)
}

/// Whether the text is a host name by the rules of DNS, and not something that looks like an address.
pub(crate) fn is_host(text: &str) -> bool {
    let labels = || text.split('.');
    (1..=253).contains(&text.len())
        && labels().all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
        && !labels().next_back().is_some_and(is_number)
}

/// Resolvers take a name that ends in a number, also a hexadecimal one, for an address.
fn is_number(label: &str) -> bool {
    let hex = label
        .strip_prefix("0x")
        .or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => label.bytes().all(|b| b.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Egress, &'static str> {
        destination(Type::Destination, text).map_err(|misfit| misfit.check.code)
    }

    #[test]
    fn names_addresses_and_ranges() {
        assert_eq!(
            read("api.github.com:443"),
            Ok(Egress::Host("api.github.com".to_owned(), 443))
        );
        assert_eq!(
            read("*.example.com:443"),
            Ok(Egress::Host("*.example.com".to_owned(), 443))
        );
        assert_eq!(read("*:443"), Ok(Egress::Host("*".to_owned(), 443)));
        assert_eq!(
            read("10.8.1.0/16:5432"),
            Ok(Egress::Cidr("10.8.0.0/16".to_owned(), 5432))
        );
        assert_eq!(
            read("1.2.3.4:80"),
            Ok(Egress::Cidr("1.2.3.4/32".to_owned(), 80))
        );
        assert_eq!(
            read("[2001:db8::1]:443"),
            Ok(Egress::Cidr("2001:db8::1/128".to_owned(), 443))
        );
        assert_eq!(
            read("[2001:db8::/32]:443"),
            Ok(Egress::Cidr("2001:db8::/32".to_owned(), 443))
        );
        assert_eq!(
            read("[::ffff:10.8.1.0/112]:80"),
            Ok(Egress::Cidr("10.8.0.0/16".to_owned(), 80))
        );
        assert_eq!(
            read("0.0.0.0/0:80"),
            Ok(Egress::Cidr("0.0.0.0/0".to_owned(), 80))
        );
    }

    #[test]
    fn a_port_is_needed() {
        for bare in [
            "api.github.com",
            "10.0.0.1",
            "10.0.0.0/8",
            "2001:db8::1",
            "[2001:db8::1]",
            "*",
        ] {
            assert_eq!(read(bare), Err("NET005"), "{bare}");
        }
    }

    #[test]
    fn no_destinations() {
        for bad in [
            "",
            ":443",
            "a b:1",
            "x:0",
            "x:65536",
            "x:http",
            "1.2.3:80",
            "1.2.3.4/33:80",
            "1.2.3.4/-1:80",
            "*.*.x:1",
            "a.*.b:1",
            "https://x:443",
            "-a:1",
            "[x]:1",
            "256.1.1.1:80",
        ] {
            assert_eq!(read(bad), Err("LNG005"), "{bad}");
        }
    }
}
