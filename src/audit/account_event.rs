//! Everything that can happen to an account itself, with its sentence.

use serde::{Deserialize, Serialize};

/// A change of an account itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum AccountEvent {
    AccountCreated {},
    SignedIn { client: String },
    EmailConfirmed { email: String },
    EmailChanged { from: String, to: String },
    NameChanged { from: String, to: String },
    PasswordChanged {},
    PasswordReset {},
    SessionsEnded { count: i64 },
}

impl AccountEvent {
    pub fn sentence(&self) -> String {
        use AccountEvent::*;
        match self {
            AccountCreated {} => "Account created".to_owned(),
            SignedIn { client } => format!("Signed in with {client}"),
            EmailConfirmed { email } => format!("Confirmed {email}"),
            EmailChanged { from, to } => format!("Changed the address from {from} to {to}"),
            NameChanged { from, to } => format!("Changed the name from {from} to {to}"),
            PasswordChanged {} => "Changed the password".to_owned(),
            PasswordReset {} => "Set a new password by mail".to_owned(),
            SessionsEnded { count } => format!("Ended {}", crate::web::words::count(*count, "session", "sessions")),
        }
    }
}
