//! Who a key is for, and where it stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;

/// Who a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyType {
    Standard,
    /// Has limits of its own: requests a minute and a day.
    AiAgent,
}

impl KeyType {
    pub const ALL: [KeyType; 2] = [KeyType::Standard, KeyType::AiAgent];

    /// The name in the database, in addresses and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            KeyType::Standard => "standard",
            KeyType::AiAgent => "ai_agent",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            KeyType::Standard => "Standard",
            KeyType::AiAgent => "AI agent",
        }
    }

    pub fn from_key(key: &str) -> Option<KeyType> {
        KeyType::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    Active,
    /// Refused until somebody resumes it.
    Paused,
    Expired,
    /// For good.
    Revoked,
}

impl KeyStatus {
    pub const ALL: [KeyStatus; 4] = [KeyStatus::Active, KeyStatus::Paused, KeyStatus::Expired, KeyStatus::Revoked];

    /// The name in the database, in addresses and in the API.
    pub const fn key(self) -> &'static str {
        match self {
            KeyStatus::Active => "active",
            KeyStatus::Paused => "paused",
            KeyStatus::Expired => "expired",
            KeyStatus::Revoked => "revoked",
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            KeyStatus::Active => "Active",
            KeyStatus::Paused => "Paused",
            KeyStatus::Expired => "Expired",
            KeyStatus::Revoked => "Revoked",
        }
    }

    pub fn from_key(key: &str) -> Option<KeyStatus> {
        KeyStatus::ALL.into_iter().find(|one| one.key() == key)
    }

    /// The status of a row: its time may be over before anybody has written that down.
    pub fn of(stored: &str, expires_at: Option<Moment>, now: Moment) -> KeyStatus {
        let stored = KeyStatus::from_key(stored).unwrap_or(KeyStatus::Revoked);
        let is_over = stored.is_live() && expires_at.is_some_and(|end| end <= now);
        if is_over { KeyStatus::Expired } else { stored }
    }

    /// Whether it works, or could again.
    pub const fn is_live(self) -> bool {
        matches!(self, KeyStatus::Active | KeyStatus::Paused)
    }
}
