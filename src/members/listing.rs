//! What the address of the list asks for: words, filters, order and place; and where each stretch of an index that the
//! answer is merged from begins.

use uuid::Uuid;

use super::list_query::Listed;
use super::member::Status;
use crate::access::Role;
use crate::clock::Moment;
use crate::db::types::fold;
use crate::web::pagination::{Cursor, Key};

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Email,
    /// By level, then name.
    Role,
    LastSignIn,
    Status,
    Joined,
}

impl Sort {
    pub const ALL: [Sort; 6] = [Sort::Name, Sort::Email, Sort::Role, Sort::LastSignIn, Sort::Status, Sort::Joined];

    /// The name in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Sort::Name => "name",
            Sort::Email => "email",
            Sort::Role => "role",
            Sort::LastSignIn => "last_sign_in",
            Sort::Status => "status",
            Sort::Joined => "joined",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Sort::Name => "Name",
            Sort::Email => "Email",
            Sort::Role => "Role",
            Sort::LastSignIn => "Last sign-in",
            Sort::Status => "Status",
            Sort::Joined => "Joined",
        }
    }

    pub fn from_key(key: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.key() == key)
    }

    pub fn is_by_time(self) -> bool {
        matches!(self, Sort::LastSignIn | Sort::Joined)
    }
}

/// One view of the list.
#[derive(Clone, Debug)]
pub struct Listing {
    pub words: Vec<String>,
    /// Those that are listed; empty for all.
    pub role_ids: Vec<Uuid>,
    pub status: Option<Status>,
    pub sort: Sort,
    pub descending: bool,
    pub cursor: Cursor,
}

impl Listing {
    /// Whether the rows are read in descending order: a page before a place is read backwards.
    pub fn walks_down(&self) -> bool {
        self.descending != self.cursor.is_backwards()
    }

    /// A row's place in this list. A letter says what it is a place in, so that an address whose order was edited by hand
    /// begins at the first page.
    pub fn place_of(&self, row: &Listed) -> Key {
        let value = match (&row.term, self.sort) {
            (Some(term), _) => format!("t{term}"),
            (None, Sort::Name) => format!("n{}", row.name_key),
            (None, Sort::Email) => format!("e{}", row.email),
            (None, Sort::Role) => format!("r{}{}", row.role_id.simple(), row.name_key),
            (None, Sort::Status) => format!("s{}:{}", row.status, row.name_key),
            (None, Sort::LastSignIn) => format!("l{}", micros(row.last_sign_in_at)),
            (None, Sort::Joined) => format!("j{}", micros(row.joined_at)),
        };
        Key { value, id: row.id }
    }
}

fn micros(moment: Option<Moment>) -> i64 {
    moment.unwrap_or(Moment::UNIX_EPOCH).timestamp_micros()
}

/// A place inside a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub text: String,
    pub time: Moment,
    pub id: Uuid,
}

impl Place {
    /// Before everything, in the order of reading.
    pub fn outermost(descending: bool) -> Place {
        let last = || "\u{10FFFF}".repeat(4);
        match descending {
            false => Place { text: String::new(), time: moment(-62_135_596_800_000_000), id: Uuid::nil() },
            true => Place { text: last(), time: moment(253_402_300_799_000_000), id: Uuid::max() },
        }
    }
}

impl Place {
    /// Moves a place outside of `from..to` to its nearer end.
    pub fn clamp(&mut self, from: &str, to: &str) {
        if self.text.as_str() < from {
            *self = Place { text: from.to_owned(), id: Uuid::nil(), ..self.clone() };
        } else if self.text.as_str() > to {
            *self = Place { text: to.to_owned(), id: Uuid::max(), ..self.clone() };
        }
    }
}

fn moment(micros: i64) -> Moment {
    Moment::from_timestamp_micros(micros).unwrap_or(Moment::UNIX_EPOCH)
}

/// Where reading begins: groups before `rank` are done, the group of that rank goes on from `place`, later groups begin
/// at their beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub rank: i32,
    pub place: Place,
    /// In a list of too many found members.
    pub term: Place,
}

