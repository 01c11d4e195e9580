//! Servers of every origin, and their tools.

use serde_json::{Value, json};

use crate::definitions::definition;
use crate::dice::Dice;

/// Where a server is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An image that speaks HTTP.
    Image,
    /// A program in an image, behind the bridge.
    Bridged,
    /// A program on a laptop; each cluster patches it into an image.
    Command,
    /// A partner's server.
    Url,
    /// A service that the cluster has already.
    Service,
}

impl Origin {
    /// All of them; each team has one server of each.
    pub(crate) const ALL: [Self; 5] = [
        Self::Image,
        Self::Bridged,
        Self::Command,
        Self::Url,
        Self::Service,
    ];

    /// What a server of this origin is for: the end of its name.
    fn purpose(self) -> &'static str {
        match self {
            Self::Image => "records",
            Self::Bridged => "desk",
            Self::Command => "notes",
            Self::Url => "partner",
            Self::Service => "ledger",
        }
    }

    /// What its tools do, in turn.
    fn deeds(self) -> [(&'static str, Deed); 4] {
        match self {
            Self::Image => [
                ("get", Deed::Read),
                ("list", Deed::Search),
                ("update", Deed::Write),
                ("delete", Deed::Destroy),
            ],
            Self::Bridged => [
                ("find", Deed::Search),
                ("summarize", Deed::Read),
                ("comment_on", Deed::Write),
                ("purge", Deed::Destroy),
            ],
            Self::Command => [
                ("read_notes_on", Deed::Read),
                ("search_notes_on", Deed::Search),
                ("add_note_on", Deed::Write),
                ("erase_notes_on", Deed::Destroy),
            ],
            Self::Url => [
                ("look_up", Deed::Read),
                ("compare", Deed::Search),
                ("rank", Deed::Search),
                ("ask_about", Deed::Send),
            ],
            Self::Service => [
                ("show", Deed::Read),
                ("audit", Deed::Search),
                ("propose", Deed::Write),
                ("approve", Deed::Write),
            ],
        }
    }
}

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Reads one thing.
    Read,
    /// Reads many things.
    Search,
    /// Reads, and sends what is asked to others.
    Send,
    /// Changes a thing.
    Write,
    /// Destroys a thing.
    Destroy,
}

/// A tool.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// What it is about, in words.
    pub(crate) about: String,
    /// What it does.
    pub(crate) deed: Deed,
}

/// A server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Its name.
    pub(crate) name: String,
    /// The team that it belongs to.
    team: String,
    /// Where it is run.
    pub(crate) origin: Origin,
    /// Its tools.
    pub(crate) tools: Vec<Tool>,
}

impl Server {
    /// A server of a team, with so many tools about these things.
    pub(crate) fn new(team: &str, origin: Origin, nouns: &[&str], tools: usize) -> Self {
        let kinds = nouns
            .iter()
            .flat_map(|noun| origin.deeds().map(|(verb, deed)| (noun, verb, deed)));
        let tools = kinds.take(tools).map(|(noun, verb, deed)| Tool {
            name: format!("{verb}_{noun}"),
            about: noun.replace('_', " "),
            deed,
        });
        Self {
            name: format!("{team}-{}", origin.purpose()),
            team: team.to_owned(),
            origin,
            tools: tools.collect(),
        }
    }

    /// The tools that do one of these.
    pub(crate) fn doing(&self, deeds: &[Deed]) -> impl Iterator<Item = &Tool> {
        self.tools.iter().filter(|tool| deeds.contains(&tool.deed))
    }

    /// The first tool that does this, as `server:tool`.
    pub(crate) fn first(&self, deed: Deed) -> Option<String> {
        let tool = self.tools.iter().find(|tool| tool.deed == deed);
        tool.map(|tool| self.path(tool))
    }

    /// How catalogs name a tool of it.
    pub(crate) fn path(&self, tool: &Tool) -> String {
        format!("{}:{}", self.name, tool.name)
    }

