//! The host and port of a URL that the grammar accepted.

/// Where a URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Host name or address, without brackets.
    pub(crate) host: String,
    /// Port, written or the scheme's.
    pub(crate) port: u16,
}

/// The host and port of `url`; none when it has no host.
pub(crate) fn authority(url: &str) -> Option<Authority> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, _) = rest.split_at_checked(end)?;
    let host_and_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        None => match host_and_port.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host_and_port, None),
        },
    };
    let default = if scheme.eq_ignore_ascii_case("http") {
        80
    } else {
        443
    };
    let port = match port {
        Some(port) => port.parse().ok()?,
        None => default,
    };
    (!host.is_empty()).then(|| Authority {
        host: host.to_ascii_lowercase(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_found() {
        let cases = [
            ("https://a.example/mcp", Some(("a.example", 443))),
            ("https://A.example:8443?x", Some(("a.example", 8443))),
            ("http://a.example", Some(("a.example", 80))),
            ("https://[2001:db8::1]:1234/x", Some(("2001:db8::1", 1234))),
            ("https://[2001:db8::1]", Some(("2001:db8::1", 443))),
            ("https://u:p@a.example/", Some(("a.example", 443))),
            ("https://", None),
            ("https://a.example:port/", None),
            ("a.example", None),
        ];
        for (url, expected) in cases {
            let found = authority(url).map(|found| (found.host, found.port));
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(found, expected, "{url}");
        }
    }
}
