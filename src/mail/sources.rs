//! The rows that mails are rendered from, read at the moment of rendering.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::Moment;
use crate::db::schema::{account_links, accounts, invitations, invoices, keys, members, organizations, roles, subscriptions};

/// An invitation with the names of what it leads to.
#[derive(Clone, Debug, Queryable)]
pub(super) struct InvitationSource {
    pub organization: String,
    pub slug: String,
    pub role: String,
    pub email: String,
    pub personal_message: String,
    pub generation: i32,
    pub status: String,
    pub expires_at: Moment,
    /// The inviter's name when it was sent; `inviter_now` where the account still exists.
    pub invited_by: String,
    pub inviter_now: Option<String>,
}

/// Inside the scope of its organization.
pub(super) fn invitation(
    connection: &mut PgConnection,
    organization_id: Uuid,
    invitation_id: Uuid,
) -> QueryResult<Option<InvitationSource>> {
    invitations::table
        .inner_join(organizations::table.on(organizations::id.eq(invitations::organization_id)))
        .inner_join(
            roles::table.on(roles::organization_id.eq(invitations::organization_id).and(roles::id.eq(invitations::role_id))),
        )
        .left_join(accounts::table.on(accounts::id.eq(invitations::invited_by_account_id)))
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::id.eq(invitation_id))
        .select((
            organizations::name,
            organizations::slug,
            roles::name,
            invitations::email,
            invitations::message,
            invitations::generation,
            invitations::status,
            invitations::expires_at,
            invitations::invited_by,
            accounts::name.nullable(),
        ))
        .first(connection)
        .optional()
}

/// Whether the address holds a pending, valid invitation that was sent since a moment. Inside the scope of the organization.
pub(super) fn is_invited(
    connection: &mut PgConnection,
    organization_id: Uuid,
    email: &str,
    (since, now): (Moment, Moment),
) -> QueryResult<bool> {
    let pending = invitations::table
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::email.eq(email))
        .filter(invitations::status.eq("pending"))
        .filter(invitations::sent_at.gt(since))
        .filter(invitations::expires_at.gt(now));
    diesel::select(diesel::dsl::exists(pending)).get_result(connection)
}

/// The keys of what the active member with this address may do; `None` for who is not one. Inside the scope of the
/// organization.
pub(super) fn permissions_of(
    connection: &mut PgConnection,
    organization_id: Uuid,
    email: &str,
) -> QueryResult<Option<Vec<String>>> {
    members::table
        .inner_join(roles::table.on(roles::organization_id.eq(members::organization_id).and(roles::id.eq(members::role_id))))
        .filter(members::organization_id.eq(organization_id))
        .filter(members::email.eq(email))
        .filter(members::status.eq("active"))
        .select(roles::permissions)
        .first(connection)
        .optional()
}

/// A link of an account, with the account that it belongs to.
#[derive(Clone, Debug, Queryable)]
pub(super) struct LinkSource {
    pub account_name: String,
    pub account_email: String,
    /// The address that the link proves.
    pub email: String,
    pub expires_at: Moment,
    pub used_at: Option<Moment>,
}

/// A link by its account and kind (`email_confirmation`, `password_reset`).
pub(super) fn account_link(
    connection: &mut PgConnection,
    account_id: Uuid,
    link_id: Uuid,
    kind: &str,
) -> QueryResult<Option<LinkSource>> {
    account_links::table
        .inner_join(accounts::table.on(accounts::id.eq(account_links::account_id)))
        .filter(account_links::id.eq(link_id))
        .filter(account_links::account_id.eq(account_id))
        .filter(account_links::kind.eq(kind))
        .select((accounts::name, accounts::email, account_links::email, account_links::expires_at, account_links::used_at))
        .first(connection)
        .optional()
}

/// The name of an account.
pub(super) fn account_name(connection: &mut PgConnection, account_id: Uuid) -> QueryResult<Option<String>> {
    accounts::table.filter(accounts::id.eq(account_id)).select(accounts::name).first(connection).optional()
}

/// A key with who answers for it.
#[derive(Clone, Debug)]
pub(super) struct KeySource {
    pub organization: String,
    pub slug: String,
    pub name: String,
    pub status: String,
    pub expires_at: Option<Moment>,
    pub owner_name: String,
    /// None where the owner has left.
    pub owner_email: Option<String>,
    pub recipient_is_active: bool,
}

/// A key, for a mail to `recipient`. Inside the scope of its organization.
pub(super) fn key(
    connection: &mut PgConnection,
    organization_id: Uuid,
    key_id: Uuid,
    recipient: &str,
) -> QueryResult<Option<KeySource>> {
    type Row = (String, String, String, String, Option<Moment>, String, Option<String>);
    let owner = members::organization_id.eq(keys::organization_id).and(keys::owner_member_id.eq(members::id.nullable()));
    let row: Option<Row> = keys::table
        .inner_join(organizations::table.on(organizations::id.eq(keys::organization_id)))
        .left_join(members::table.on(owner))
        .filter(keys::organization_id.eq(organization_id))
        .filter(keys::id.eq(key_id))
        .select((
            organizations::name,
            organizations::slug,
            keys::name,
            keys::status,
            keys::expires_at,
            keys::owner_name,
            members::email.nullable(),
        ))
        .first(connection)
        .optional()?;
    let Some((organization, slug, name, status, expires_at, owner_name, owner_email)) = row else { return Ok(None) };
    let recipient_is_active = permissions_of(connection, organization_id, recipient)?.is_some();
    Ok(Some(KeySource { organization, slug, name, status, expires_at, owner_name, owner_email, recipient_is_active }))
}

/// Name and slug of an organization.
pub(super) fn organization(connection: &mut PgConnection, organization_id: Uuid) -> QueryResult<Option<(String, String)>> {
    let query = organizations::table.filter(organizations::id.eq(organization_id));
    query.select((organizations::name, organizations::slug)).first(connection).optional()
}

/// An invoice with whose it is.
#[derive(Clone, Debug, Queryable)]
pub(super) struct InvoiceSource {
    pub organization: String,
    pub slug: String,
    pub number: String,
    pub currency: String,
    pub net: i64,
    pub vat: i64,
    pub due: i64,
    pub issued_at: Moment,
    pub due_at: Moment,
    pub status: String,
    /// How often Stripe tried to collect it.
    pub attempts: i32,
    /// Every word of it; none where Stripe has them.
    pub document: Option<Value>,
    /// The plan that ends when nobody pays; none where none is running.
    pub plan: Option<String>,
}

/// An invoice, inside the scope of its organization.
pub(super) fn invoice(
    connection: &mut PgConnection,
    organization_id: Uuid,
    invoice_id: Uuid,
) -> QueryResult<Option<InvoiceSource>> {
    let running = subscriptions::organization_id.eq(invoices::organization_id).and(subscriptions::ended_at.is_null());
    invoices::table
        .inner_join(organizations::table.on(organizations::id.eq(invoices::organization_id)))
        .left_join(subscriptions::table.on(running))
        .filter(invoices::organization_id.eq(organization_id))
        .filter(invoices::id.eq(invoice_id))
        .select((
            organizations::name,
            organizations::slug,
            invoices::number,
            invoices::currency,
            invoices::net,
            invoices::vat,
            invoices::due,
            invoices::issued_at,
            invoices::due_at,
            invoices::status,
            invoices::attempts,
            invoices::document,
            subscriptions::plan_name.nullable(),
        ))
        .first(connection)
        .optional()
}
