//! What a server was locked from, and what the catalog runs.

use crate::model::ServerSettings;

/// What a server is run from or found at. The lock holds for exactly this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Reference of the image.
    pub image: Option<String>,
    /// Arguments of the image.
    pub args: Option<Vec<String>>,
    /// Program and arguments.
    pub command: Option<Vec<String>>,
    /// Remote URL.
    pub url: Option<String>,
    /// Namespace and name, joined by `/`.
    pub service: Option<String>,
}

impl Origin {
    /// The origin that a catalog gives a server, patches applied.
    pub fn of(settings: &ServerSettings) -> Self {
        Self {
            image: settings
                .image
                .as_ref()
                .map(|image| image.value.text.clone()),
            args: settings.args.as_ref().map(|args| args.value.clone()),
            command: settings
                .command
                .as_ref()
                .map(|command| command.value.clone()),
            url: settings.url.as_ref().map(|url| url.value.clone()),
            service: settings
                .service
                .as_ref()
                .map(|service| format!("{}/{}", service.value.0, service.value.1)),
        }
    }

    /// The first part in which two origins differ: its node's name, and both values as text.
    pub fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let text = |value: &Option<String>| {
            let quoted = |value: &String| format!("`{value}`");
            value.as_ref().map_or_else(|| "none".to_owned(), quoted)
        };
        let words =
            |value: &Option<Vec<String>>| text(&value.as_ref().map(|words| words.join(" ")));
        [
            (
                "image",
                self.image != other.image,
                text(&self.image),
                text(&other.image),
            ),
            (
                "url",
                self.url != other.url,
                text(&self.url),
                text(&other.url),
            ),
            (
                "service",
                self.service != other.service,
                text(&self.service),
                text(&other.service),
            ),
            (
                "command",
                self.command != other.command,
                words(&self.command),
                words(&other.command),
            ),
            (
                "args",
                self.args != other.args,
                words(&self.args),
                words(&other.args),
            ),
        ]
        .into_iter()
        .find_map(|(name, differs, own, others)| differs.then_some((name, own, others)))
    }
}