    /// The revision that its definition says.
    pub(crate) fn revision(&self) -> &'static str {
        match self.origin {
            Origin::Image | Origin::Bridged => "2.3.0",
            Origin::Command => "2026.10.19",
            Origin::Url => "2026-10-01",
            Origin::Service => "5.0.2",
        }
    }

    /// The reference of the image of a revision.
    pub(crate) fn image(&self, revision: &str) -> String {
        let tag = match self.origin {
            // The revision of a program is said by the program.
            Origin::Command => String::new(),
            Origin::Image | Origin::Bridged | Origin::Url | Origin::Service => {
                format!(":{revision}")
            }
        };
        let digest = digest(&self.name, revision);
        format!("registry.acme.internal/mcp/{}{tag}@{digest}", self.name)
    }

    fn url(&self) -> String {
        format!("https://{}.partner.example/mcp", self.team)
    }

    fn service(&self) -> String {
        format!("{}-system/ledger", self.team)
    }

    fn args(&self) -> Option<[String; 2]> {
        (self.origin == Origin::Image).then(|| ["http".to_owned(), "--read-only=false".to_owned()])
    }

    fn command(&self) -> Option<[String; 2]> {
        match self.origin {
            Origin::Bridged => Some(["/usr/local/bin/desk".to_owned(), "--stdio".to_owned()]),
            Origin::Command => Some(["notes-mcp".to_owned(), format!("--team={}", self.team)]),
            Origin::Image | Origin::Url | Origin::Service => None,
        }
    }

    /// Its `server` node. `visible_to` is another team, which may be granted what is meant to be shared.
    pub(crate) fn block(&self, visible_to: Option<&str>, dice: &mut Dice) -> String {
        let revision = self.revision();
        let version = match self.origin {
            Origin::Image | Origin::Bridged => String::new(),
            Origin::Command | Origin::Url | Origin::Service => format!(" version=\"{revision}\""),
        };
        let team = &self.team;
        let settings = match self.origin {
            Origin::Image => format!(
                "    image \"{}\"
    args \"http\" \"--read-only=false\"
    transport streamable-http port=8082 path=\"/\"
    env LOG_LEVEL \"info\"
    env BASE_URL \"https://records.{team}.acme.internal\"
    secret RECORDS_TOKEN from={team}-records key=token
    egress \"records.{team}.acme.internal:443\" \"10.{}.0.0/16:5432\"
    egress service=\"{team}-db/records\" port=5432
    scratch \"/tmp\" size=\"128Mi\"
    resources cpu=\"{}m\" memory=\"256Mi\"
    run-as 10001
    probe http \"/healthz\"
    pull-secret registry
    limit {} per=\"1m\"
    timeout \"10s\"
    tool-defaults effect=read reads=confidential content=trusted
",
                self.image(revision),
                dice.below(200),
                100 + 50 * dice.below(4),
                dice.pick(&[2_000, 3_000, 5_000]),
            ),
            Origin::Bridged => format!(
                "    image \"{}\"
    command \"/usr/local/bin/desk\" \"--stdio\"
    transport stdio
    env DESK_LANGUAGE \"{}\"
    volume \"/data\" size=\"1Gi\"
{}    timeout \"{}s\"
    tool-defaults effect=read reads=internal content=trusted {{
        limit {} per=\"1m\" burst=20 concurrent=4 max-args=\"32KiB\" max-result=\"512KiB\"
    }}
",
                self.image(revision),
                dice.pick(&["en", "de", "fr", "pl"]),
                visible_to.map_or_else(String::new, |team| format!("    visible-to {team}\n")),
                10 + dice.below(20),
                60 + 10 * dice.below(4),
            ),
            Origin::Command => format!(
                "    command \"notes-mcp\" \"--team={team}\"
    scratch \"/var/cache/notes\" size=\"256Mi\"
    tool-defaults effect=read reads=internal content=trusted
"
            ),
            Origin::Url => format!(
                "    url \"{}\"
    limit 600 per=\"1h\" burst=60
    timeout \"20s\"
    tool-defaults effect=read reads=public content=untrusted
",
                self.url()
            ),
            Origin::Service => format!(
                "    service \"{}\"
    transport streamable-http port=8443 path=\"/mcp\"
    tool-defaults effect=read reads=restricted content=trusted
",
                self.service()
            ),
        };
        let mut block = format!(
            "\nserver {}{version} {{\n    describe \"The {} of {team}\"\n{settings}\n",
            self.name,
            self.origin.purpose()
        );
        for tool in &self.tools {
            block.push_str(&self.line(tool, dice));
        }
        block.push_str("}\n");
        block
    }

    /// The `tool` node of a tool.
    fn line(&self, Tool { name, deed, .. }: &Tool, dice: &mut Dice) -> String {
        match deed {
            Deed::Read => match dice.below(4) {
                0 => format!("    tool {name} {{ timeout \"5s\"; }}\n"),
                _ => format!("    tool {name}\n"),
            },
            Deed::Search => match dice.below(3) {
                0 => format!(
                    "    tool {name} {{ limit {} per=\"1m\" max-result=\"256KiB\"; }}\n",
                    20 + 5 * dice.below(5)
                ),
                _ => format!("    tool {name}\n"),
            },
            Deed::Send => format!("    tool {name} sends=external {{ limit 30 per=\"1m\"; }}\n"),
            Deed::Write => {
                let safe = if dice.once_in(3) { " repeat=safe" } else { "" };
                format!("    tool {name} effect=write sends=internal{safe}\n")
            }
            Deed::Destroy => format!(
                "    tool {name} effect=destructive sends=internal {{
        sensitive reason
        approval by={}-leads quorum=2 ttl=\"10m\"
    }}\n",
                self.team
            ),
        }
    }

    /// The file with the definitions of a revision.
    pub(crate) fn definitions(&self, revision: &str) -> String {
        let mut tools: Vec<&Tool> = self.tools.iter().collect();
        tools.sort_by_key(|tool| &tool.name);
        let tools: Vec<Value> = tools
            .iter()
            .map(|tool| definition(tool, self.origin))
            .collect();
        let mut file = json!({
            "protocol": "2025-11-25",
            "revision": revision,
            "server": self.name,
            "serverInfo": { "name": format!("{}-mcp", self.origin.purpose()), "version": revision },
            "tools": tools,
        });
        if let Some(file) = file.as_object_mut() {
            let mut origin = |member: &str, value: Value| {
                file.insert(member.to_owned(), value);
            };
            match self.origin {
                Origin::Image | Origin::Bridged | Origin::Command => {
                    let image = json!({
                        "digest": digest(&self.name, revision),
                        "reference": self.image(revision),
                    });
                    origin("image", image);
                }
                Origin::Url => origin("url", json!(self.url())),
                Origin::Service => origin("service", json!(self.service())),
            }
            if let Some(args) = self.args() {
                origin("args", json!(args));
            }
            if let Some(command) = self.command() {
                origin("command", json!(command));
            }
        }
        format!("{file:#}\n")
    }
}

/// A digest of an image. Nobody pulls it; it only differs from all others.
pub(crate) fn digest(name: &str, revision: &str) -> String {
    let mut state: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in name.bytes().chain([b'@']).chain(revision.bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    let parts = (1..=4_u64).map(|part| format!("{:016x}", state.wrapping_mul(2 * part + 1)));
    format!("sha256:{}", parts.collect::<String>())
}
