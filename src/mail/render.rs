//! From a row of the outbox to a letter: reads what it is about, judges whether it is still wanted, makes its link.

use uuid::Uuid;

use super::letter::{
    Brand, EmailChanged, EmailConfirmation, Invitation, InvitationWanted, Letter, PasswordChanged, PasswordReset, with_article,
};
use super::queries::OutboxRow;
use super::{AtStripe, Message, billing, keys, sources};
use crate::clock::Moment;
use crate::config::Config;
use crate::db::{Db, Scope};
use crate::error::Result;
use crate::secret::{Link, LinkKind};
use crate::web::words;

/// A mail as it would go out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// `None` when what it tells of is gone.
    pub letter: Option<Letter>,
    /// Why it is not sent any more.
    pub unwanted: Option<&'static str>,
}

impl Rendered {
    pub(super) fn new(letter: Letter, unwanted: Option<&'static str>) -> Rendered {
        Rendered { letter: Some(letter), unwanted }
    }

    pub(super) fn gone(reason: &'static str) -> Rendered {
        Rendered { letter: None, unwanted: Some(reason) }
    }
}

/// Renders a mail from its rows as they are now.
///
/// # Errors
/// `Unavailable` without the database.
pub async fn render(db: &Db, config: &Config, row: &OutboxRow) -> Result<Rendered> {
    let brand = Brand::of(config);
    match row.message.clone() {
        Message::Invitation { organization_id, invitation_id, generation } => {
            invitation(db, config, brand, row, (organization_id, invitation_id, generation)).await
        }
        Message::InvitationWanted { organization_id, invitation_id } => {
            invitation_wanted(db, config, brand, row, organization_id, invitation_id).await
        }
        Message::KeyEnds { organization_id, key_id, days } => {
            keys::ends(db, config, brand, row, (organization_id, key_id, days)).await
        }
        Message::KeyLeaked { organization_id, key_id } => keys::leaked(db, config, brand, row, (organization_id, key_id)).await,
        Message::InvoiceIssued { organization_id, invoice_id, at_stripe } => {
            billing::invoice(db, config, brand, (organization_id, invoice_id), (None, at_stripe)).await
        }
        Message::InvoiceOverdue { organization_id, invoice_id, stops_at, is_last } => {
            billing::invoice(db, config, brand, (organization_id, invoice_id), (Some((stops_at, is_last)), AtStripe::default()))
                .await
        }
        Message::BillingChanged { organization_id, actor, sentence } => {
            billing::changed(db, config, brand, row, (organization_id, actor, sentence)).await
        }
        Message::BillingNotice { organization_id, notice } => billing::notice(db, config, brand, organization_id, notice).await,
        Message::EmailConfirmation { account_id, link_id } => {
            email_confirmation(db, config, brand, row, account_id, link_id).await
        }
        Message::PasswordReset { account_id, link_id } => password_reset(db, config, brand, row, account_id, link_id).await,
        Message::PasswordChanged { account_id } => password_changed(db, config, brand, row, account_id).await,
        Message::EmailChanged { account_id, to } => email_changed(db, brand, row, account_id, to).await,
    }
}

async fn invitation(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    (organization_id, invitation_id, generation): (Uuid, Uuid, i32),
) -> Result<Rendered> {
    let found = db.read(Scope::Organization(organization_id), move |connection| {
        Ok(sources::invitation(connection, organization_id, invitation_id)?)
    });
    let Some(source) = found.await? else { return Ok(Rendered::gone("The invitation is gone.")) };
    let unwanted = why_not(&source, generation, db.now());
    // A notification address is never an identity: only the invited address is proven by the mail that it gets.
    let kind = if row.recipient == source.email { LinkKind::InvitationMailed } else { LinkKind::InvitationCopied };
    let link =
        Link { kind, owner: organization_id, id: invitation_id, generation: u32::try_from(generation).unwrap_or_default() };
    let context = Invitation {
        product_name: brand.product_name,
        accent: brand.accent,
        as_role: with_article(&source.role),
        inviter: source.inviter_now.unwrap_or(source.invited_by),
        organization: source.organization,
        role: source.role,
        email: source.email,
        expires: words::exact(source.expires_at),
        personal_message: paragraphs(&source.personal_message),
        link: config.link(&format!("/invitations/{}", config.secret_keys.sign(&link))),
    };
    Ok(Rendered::new(context.letter(Some(source.slug))?, unwanted))
}

fn why_not(source: &sources::InvitationSource, generation: i32, now: Moment) -> Option<&'static str> {
    match source.status.as_str() {
        "accepted" => Some("The invitation is accepted."),
        "declined" => Some("The invitation is declined."),
        "revoked" => Some("The invitation is revoked."),
        "expired" => Some("The invitation has expired."),
        _ if source.generation != generation => Some("The invitation was sent again with a new link."),
        _ if source.expires_at <= now => Some("The invitation has expired."),
        _ => None,
    }
}

