//! Addresses that no server may be reached at: metadata services, and private ones for remote servers.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::{METADATA_ADDRESS, PRIVATE_REMOTE};
use crate::diagnostic::Diagnostic;
use crate::environment::Environment;
use crate::grammar::value::network::network_of;
use crate::grammar::value::url;
use crate::model::{Catalog, Egress, Name, ServerSettings};
use crate::source::Loc;

/// Where clouds answer any pod with credentials.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];
const METADATA_HOSTS: [&str; 2] = ["metadata.google.internal", "instance-data.ec2.internal"];

/// Nothing reaches a metadata service.
pub(crate) fn metadata_address(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for settings in catalog.server_settings() {
        for egress in &settings.egress {
            let reached = match &egress.value {
                Egress::Host(host, _) => METADATA_HOSTS
                    .into_iter()
                    .find(|metadata| covers(host, metadata))
                    .map(str::to_owned),
                Egress::Cidr(range, _) => METADATA
                    .into_iter()
                    .find(|address| contains(range, *address))
                    .map(|address| address.to_string()),
                Egress::Service { .. } => None,
            };
            if let Some(reached) = reached {
                found.push(metadata(egress.loc, &reached));
            }
        }
        if let Some((host, loc)) = remote_host(settings)
            && is_metadata(host)
        {
            found.push(metadata(loc, host));
        }
    }
}

fn metadata(loc: Loc, reached: &str) -> Diagnostic {
    METADATA_ADDRESS
        .at(
            loc,
            format!("reaches `{reached}`, a cloud metadata address"),
        )
        .help("it hands out the node's credentials; give the server a `secret` of its own")
}

/// A remote server is at a public address.
pub(crate) fn private_remote(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for settings in catalog.server_settings() {
        let Some((host, loc)) = remote_host(settings).filter(|(host, _)| !is_metadata(host)) else {
            continue;
        };
        let name = host.to_ascii_lowercase();
        let local = name == "localhost" || name.ends_with(".localhost");
        if local || host.parse().is_ok_and(is_private) {
            found.push(
                PRIVATE_REMOTE
                    .at(loc, format!("`{host}` is not a public address"))
                    .help("write `service \"namespace/name\"` for a server in the same cluster"),
            );
        }
    }
}

/// The host of a remote server.
fn remote_host(settings: &ServerSettings) -> Option<(&str, Loc)> {
    let remote = settings.url.as_ref()?;
    Some((url::parts(&remote.value)?.host, remote.loc))
}

fn is_metadata(host: &str) -> bool {
    METADATA_HOSTS
        .into_iter()
        .any(|metadata| host.eq_ignore_ascii_case(metadata))
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| METADATA.contains(&mapped(address)))
}

/// Whether a host of `egress` covers this one by name. Any host, `*`, becomes all public addresses,
/// which no metadata service has.
fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(suffix) => host
            .strip_suffix(suffix)
            .is_some_and(|rest| rest.ends_with('.')),
        None => pattern == host,
    }
}

fn contains(range: &str, address: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else {
        return false;
    };
    let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    network.is_ipv4() == address.is_ipv4() && network_of(address, length) == network
}

/// An IPv4 address, also when it is written as an IPv6 one.
fn mapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_private(address: IpAddr) -> bool {
    match mapped(address) {
        IpAddr::V4(v4) => {
            let shared = v4.octets().first() == Some(&100) && contains("100.64.0.0/10", v4.into());
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.octets().first() == Some(&0)
                || shared
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_around_a_metadata_address() {
        let link_local = METADATA[0];
        assert!(contains("169.254.169.254/32", link_local));
        assert!(contains("169.254.0.0/16", link_local));
        assert!(contains("0.0.0.0/0", link_local));
        assert!(!contains("10.0.0.0/8", link_local));
        assert!(contains("fd00::/8", METADATA[3]));
    }

    #[test]
    fn hosts_that_cover_a_metadata_name() {
        assert!(covers(
            "metadata.google.internal",
            "metadata.google.internal"
        ));
        assert!(covers("*.internal", "metadata.google.internal"));
        assert!(!covers("*.oogle.internal", "metadata.google.internal"));
        assert!(!covers("*", "metadata.google.internal"));
        assert!(is_metadata("::ffff:169.254.169.254"));
    }

    #[test]
    fn private_addresses() {
        for address in [
            "10.0.0.5",
            "127.0.0.1",
            "169.254.1.1",
            "192.168.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd12::1",
            "::ffff:10.0.0.5",
        ] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "100.63.0.1", "2001:4860::1"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }
}
