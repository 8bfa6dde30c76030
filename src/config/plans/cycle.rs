//! How often is paid.

/// How often is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cycle {
    Month,
    Year,
}

impl Cycle {
    pub const ALL: [Cycle; 2] = [Cycle::Month, Cycle::Year];

    /// The name in the database, in addresses and at Stripe; also how people say it.
    pub const fn key(self) -> &'static str {
        match self {
            Cycle::Month => "month",
            Cycle::Year => "year",
        }
    }

    pub fn from_key(key: &str) -> Option<Cycle> {
        Cycle::ALL.into_iter().find(|cycle| cycle.key() == key)
    }

    pub const fn months(self) -> u32 {
        match self {
            Cycle::Month => 1,
            Cycle::Year => 12,
        }
    }
}
