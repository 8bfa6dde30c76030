//! Every path of the console, on one page.

use actix_web::guard::{Any, Get, Head};
use actix_web::web::{ServiceConfig, delete, post, resource, route, scope};
use actix_web::{Resource, Route};

use crate::error::AppError;
use crate::web::{assets, health, metrics};
use crate::{accounts, activity, api, billing, invites, keys, mailbox, members, organizations, roles, sessions};

/// A page: GET, and HEAD for who only wants its headers.
fn page() -> Route {
    route().guard(Any(Get()).or(Head()))
}

/// Paths that read no session.
pub fn plain(config: &mut ServiceConfig) {
    config
        .service(resource("/static/{name}").route(page().to(assets::serve)))
        .service(resource("/health/live").route(page().to(health::live)))
        .service(resource("/health/ready").route(page().to(health::ready)))
        .service(resource("/metrics").route(page().to(metrics::show)));
}

/// Paths of machines, which show a key; they read no session either.
pub fn api(config: &mut ServiceConfig) {
    use api::{
        activity, check, docs, document, invitation_changes, invitations, invite, keys, leaked, organization, roles, usage,
        verify,
    };
    let v1 = |config: &mut ServiceConfig| {
        config
            .service(resource("/v1/keys/verify").route(post().to(verify::verify)))
            .service(resource("/v1/access/check").route(post().to(check::check)))
            .service(resource("/v1/usage").route(post().to(usage::report)))
            .service(resource("/v1/keys/leaked").route(post().to(leaked::report)))
            .service(resource("/v1/keys").route(page().to(keys::list)))
            .service(resource("/v1/keys/{id}").route(page().to(keys::show)))
            .service(resource("/v1/keys/{id}/revoke").route(post().to(keys::revoke)))
            .configure(api_members)
            .service(resource("/v1/invitations").route(page().to(invitations::list)).route(post().to(invite::submit)))
            .service(resource("/v1/invitations/{id}").route(page().to(invitations::show)))
            .service(resource("/v1/invitations/{id}/resend").route(post().to(invitation_changes::resend)))
            .service(resource("/v1/invitations/{id}/revoke").route(post().to(invitation_changes::revoke)))
            .service(resource("/v1/roles").route(page().to(roles::list)))
            .service(resource("/v1/roles/{id}").route(page().to(roles::show)))
            .service(resource("/v1/activity").route(page().to(activity::list)))
            .service(resource("/v1/organization").route(page().to(organization::show)))
            .service(resource("/openapi.json").route(page().to(document::show)))
            .service(resource("/docs").route(page().to(docs::show)));
    };
    let stripe = resource("/stripe/events").route(post().to(api::stripe_events::receive));
    config.service(scope("/api").configure(v1).service(stripe).configure(nothing_here));
}

fn api_members(config: &mut ServiceConfig) {
    use api::{member_changes, members};
    let one = resource("/v1/members/{id}");
    config
        .service(resource("/v1/members").route(page().to(members::list)))
        .service(one.route(page().to(members::show)).route(delete().to(member_changes::remove)))
        .service(resource("/v1/members/{id}/role").route(post().to(member_changes::role)))
        .service(resource("/v1/members/{id}/activate").route(post().to(member_changes::activate)))
        .service(resource("/v1/members/{id}/deactivate").route(post().to(member_changes::deactivate)));
}

/// Paths of people with browsers; those that are asked for most stand first, since they are compared in order.
pub fn console(config: &mut ServiceConfig) {
    organization(config);
    accounts(config);
    invitation(config);
    mailbox(config);
}

