//! Why a key lets nobody in, for machines and for people.

/// Why a key lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    Missing,
    /// Its form or its checksum is wrong.
    Malformed,
    /// No key has this id and secret, or this secret no longer.
    Unknown,
    Expired,
    Paused,
    Revoked,
}

impl Unauthorized {
    pub const ALL: [Unauthorized; 6] = [
        Unauthorized::Missing,
        Unauthorized::Malformed,
        Unauthorized::Unknown,
        Unauthorized::Expired,
        Unauthorized::Paused,
        Unauthorized::Revoked,
    ];

    /// The word of it in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Unauthorized::Missing => "missing",
            Unauthorized::Malformed => "malformed",
            Unauthorized::Unknown => "unknown",
            Unauthorized::Expired => "expired",
            Unauthorized::Paused => "paused",
            Unauthorized::Revoked => "revoked",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Unauthorized::Missing => "Send an API key: Authorization: Bearer oat_…",
            Unauthorized::Malformed => "This is no API key, or a part of it is missing. Copy it again, whole.",
            Unauthorized::Unknown => "There is no such key, or its secret was replaced. Take the current one.",
            Unauthorized::Expired => "This key has expired. Generate another one.",
            Unauthorized::Paused => "This key is paused. Somebody who looks after it can resume it.",
            Unauthorized::Revoked => "This key was revoked, for good. Generate another one.",
        }
    }
}