impl Start {
    pub(super) fn of(listing: &Listing, reach: &Reach) -> Start {
        let first = || Place::outermost(listing.walks_down());
        let by_term = Place::outermost(listing.cursor.is_backwards());
        let beginning = Start { rank: 0, place: first(), term: by_term };
        let Some(key) = listing.cursor.key() else { return beginning };
        let Some((letter, value)) = key.value.split_at_checked(1) else { return beginning };
        let id = key.id;
        let text = |text: &str| Place { text: text.to_owned(), id, ..first() };
        let time = |text: &str| text.parse().ok().map(|micros: i64| Place { time: moment(micros), id, ..first() });
        let in_group = |rank: Option<usize>, name_key: &str| rank.map(|rank| (ranked(rank), text(name_key)));
        let found = match (letter, listing.sort) {
            ("t", _) => return Start { term: text(value), ..beginning },
            ("n", Sort::Name) | ("e", Sort::Email) => Some((0, text(value))),
            ("l", Sort::LastSignIn) | ("j", Sort::Joined) => time(value).map(|place| (0, place)),
            ("r", Sort::Role) => value.split_at_checked(32).and_then(|(role, name_key)| {
                let role_id = Uuid::try_parse(role).ok()?;
                in_group(reach.role_ids.iter().position(|reached| *reached == role_id), name_key)
            }),
            ("s", Sort::Status) => value.split_once(':').and_then(|(status, name_key)| {
                in_group(reach.statuses.iter().position(|reached| reached.key() == status), name_key)
            }),
            _ => None,
        };
        found.map(|(rank, place)| Start { rank, place, ..beginning.clone() }).unwrap_or(beginning)
    }
}

/// The roles and statuses that the filters let through, in the order of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub role_ids: Vec<Uuid>,
    pub statuses: Vec<Status>,
    split: Split,
}

/// How a list is taken apart into stretches of one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    /// Everybody in one stretch.
    Whole,
    ByStatus,
    ByRoleAndStatus,
}

/// A stretch of an index in the right order; nil and empty where it goes through all roles or statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    pub role_id: Uuid,
    pub status: &'static str,
    pub rank: i32,
    pub place: Place,
}

impl Reach {
    pub(super) fn of(listing: &Listing, roles: &[Role]) -> Reach {
        let mut roles: Vec<&Role> =
            roles.iter().filter(|role| listing.role_ids.is_empty() || listing.role_ids.contains(&role.id)).collect();
        roles.sort_by_cached_key(|role| (role.level, fold(&role.name), role.id));
        let mut statuses: Vec<Status> =
            Status::ALL.into_iter().filter(|status| listing.status.is_none_or(|wanted| wanted == *status)).collect();
        if listing.walks_down() {
            roles.reverse();
            statuses.reverse();
        }
        let split = match listing.sort {
            Sort::Role => Split::ByRoleAndStatus,
            _ if !listing.role_ids.is_empty() => Split::ByRoleAndStatus,
            Sort::Status => Split::ByStatus,
            _ if listing.status.is_none() => Split::Whole,
            Sort::Name => Split::ByStatus,
            Sort::Email | Sort::LastSignIn | Sort::Joined => Split::ByRoleAndStatus,
        };
        Reach { role_ids: roles.into_iter().map(|role| role.id).collect(), statuses, split }
    }

    /// Whether a stretch holds one role, and whether one status.
    pub fn splits(&self) -> (bool, bool) {
        (self.split == Split::ByRoleAndStatus, self.split != Split::Whole)
    }

    /// The stretches that are left from `start` on.
    pub fn strips(&self, sort: Sort, descending: bool, start: &Start) -> Vec<Strip> {
        let any_role = [Uuid::nil()];
        let by_role = self.split == Split::ByRoleAndStatus;
        let roles: &[Uuid] = if by_role { &self.role_ids } else { &any_role };
        let statuses: Vec<&'static str> =
            if self.split == Split::Whole { vec![""] } else { self.statuses.iter().map(|status| status.key()).collect() };
        let mut strips = Vec::with_capacity(roles.len() * statuses.len());
        for (role_rank, role_id) in roles.iter().enumerate() {
            for (status_rank, status) in statuses.iter().enumerate() {
                let rank = ranked(match sort {
                    Sort::Role => role_rank,
                    Sort::Status => status_rank,
                    Sort::Name | Sort::Email | Sort::LastSignIn | Sort::Joined => 0,
                });
                let place = if rank == start.rank { start.place.clone() } else { Place::outermost(descending) };
                strips.push(Strip { role_id: *role_id, status, rank, place });
            }
        }
        strips.retain(|strip| strip.rank >= start.rank);
        strips
    }
}

fn ranked(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}
