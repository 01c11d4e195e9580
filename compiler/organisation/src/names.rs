//! Words of which names are made.

/// A team, and the five things it works with.
pub(crate) struct Theme {
    /// Name of the team.
    pub(crate) team: &'static str,
    /// What its tools are about.
    pub(crate) nouns: [&'static str; 5],
}

/// What teams of an organisation do.
pub(crate) const THEMES: [Theme; 10] = [
    Theme {
        team: "billing",
        nouns: ["invoice", "payment", "refund", "credit_note", "dunning_run"],
    },
    Theme {
        team: "support",
        nouns: ["ticket", "customer", "macro", "escalation", "survey"],
    },
    Theme {
        team: "payroll",
        nouns: ["payslip", "salary", "bonus", "timesheet", "deduction"],
    },
    Theme {
        team: "logistics",
        nouns: ["shipment", "parcel", "route", "carrier", "depot"],
    },
    Theme {
        team: "products",
        nouns: ["product", "price", "stock_item", "supplier", "review"],
    },
    Theme {
        team: "marketing",
        nouns: ["campaign", "audience", "newsletter", "banner", "lead"],
    },
    Theme {
        team: "legal",
        nouns: ["contract", "clause", "dispute", "policy", "licence"],
    },
    Theme {
        team: "research",
        nouns: ["paper", "experiment", "dataset", "sample", "citation"],
    },
    Theme {
        team: "platform",
        nouns: ["cluster", "pipeline", "release", "incident", "certificate"],
    },
    Theme {
        team: "travel",
        nouns: ["booking", "flight", "hotel", "visa", "expense"],
    },
];
