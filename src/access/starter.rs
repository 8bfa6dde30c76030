//! The roles that every organization starts with; what each permits stands in the policy.

use super::policy::OWNER_LEVEL;

/// A role that every organization starts with a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    Owner,
    Admin,
    CoAdmin,
    Manager,
    Operator,
    Writer,
    Member,
    Billing,
    Viewer,
}

impl Starter {
    pub const ALL: [Starter; 9] = [
        Starter::Owner,
        Starter::Admin,
        Starter::CoAdmin,
        Starter::Manager,
        Starter::Operator,
        Starter::Writer,
        Starter::Member,
        Starter::Billing,
        Starter::Viewer,
    ];

    /// The name in the database.
    pub const fn key(self) -> &'static str {
        match self {
            Starter::Owner => "owner",
            Starter::Admin => "admin",
            Starter::CoAdmin => "co_admin",
            Starter::Manager => "manager",
            Starter::Operator => "operator",
            Starter::Writer => "writer",
            Starter::Member => "member",
            Starter::Billing => "billing",
            Starter::Viewer => "viewer",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Starter::Owner => "Owner",
            Starter::Admin => "Admin",
            Starter::CoAdmin => "Co-Admin",
            Starter::Manager => "Manager",
            Starter::Operator => "Operator",
            Starter::Writer => "Writer",
            Starter::Member => "Member",
            Starter::Billing => "Billing",
            Starter::Viewer => "Viewer",
        }
    }

    pub fn from_key(key: &str) -> Option<Starter> {
        Starter::ALL.into_iter().find(|starter| starter.key() == key)
    }

    pub const fn description(self) -> &'static str {
        match self {
            Starter::Owner => "Everything, for good. Always held by somebody.",
            Starter::Admin => "Everything except deleting the organization.",
            Starter::CoAdmin => "Full control of members up to Manager, and of keys.",
            Starter::Manager => "Sees the members and invites people.",
            Starter::Operator => "Creates and looks after API keys.",
            Starter::Writer => "Creates and runs things in the product.",
            Starter::Member => "Uses the product, manages nothing.",
            Starter::Billing => "Looks after plan, invoices and billing details.",
            Starter::Viewer => "Reads, changes nothing.",
        }
    }

    pub const fn level(self) -> i16 {
        match self {
            Starter::Owner => OWNER_LEVEL,
            Starter::Admin => 90,
            Starter::CoAdmin => 70,
            Starter::Manager => 50,
            Starter::Operator => 40,
            Starter::Writer => 30,
            Starter::Member | Starter::Billing => 20,
            Starter::Viewer => 10,
        }
    }
}
