//! What a request must say of its body and of the reply it takes.

use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode};

use super::Refusal;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Lets through a POST with a JSON body of a client that reads JSON and event streams.
pub(crate) fn check(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    if method != Method::POST {
        let message = "this endpoint takes POST only";
        return Err(Refusal::invalid(
            StatusCode::METHOD_NOT_ALLOWED,
            "wrong-method",
            message,
        ));
    }
    if !accepts(headers, JSON) || !accepts(headers, EVENTS) {
        let message = "Accept must name application/json and text/event-stream";
        return Err(Refusal::invalid(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            message,
        ));
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_json = matches!((types.next(), types.next()), (Some(value), None)
        if value.to_str().is_ok_and(is_json_type));
    if !is_json || headers.contains_key(CONTENT_ENCODING) {
        let message = "the body must be application/json in UTF-8 without a content encoding";
        return Err(Refusal::invalid(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "wrong-content-type",
            message,
        ));
    }
    Ok(())
}

/// Whether some media range takes `media`; parameters, and so weights, are not looked at.
fn accepts(headers: &HeaderMap, media: &str) -> bool {
    let family = media.split_once('/').map_or(media, |(family, _)| family);
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            range
                .split_once(';')
                .map_or(range, |(range, _)| range)
                .trim()
        })
        .any(|range| {
            let any_of_family = range
                .strip_suffix("/*")
                .is_some_and(|start| start.eq_ignore_ascii_case(family));
            range == "*/*" || any_of_family || range.eq_ignore_ascii_case(media)
        })
}

fn is_json_type(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case(JSON));
    is_json
        && parts.all(|parameter| {
            parameter
                .replace('"', "")
                .eq_ignore_ascii_case("charset=utf-8")
        })
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
    use http::{HeaderMap, HeaderValue, Method};

    use super::check;

    fn reason(method: &Method, headers: &[(HeaderName, &str)]) -> Option<&'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        check(method, &map).err().map(|refusal| refusal.reason())
    }

    fn accept(values: &[&str]) -> Option<&'static str> {
        let mut headers = vec![(CONTENT_TYPE, "application/json")];
        headers.extend(values.iter().map(|value| (ACCEPT, *value)));
        reason(&Method::POST, &headers)
    }

    fn content_type(values: &[&str]) -> Option<&'static str> {
        let mut headers = vec![(ACCEPT, "*/*")];
        headers.extend(values.iter().map(|value| (CONTENT_TYPE, *value)));
        reason(&Method::POST, &headers)
    }

    #[test]
    fn only_post_is_taken() {
        for method in [
            Method::GET,
            Method::DELETE,
            Method::PUT,
            Method::OPTIONS,
            Method::HEAD,
        ] {
            assert_eq!(reason(&method, &[]), Some("wrong-method"), "{method}");
        }
    }

    #[test]
    fn a_client_must_take_json_and_event_streams() {
        for values in [
            &["application/json, text/event-stream"][..],
            &["text/event-stream;q=0.9", "Application/JSON"],
            &["*/*"],
            &["application/*, text/*"],
        ] {
            assert_eq!(accept(values), None, "{values:?}");
        }
        for values in [
            &[][..],
            &["application/json"],
            &["text/event-stream"],
            &["text/html"],
            &["applicatio/*, text/*"],
        ] {
            assert_eq!(accept(values), Some("not-acceptable"), "{values:?}");
        }
    }

    #[test]
    fn the_body_must_be_plain_json() {
        for values in [
            &["application/json"][..],
            &["application/json; charset=utf-8"],
            &["Application/Json;charset=\"UTF-8\""],
        ] {
            assert_eq!(content_type(values), None, "{values:?}");
        }
        for values in [
            &[][..],
            &["text/plain"],
            &["application/jsonp"],
            &["application/json; charset=utf-16"],
            &["application/json", "application/json"],
        ] {
            assert_eq!(
                content_type(values),
                Some("wrong-content-type"),
                "{values:?}"
            );
        }
        let headers = [
            (ACCEPT, "*/*"),
            (CONTENT_TYPE, "application/json"),
            (CONTENT_ENCODING, "gzip"),
        ];
        assert_eq!(reason(&Method::POST, &headers), Some("wrong-content-type"));
    }
}
