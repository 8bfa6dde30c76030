//! The row of an account, as signing in needs it.

use diesel::prelude::*;
use uuid::Uuid;

use crate::access::Account;
use crate::clock::Moment;
use crate::db::schema::accounts;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct AccountRow {
    pub id: Uuid,
    pub email: String,
    pub email_confirmed_at: Option<Moment>,
    pub name: String,
    pub password_hash: String,
    pub password_changed_at: Moment,
    pub last_organization_id: Option<Uuid>,
}

impl AccountRow {
    /// As a session carries it.
    pub fn account(&self) -> Account {
        Account {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            confirmed: self.email_confirmed_at.is_some(),
            last_organization_id: self.last_organization_id,
        }
    }
}
