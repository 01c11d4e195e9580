//! The endpoint's own name. A request that was meant for another host, or comes from another
//! site's page, goes no further (DNS rebinding).

use http::header::{HOST, ORIGIN};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, StatusCode, Uri};

use super::Refusal;

/// A scheme, a host and a port, so that two spellings of one origin are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    /// `None` for anything but http and https, or with a user name in it.
    fn new(scheme: &Scheme, authority: &Authority) -> Option<Self> {
        let default_port = if *scheme == Scheme::HTTPS {
            443
        } else if *scheme == Scheme::HTTP {
            80
        } else {
            return None;
        };
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" => default_port,
            rest => rest.strip_prefix(':')?.parse().ok()?,
        };
        Some(Self {
            scheme: scheme.clone(),
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }
}

/// The public URL of the MCP endpoint, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    url: String,
    origin: Origin,
    origin_text: String,
    path: String,
}

/// The endpoint's URL is not one that can be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint's url `{0}` is not an http or https URL without user, query and fragment")]
pub(crate) struct EndpointError(String);

impl Endpoint {
    pub(crate) fn parse(url: &str) -> Result<Self, EndpointError> {
        let error = || EndpointError(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| error())?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(error());
        };
        if uri.query().is_some() || url.contains('#') {
            return Err(error());
        }
        Ok(Self {
            url: url.to_owned(),
            origin: Origin::new(scheme, authority).ok_or_else(error)?,
            origin_text: format!("{scheme}://{authority}"),
            path: uri.path().to_owned(),
        })
    }

    /// The URL as the config writes it: the resource that tokens are for.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Scheme and authority of the URL.
    pub(crate) fn origin(&self) -> &str {
        &self.origin_text
    }

    /// Path of the URL, at least `/`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Refuses requests that were sent to another host or by another site's page.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        self.check_host(uri, headers)?;
        self.check_origin(headers)
    }

    /// Refuses requests for another path, and queries: they end up in logs, and there are no
    /// parameters to send, least of all a token.
    pub(crate) fn check_target(&self, uri: &Uri) -> Result<(), Refusal> {
        if uri.path() != self.path {
            return Err(Refusal::invalid(
                StatusCode::NOT_FOUND,
                "wrong-path",
                "nothing is here",
            ));
        }
        if uri.query().is_some() {
            return Err(Refusal::invalid(
                StatusCode::BAD_REQUEST,
                "query",
                "this endpoint takes no query",
            ));
        }
        Ok(())
    }

    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let bad = || {
            Refusal::invalid(
                StatusCode::BAD_REQUEST,
                "bad-host",
                "exactly one valid Host header is needed",
            )
        };
        let mut values = headers.get_all(HOST).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(bad());
        };
        let host = Authority::try_from(value.as_bytes()).map_err(|_| bad())?;
        // An absolute request target names a host too, and must name the same.
        for authority in std::iter::once(&host).chain(uri.authority()) {
            let meant = Origin::new(&self.origin.scheme, authority).ok_or_else(bad)?;
            if meant != self.origin {
                let message = "this host is not served here";
                return Err(Refusal::invalid(
                    StatusCode::MISDIRECTED_REQUEST,
                    "wrong-host",
                    message,
                ));
            }
        }
        Ok(())
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        for value in headers.get_all(ORIGIN) {
            let origin = Uri::try_from(value.as_bytes()).ok().and_then(|uri| {
                let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
                Origin::new(uri.scheme()?, uri.authority()?).filter(|_| is_bare)
            });
            if origin.as_ref() != Some(&self.origin) {
                let message = "pages of this origin may not call";
                return Err(Refusal::invalid(
                    StatusCode::FORBIDDEN,
                    "wrong-origin",
                    message,
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::header::{HOST, ORIGIN};
    use http::{HeaderMap, HeaderValue, Uri};

    use super::{Endpoint, EndpointError};

    fn reason(
        url: &str,
        target: &str,
        headers: &[(http::HeaderName, &str)],
    ) -> Option<&'static str> {
        let endpoint = Endpoint::parse(url).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        endpoint
            .check(&target.parse::<Uri>().unwrap(), &map)
            .err()
            .map(|refusal| refusal.reason())
    }

    fn host(value: &str) -> Option<&'static str> {
        reason("https://mcp.acme.internal/mcp", "/mcp", &[(HOST, value)])
    }

    fn origin(value: &str) -> Option<&'static str> {
        reason(
            "https://mcp.acme.internal/mcp",
            "/mcp",
            &[(HOST, "mcp.acme.internal"), (ORIGIN, value)],
        )
    }

    #[test]
    fn the_own_host_passes_in_every_spelling() {
        for value in [
            "mcp.acme.internal",
            "MCP.Acme.Internal",
            "mcp.acme.internal:443",
        ] {
            assert_eq!(host(value), None, "{value}");
        }
        assert_eq!(
            reason("http://[::1]:8080/mcp", "/mcp", &[(HOST, "[::1]:8080")]),
            None
        );
        assert_eq!(reason("http://h/", "http://h/", &[(HOST, "h:80")]), None);
    }

    #[test]
    fn another_host_is_misdirected() {
        for value in [
            "acme.internal",
            "mcp.acme.internal.evil.example",
            "127.0.0.1",
            "mcp.acme.internal:80",
            "localhost",
        ] {
            assert_eq!(host(value), Some("wrong-host"), "{value}");
        }
        let target = "https://evil.example/mcp";
        let headers = [(HOST, "mcp.acme.internal")];
        assert_eq!(
            reason("https://mcp.acme.internal/mcp", target, &headers),
            Some("wrong-host")
        );
    }

    #[test]
    fn a_host_header_that_names_no_host_is_refused() {
        for value in [
            "",
            "a b",
            "user@mcp.acme.internal",
            "mcp.acme.internal:",
            "mcp.acme.internal:99999",
            "h/p",
        ] {
            assert_eq!(host(value), Some("bad-host"), "{value}");
        }
        assert_eq!(reason("http://h/", "/", &[]), Some("bad-host"));
        assert_eq!(
            reason("http://h/", "/", &[(HOST, "h"), (HOST, "h")]),
            Some("bad-host")
        );
    }

    #[test]
    fn only_pages_of_the_own_origin_may_call() {
        for value in ["https://mcp.acme.internal", "https://MCP.acme.internal:443"] {
            assert_eq!(origin(value), None, "{value}");
        }
        for value in [
            "null",
            "",
            "http://mcp.acme.internal",
            "https://mcp.acme.internal:8443",
            "https://evil.example",
            "https://mcp.acme.internal.evil.example",
            "https://mcp.acme.internal@evil.example",
            "https://mcp.acme.internal/x",
            "mcp.acme.internal",
            "file://mcp.acme.internal",
        ] {
            assert_eq!(origin(value), Some("wrong-origin"), "{value}");
        }
    }

    #[test]
    fn a_second_origin_header_does_not_hide_behind_the_first() {
        let own = "https://mcp.acme.internal";
        let headers = [
            (HOST, "mcp.acme.internal"),
            (ORIGIN, own),
            (ORIGIN, "https://evil.example"),
        ];
        assert_eq!(
            reason("https://mcp.acme.internal/mcp", "/mcp", &headers),
            Some("wrong-origin")
        );
    }

    #[test]
    fn an_endpoint_needs_a_plain_web_url() {
        for url in [
            "",
            "/mcp",
            "mcp.acme.internal/mcp",
            "ftp://h/",
            "https://u:p@h/",
            "https://h/?q",
            "https://h/#f",
        ] {
            assert_eq!(
                Endpoint::parse(url).unwrap_err(),
                EndpointError(url.into()),
                "{url}"
            );
        }
        let endpoint = Endpoint::parse("https://h:8443").unwrap();
        assert_eq!(
            (endpoint.origin(), endpoint.path()),
            ("https://h:8443", "/")
        );
    }
}
