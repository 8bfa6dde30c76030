//! The page that asks whether somebody means to end something: what ends when, and what stays.

use askama::Template;

use crate::web::frame::Frame;

#[derive(Template)]
#[template(path = "billing/confirm.html")]
pub(super) struct ConfirmPage {
    pub frame: Frame,
    pub heading: String,
    pub action: String,
    pub button: String,
    /// The button that leads back.
    pub keep: String,
    pub ends_title: String,
    pub ends: Vec<String>,
    pub stays: Vec<String>,
    pub back: String,
}
