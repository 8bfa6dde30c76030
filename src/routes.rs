//! Every path of the console, on one page.

use actix_web::guard::{Any, Get, Head};
use actix_web::web::{ServiceConfig, post, resource, route};
use actix_web::{Resource, Route};

use crate::error::AppError;
use crate::web::{assets, metrics};
use crate::{accounts, invites, mailbox, organizations};

/// A page: GET, and HEAD for who only wants its headers.
fn page() -> Route {
    route().guard(Any(Get()).or(Head()))
}

/// Paths that read no session.
pub fn plain(config: &mut ServiceConfig) {
    config
        .service(resource("/static/{name}").route(page().to(assets::serve)))
        .service(resource("/metrics").route(page().to(metrics::show)));
}

/// Paths of people with browsers.
pub fn console(config: &mut ServiceConfig) {
    accounts(config);
    invitation(config);
    organization(config);
    mailbox(config);
}

fn accounts(config: &mut ServiceConfig) {
    config
        .service(resource("/sign-up").route(page().to(accounts::sign_up::show)).route(post().to(accounts::sign_up::submit)))
        .service(resource("/sign-in").route(page().to(accounts::sign_in::show)).route(post().to(accounts::sign_in::submit)))
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
    config.service(of("").route(page().to(organizations::pages::overview)));
    invites(config);
}

fn invites(config: &mut ServiceConfig) {
    use invites::pages::{changes, list, new, one};
    config
        .service(of("/invites").route(page().to(list::show)))
        .service(of("/invites/new").route(page().to(new::show)).route(post().to(new::submit)))
        .service(of("/invites/sent").route(page().to(new::sent)))
        .service(of("/invites/{id}").route(page().to(one::show)))
        .service(of("/invites/{id}/resend").route(post().to(changes::resend)))
        .service(of("/invites/{id}/revoke").route(page().to(changes::confirm_revoke)).route(post().to(changes::revoke)));
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
