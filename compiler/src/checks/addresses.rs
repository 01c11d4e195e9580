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
pub(crate) const METADATA: [IpAddr; 9] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];
/// `64:ff9b::/96`, in which a gateway finds an IPv4 address (RFC 6052).
const TRANSLATED: u128 = 0x64_ff9b << 96;

const METADATA_HOSTS: [&str; 5] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata",
    "instance-data.ec2.internal",
    "instance-data",
];

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
                    .find(|address| covers_address(range, *address))
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

/// Ends of host names that are of no public network.
const INSIDE: [&str; 4] = [".internal", ".local", ".localhost", ".svc"];

/// Whether a host name, address or range is one of a private network, as far as it says so itself.
pub(super) fn is_inside(place: &str) -> bool {
    let (address, length) = place.split_once('/').unwrap_or((place, "128"));
    if let Ok(address) = address.parse::<IpAddr>() {
        let is_narrow = length.parse::<u32>().is_ok_and(|length| length >= 8);
        return is_narrow && is_private(address);
    }
    let name = place.to_ascii_lowercase();
    // Any host, `*`, is not a name without a domain.
    name != "*" && (!name.contains('.') || INSIDE.iter().any(|end| name.ends_with(end)))
}

/// The host of a remote server.
pub(super) fn remote_host(settings: &ServerSettings) -> Option<(&str, Loc)> {
    let remote = settings.url.as_ref()?;
    Some((url::parts(&remote.value)?.host, remote.loc))
}

pub(super) fn is_metadata(host: &str) -> bool {
    METADATA_HOSTS
        .into_iter()
        .any(|metadata| host.eq_ignore_ascii_case(metadata))
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| METADATA.contains(&plain(address)))
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

pub(crate) fn contains(range: &str, address: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else {
        return false;
    };
    let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    network.is_ipv4() == address.is_ipv4() && network_of(address, length) == network
}

/// Whether a range has the address, written as it is or as an IPv6 one that leads to it.
fn covers_address(range: &str, address: IpAddr) -> bool {
    let inside_v6 = |v4: Ipv4Addr| {
        let translated = Ipv6Addr::from(TRANSLATED | u128::from(u32::from(v4)));
        contains(range, v4.to_ipv6_mapped().into()) || contains(range, translated.into())
    };
    contains(range, address) || matches!(address, IpAddr::V4(v4) if inside_v6(v4))
}

/// An IPv4 address, also when it is written as an IPv6 one that leads to it.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let translated = contains("64:ff9b::/96", address).then(|| {
        let [.., a, b, c, d] = v6.octets();
        Ipv4Addr::new(a, b, c, d)
    });
    v6.to_ipv4_mapped()
        .or(translated)
        .map_or(address, IpAddr::V4)
}

pub(super) fn is_private(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(v4) => {
            let shared = v4.octets().first() == Some(&100) && contains("100.64.0.0/10", v4.into());
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.octets().first() == Some(&0)
                || shared
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_says_so() {
        for place in [
            "registry",
            "db.acme.internal",
            "10.0.0.0/8",
            "192.168.1.7/32",
            "fd00::1/128",
        ] {
            assert!(is_inside(place), "{place}");
        }
        for place in [
            "*",
            "*.example.com",
            "api.example.com",
            "0.0.0.0/0",
            "10.0.0.0/1",
            "8.8.8.8/32",
            "::/0",
        ] {
            assert!(!is_inside(place), "{place}");
        }
    }

    #[test]
    fn ranges_around_a_metadata_address() {
        let link_local = METADATA[0];
        assert!(contains("169.254.169.254/32", link_local));
        assert!(contains("169.254.0.0/16", link_local));
        assert!(contains("0.0.0.0/0", link_local));
        assert!(!contains("10.0.0.0/8", link_local));
        assert!(contains("fd00::/8", METADATA[6]));
    }

    #[test]
    fn ranges_around_an_address_that_leads_to_a_metadata_address() {
        let link_local = METADATA[0];
        for range in ["64:ff9b::a9fe:a9fe/128", "64:ff9b::/96", "::/0", "::/80"] {
            assert!(covers_address(range, link_local), "{range}");
        }
        assert!(!covers_address("64:ff9b::808:808/128", link_local));
        for host in [
            "64:ff9b::a9fe:a9fe",
            "168.63.129.16",
            "fd20:ce::254",
            "METADATA.goog",
        ] {
            assert!(is_metadata(host), "{host}");
        }
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
            "64:ff9b::a00:5",
            "224.0.0.1",
        ] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "100.63.0.1", "2001:4860::1"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }
}
