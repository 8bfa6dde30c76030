//! What a transaction may see, as the statements that begin it. Only UUIDs are formatted into them.

use uuid::Uuid;

/// Whose rows row-level security lets a transaction see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only tables that belong to no organization.
    Nobody,
    /// The account's own memberships and waiting invitations, in every organization.
    Account(Uuid),
    /// Everything of one organization.
    Organization(Uuid),
    /// Everything of one organization, for a signed-in member.
    Member { organization_id: Uuid, account_id: Uuid },
    /// These keys, of whatever organizations: to find out who asks by one.
    Keys(Vec<Uuid>),
}

impl Scope {
    pub(super) fn begin_read(&self) -> String {
        format!("BEGIN READ ONLY{}", self.settings())
    }

    pub(super) fn begin_write(&self) -> String {
        format!("BEGIN READ WRITE{}", self.settings())
    }

    fn settings(&self) -> String {
        match self {
            Scope::Nobody => String::new(),
            Scope::Account(account_id) => account(*account_id),
            Scope::Organization(organization_id) => organization(*organization_id),
            Scope::Member { organization_id, account_id } => organization(*organization_id) + &account(*account_id),
            Scope::Keys(ids) => keys(ids),
        }
    }

    /// The statement that narrows an open account's transaction to one of its organizations.
    pub fn enter(organization_id: Uuid) -> String {
        organization(organization_id).trim_start_matches("; ").to_owned()
    }
}

fn account(id: Uuid) -> String {
    format!("; SET LOCAL app.account_id = '{id}'")
}

fn organization(id: Uuid) -> String {
    format!("; SET LOCAL app.organization_id = '{id}'")
}

fn keys(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\":1")).collect();
    format!("; SET LOCAL app.key_ids = '{{{}}}'", ids.join(","))
}
