//! URLs with TLS.

use crate::checks::language::WRONG_TYPE;
use crate::checks::network::PLAINTEXT_HTTP;
use crate::checks::secrets::CREDENTIALS_IN_URL;

use super::host::confusable;
use super::network::is_host_or_address;
use super::{Misfit, quote};

/// The parts of an https URL that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts<'t> {
    /// Host name or address, without brackets.
    pub(crate) host: &'t str,
    /// Port, 443 where none is written.
    pub(crate) port: u16,
    /// Path with its leading slash; empty when there is none.
    pub(crate) path: &'t str,
}

/// Refuses what is no https URL.
pub(crate) fn https(text: &str) -> Result<(), Misfit> {
    if has_credentials(text) {
        // The value is not shown: it may be a password.
        return Err(Misfit::new(
            &CREDENTIALS_IN_URL,
            "this URL has a user or a password in it (not shown)",
        )
        .help("leave it out, and give the credentials as a `secret`"));
    }
    if text
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
    {
        return Err(
            Misfit::new(&PLAINTEXT_HTTP, format!("{} is without TLS", quote(text)))
                .help("use https, or `service` for a server in the same cluster"),
        );
    }
    if let Some(misfit) = host_of(text).and_then(confusable) {
        return Err(misfit);
    }
    match parts(text) {
        Some(_) => Ok(()),
        None => Err(Misfit::new(
            &WRONG_TYPE,
            format!("expected an https URL, found {}", quote(text)),
        )),
    }
}

/// Takes an https URL apart; none when it is no such URL. Query and fragment are refused.
pub(crate) fn parts(text: &str) -> Option<Parts<'_>> {
    let rest = text.strip_prefix("https://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = (rest.get(..end)?, rest.get(end..)?);
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => {
            let (host, after) = inner.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (
                host,
                after
                    .strip_prefix(':')
                    .or_else(|| after.is_empty().then_some("443"))?,
            )
        }
        None => authority.split_once(':').unwrap_or((authority, "443")),
    };
    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
    let path_fits = path.bytes().all(|b| {
        b.is_ascii_graphic()
            && !matches!(
                b,
                b'?' | b'#' | b'"' | b'\\' | b'<' | b'>' | b'`' | b'{' | b'}'
            )
    });
    (text.len() <= 2_048 && path_fits && is_host_or_address(host)).then_some(Parts {
        host,
        port,
        path,
    })
}

/// Whether the text is a URL with a user before its host.
pub(crate) fn has_credentials(text: &str) -> bool {
    authority(text).is_some_and(|(scheme, authority)| {
        scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
            && authority.contains('@')
    })
}

/// The host in something like a URL, which need not be one.
pub(crate) fn host_of(text: &str) -> Option<&str> {
    let (_, authority) = authority(text)?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    host.split(':').next()
}

/// The scheme of something like a URL, and what stands before its path.
fn authority(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, rest.get(..end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url() {
        assert_eq!(
            parts("https://mcp.acme.internal:8443/mcp"),
            Some(Parts {
                host: "mcp.acme.internal",
                port: 8_443,
                path: "/mcp"
            })
        );
        for (url, host, port) in [
            ("https://a.example/mcp", "a.example", 443),
            ("https://A.example:8443", "A.example", 8443),
            ("https://[::1]/x", "::1", 443),
            ("https://[2001:db8::1]", "2001:db8::1", 443),
            ("https://[2001:db8::1]:1234/x", "2001:db8::1", 1234),
        ] {
            let found = parts(url).map(|url| (url.host, url.port));
            assert_eq!(found, Some((host, port)), "{url}");
        }
        for bad in [
            "",
            "https://",
            "https:///x",
            "https://a:0/",
            "https://a:99999",
            "https://a:port/",
            "https://a?b=c",
            "https://A.example:8443?x",
            "https://u:p@a.example/",
            "https://a/#x",
            "a.example",
            "http://a.example",
            "ftp://a",
            "https://a b",
            "https://-a",
            "https://[::1",
            "HTTPS://a",
        ] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_mistake_has_its_code() {
        let code = |text| https(text).unwrap_err().check.code;
        assert_eq!(code("http://x"), "NET001");
        assert_eq!(code("https://u:p@x"), "SEC003");
        assert_eq!(code("http://u:p@x"), "SEC003");
        assert_eq!(code("x"), "LNG005");
        assert!(
            !https("https://u:geheim@x")
                .unwrap_err()
                .message
                .contains("geheim")
        );
        assert!(https("https://x/@user").is_ok());
    }

    #[test]
    fn hosts_of_urls() {
        for (url, host) in [
            ("https://x.com/mcp", Some("x.com")),
            ("https://x.com:8443", Some("x.com")),
            ("https://A.x.com:8443?x", Some("A.x.com")),
            ("https://u:p@x.com/", Some("x.com")),
            ("postgres://u@db.x.com/a?b", Some("db.x.com")),
            ("x.com", None),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