fn accounts(config: &mut ServiceConfig) {
    config
        .service(resource("/sign-up").route(page().to(accounts::sign_up::show)).route(post().to(accounts::sign_up::submit)))
        .service(resource("/sign-in").route(page().to(accounts::sign_in::show)).route(post().to(accounts::sign_in::submit)))
        .service(resource("/").route(page().to(accounts::start::show)))
        .service(resource("/email/confirm/send").route(post().to(accounts::confirm::send)))
        .service(resource("/email/confirm/switch").route(post().to(accounts::confirm::switch_account)))
        .service(resource("/email/confirm/{token}").route(page().to(accounts::confirm::open)))
        .service(resource("/email/confirm").route(page().to(accounts::confirm::show)).route(post().to(accounts::confirm::submit)))
        .service(resource("/password/forgot").route(page().to(accounts::forgot::show)).route(post().to(accounts::forgot::submit)))
        .service(resource("/password/reset/{token}").route(page().to(accounts::reset::open)))
        .service(resource("/password/reset").route(page().to(accounts::reset::show)).route(post().to(accounts::reset::submit)))
        .service(resource("/account").route(page().to(accounts::profile::show)))
        .service(resource("/account/name").route(post().to(accounts::changes::name)))
        .service(resource("/account/email").route(post().to(accounts::changes::email)))
        .service(resource("/account/password").route(post().to(accounts::changes::password)))
        .service(resource("/account/sessions/end-others").route(post().to(sessions::pages::end_others)))
        .service(resource("/account/sessions/{id}/end").route(post().to(sessions::pages::end)))
        .service(resource("/sign-out").route(post().to(accounts::sign_in::sign_out)));
}

/// What an invited person sees.
fn invitation(config: &mut ServiceConfig) {
    use invites::pages::{answers, landing, link};
    config
        .service(resource(["/invitations", "/invitations/"]).route(page().to(link::broken)))
        .service(resource("/invitations/waiting/{organization_id}/{invitation_id}/open").route(post().to(link::open_waiting)))
        .service(resource("/invitations/{token}").route(page().to(link::open)))
        .service(resource("/invitation").route(page().to(landing::show)))
        .service(resource("/invitation/join").route(post().to(answers::join)))
        .service(resource("/invitation/decline").route(page().to(answers::confirm_decline)).route(post().to(answers::decline)))
        .service(resource("/invitation/switch-account").route(post().to(answers::switch_account)))
        .service(resource("/invitation/ask").route(post().to(answers::ask)));
}

fn organization(config: &mut ServiceConfig) {
    let new = resource("/organizations/new");
    config
        .service(new.route(page().to(organizations::new::show)).route(post().to(organizations::new::submit)))
        .service(of("").route(page().to(organizations::overview::show)))
        .service(of("/leave").route(page().to(accounts::leave::show)).route(post().to(accounts::leave::submit)))
        .service(of("/activity").route(page().to(activity::pages::list)));
    members(config);
    invites(config);
    roles(config);
    keys(config);
    billing(config);
}

fn members(config: &mut ServiceConfig) {
    use members::pages::{bulk, change, list, one, permission, remove};
    let removal = of("/members/{id}/remove").route(page().to(remove::confirm)).route(post().to(remove::submit));
    config
        .service(of("/members").route(page().to(list::show)))
        .service(of("/members/actions").route(post().to(bulk::submit)))
        .service(of("/permissions/{key}").route(page().to(permission::show)))
        .service(of("/members/{id}").route(page().to(one::show)))
        .service(of("/members/{id}/role").route(post().to(change::role)))
        .service(of("/members/{id}/deactivate").route(post().to(change::deactivate)))
        .service(of("/members/{id}/activate").route(post().to(change::activate)))
        .service(removal);
}

fn invites(config: &mut ServiceConfig) {
    use invites::pages::{changes, list, new, one, role};
    config
        .service(of("/invites").route(page().to(list::show)))
        .service(of("/invites/new").route(page().to(new::show)).route(post().to(new::submit)))
        .service(of("/invites/sent").route(page().to(new::sent)))
        .service(of("/invites/{id}").route(page().to(one::show)))
        .service(of("/invites/{id}/role").route(post().to(role::submit)))
        .service(of("/invites/{id}/resend").route(post().to(changes::resend)))
        .service(of("/invites/{id}/revoke").route(page().to(changes::confirm_revoke)).route(post().to(changes::revoke)));
}

