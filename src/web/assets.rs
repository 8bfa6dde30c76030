//! Style sheet, script and icon, embedded in the binary. Their names hold a hash of their content, so browsers keep them
//! for ever and still see every change at once.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::error::{AppError, Result};
use crate::secret;

/// In any order: the cascade layers are declared in tokens.css.
const STYLES: &[&str] = &[
    include_str!("../../static/css/tokens.css"),
    include_str!("../../static/css/reset.css"),
    include_str!("../../static/css/base.css"),
    include_str!("../../static/css/layout.css"),
    include_str!("../../static/css/sidebar.css"),
    include_str!("../../static/css/switcher.css"),
    include_str!("../../static/css/button.css"),
    include_str!("../../static/css/field.css"),
    include_str!("../../static/css/table.css"),
    include_str!("../../static/css/badge.css"),
    include_str!("../../static/css/flash.css"),
    include_str!("../../static/css/menu.css"),
    include_str!("../../static/css/dialog.css"),
    include_str!("../../static/css/empty.css"),
    include_str!("../../static/css/avatar.css"),
    include_str!("../../static/css/tabs.css"),
    include_str!("../../static/css/pagination.css"),
    include_str!("../../static/css/panel.css"),
    include_str!("../../static/css/bulk.css"),
    include_str!("../../static/css/story.css"),
    include_str!("../../static/css/code.css"),
    include_str!("../../static/css/facts.css"),
    include_str!("../../static/css/plain.css"),
];
const SCRIPT: &str = include_str!("../../static/js/roster.js");
const ICON: &str = include_str!("../../static/icon.svg");

/// Addresses of the files.
pub struct Urls {
    pub stylesheet: String,
    pub script: String,
    pub icon: String,
}

struct Assets {
    urls: Urls,
    style: String,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let style = STYLES.join("\n");
    let named = |stem: &str, content: &str, ending: &str| {
        let hash: String = secret::encode(&secret::hash(content.as_bytes())).chars().take(12).collect();
        format!("/static/{stem}.{hash}.{ending}")
    };
    let urls = Urls {
        stylesheet: named("roster", &style, "css"),
        script: named("roster", SCRIPT, "js"),
        icon: named("icon", ICON, "svg"),
    };
    Assets { urls, style }
});

/// Addresses of the files of this build.
pub fn urls() -> &'static Urls {
    &ASSETS.urls
}

/// `GET /static/{name}`
pub async fn serve(name: web::Path<String>) -> Result<HttpResponse> {
    let asked = format!("/static/{name}");
    let (kind, body): (&str, &'static str) = match &ASSETS.urls {
        urls if asked == urls.stylesheet => ("text/css; charset=utf-8", &ASSETS.style),
        urls if asked == urls.script => ("text/javascript; charset=utf-8", SCRIPT),
        urls if asked == urls.icon => ("image/svg+xml", ICON),
        _ => return Err(AppError::NotFound),
    };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(body))
}