async fn invitation_wanted(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    organization_id: Uuid,
    invitation_id: Uuid,
) -> Result<Rendered> {
    let (recipient, asked_at, now) = (row.recipient.clone(), row.created_at, db.now());
    let found = db.read(Scope::Organization(organization_id), move |connection| {
        let Some(source) = sources::invitation(connection, organization_id, invitation_id)? else { return Ok(None) };
        let invited = sources::is_invited(connection, organization_id, &source.email, (asked_at, now))?;
        let permissions = sources::permissions_of(connection, organization_id, &recipient)?.unwrap_or_default();
        Ok(Some((source, invited, permissions)))
    });
    let Some((source, invited, permissions)) = found.await? else { return Ok(Rendered::gone("The invitation is gone.")) };
    let unwanted = if invited {
        Some("The person has a new invitation.")
    } else if source.status == "accepted" {
        Some("The invitation is accepted.")
    } else if !permissions.iter().any(|key| key == "members.invite") {
        Some("The recipient may not invite any more.")
    } else {
        None
    };
    let context = InvitationWanted {
        product_name: brand.product_name,
        accent: brand.accent,
        organization: source.organization,
        email: source.email,
        role: source.role,
        link: config.link(&format!("/o/{}/invites", source.slug)),
    };
    Ok(Rendered::new(context.letter(Some(source.slug))?, unwanted))
}

async fn email_confirmation(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    account_id: Uuid,
    link_id: Uuid,
) -> Result<Rendered> {
    let Some(source) = link_source(db, account_id, link_id, "email_confirmation").await? else {
        return Ok(Rendered::gone("A newer link has taken its place."));
    };
    let unwanted = link_unwanted(&source, &row.recipient, db.now());
    let link = Link { kind: LinkKind::EmailConfirmation, owner: account_id, id: link_id, generation: 0 };
    let context = EmailConfirmation {
        product_name: brand.product_name,
        accent: brand.accent,
        is_change: source.email != source.account_email,
        name: source.account_name,
        email: source.email,
        expires: words::exact(source.expires_at),
        link: config.link(&format!("/email/confirm/{}", config.secret_keys.sign(&link))),
    };
    Ok(Rendered::new(context.letter(None)?, unwanted))
}

async fn password_reset(
    db: &Db,
    config: &Config,
    brand: Brand,
    row: &OutboxRow,
    account_id: Uuid,
    link_id: Uuid,
) -> Result<Rendered> {
    let Some(source) = link_source(db, account_id, link_id, "password_reset").await? else {
        return Ok(Rendered::gone("A newer link has taken its place."));
    };
    let unwanted = link_unwanted(&source, &row.recipient, db.now());
    let link = Link { kind: LinkKind::PasswordReset, owner: account_id, id: link_id, generation: 0 };
    let context = PasswordReset {
        product_name: brand.product_name,
        accent: brand.accent,
        name: source.account_name,
        email: source.email,
        expires: words::exact(source.expires_at),
        link: config.link(&format!("/password/reset/{}", config.secret_keys.sign(&link))),
    };
    Ok(Rendered::new(context.letter(None)?, unwanted))
}

async fn link_source(db: &Db, account_id: Uuid, link_id: Uuid, kind: &'static str) -> Result<Option<sources::LinkSource>> {
    db.read(Scope::Nobody, move |connection| Ok(sources::account_link(connection, account_id, link_id, kind)?)).await
}

fn link_unwanted(source: &sources::LinkSource, recipient: &str, now: Moment) -> Option<&'static str> {
    if source.used_at.is_some() {
        Some("The link has been used.")
    } else if source.expires_at <= now {
        Some("The link has expired.")
    } else if source.email != recipient {
        Some("The link is for another address.")
    } else {
        None
    }
}

async fn password_changed(db: &Db, config: &Config, brand: Brand, row: &OutboxRow, account_id: Uuid) -> Result<Rendered> {
    let Some(name) = account_name(db, account_id).await? else { return Ok(Rendered::gone("The account is gone.")) };
    let context = PasswordChanged {
        product_name: brand.product_name,
        accent: brand.accent,
        name,
        email: row.recipient.clone(),
        at: words::exact(row.created_at),
        link: config.link("/password/forgot"),
    };
    Ok(Rendered::new(context.letter(None)?, None))
}

async fn email_changed(db: &Db, brand: Brand, row: &OutboxRow, account_id: Uuid, to: String) -> Result<Rendered> {
    let Some(name) = account_name(db, account_id).await? else { return Ok(Rendered::gone("The account is gone.")) };
    let context = EmailChanged {
        product_name: brand.product_name,
        name,
        from: row.recipient.clone(),
        to,
        at: words::exact(row.created_at),
    };
    Ok(Rendered::new(context.letter(None)?, None))
}

async fn account_name(db: &Db, account_id: Uuid) -> Result<Option<String>> {
    db.read(Scope::Nobody, move |connection| Ok(sources::account_name(connection, account_id)?)).await
}

fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