fn roles(config: &mut ServiceConfig) {
    use roles::pages::{default, delete, list, new, one};
    config
        .service(of("/roles").route(page().to(list::show)))
        .service(of("/roles/new").route(page().to(new::show)).route(post().to(new::submit)))
        .service(of("/roles/default").route(post().to(default::submit)))
        .service(of("/roles/{id}").route(page().to(one::show)).route(post().to(one::submit)))
        .service(of("/roles/{id}/delete").route(page().to(delete::confirm)).route(post().to(delete::submit)));
}

fn keys(config: &mut ServiceConfig) {
    use keys::pages::{change, list, new, one, rotate};
    let revoke = of("/keys/{id}/revoke").route(page().to(change::confirm_revoke)).route(post().to(change::revoke));
    config
        .service(of("/keys").route(page().to(list::show)))
        .service(of("/keys/new").route(page().to(new::show)).route(post().to(new::submit)))
        .service(of("/keys/{id}").route(page().to(one::show)))
        .service(of("/keys/{id}/pause").route(post().to(change::pause)))
        .service(of("/keys/{id}/resume").route(post().to(change::resume)))
        .service(of("/keys/{id}/rotate").route(page().to(rotate::confirm)).route(post().to(rotate::submit)))
        .service(of("/keys/{id}/end-old-secret").route(post().to(change::end_old_secret)))
        .service(revoke);
}

fn billing(config: &mut ServiceConfig) {
    use billing::pages::{cancel, change, check, details, give_up, invoices, limit, methods, module_end, modules};
    use billing::pages::{overview, pay, plans, tax_ids, usage};
    let add_tax_id = of("/billing/tax-ids/new").route(page().to(tax_ids::new)).route(post().to(tax_ids::add));
    config
        .service(of("/billing").route(page().to(overview::show)))
        .service(of("/billing/plans").route(page().to(plans::show)))
        .service(of("/billing/plans/{plan}").route(page().to(change::show)).route(post().to(change::submit)))
        .service(of("/billing/cancel").route(page().to(cancel::confirm)).route(post().to(cancel::submit)))
        .service(of("/billing/resume").route(post().to(cancel::resume)))
        .service(of("/billing/modules/{module}").route(page().to(modules::show)).route(post().to(modules::submit)))
        .service(
            of("/billing/modules/{module}/cancel").route(page().to(module_end::confirm)).route(post().to(module_end::submit)),
        )
        .service(of("/billing/modules/{module}/keep").route(post().to(module_end::keep)))
        .service(of("/billing/invoices").route(page().to(invoices::list)))
        .service(of("/billing/invoices/{id}/pay").route(post().to(pay::submit)))
        .service(of("/billing/invoices/{id}/give-up").route(page().to(give_up::confirm)).route(post().to(give_up::submit)))
        .service(of("/billing/check").route(post().to(check::submit)))
        .service(of("/billing/payment-methods/new").route(post().to(methods::add)))
        .service(of("/billing/payment-methods/added").route(page().to(methods::added)))
        .service(of("/billing/payment-methods/{id}/default").route(post().to(methods::choose)))
        .service(of("/billing/payment-methods/{id}/remove").route(page().to(methods::confirm)).route(post().to(methods::remove)))
        .service(of("/billing/invoices/{id}.pdf").route(page().to(invoices::download)))
        .service(of("/billing/usage").route(page().to(usage::show)))
        .service(of("/billing/usage/{item}").route(post().to(limit::save)))
        .service(of("/billing/details").route(page().to(details::show)).route(post().to(details::submit)))
        .service(add_tax_id)
        .service(of("/billing/tax-ids/{id}/remove").route(post().to(tax_ids::remove)));
}

fn mailbox(config: &mut ServiceConfig) {
    config
        .service(resource("/mailbox").route(page().to(mailbox::pages::list)))
        .service(resource("/mailbox/{id}").route(page().to(mailbox::pages::show)))
        .service(resource("/mailbox/{id}/html").route(page().to(mailbox::pages::show_html)));
}

/// A resource of one organization.
fn of(rest: &str) -> Resource {
    resource(format!("/o/{{slug}}{rest}"))
}

/// Everything else.
pub fn nothing_here(config: &mut ServiceConfig) {
    config.default_service(route().to(|| async { Err::<&str, AppError>(AppError::NotFound) }));
}
