//! Style sheet, script and icon, embedded in the binary, with the colour and the logo of the deployment. Their names hold
//! a hash of their content, so browsers keep them for ever and still see every change at once.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};

use super::Console;
use crate::config::{Accent, Brand};
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
    include_str!("../../static/css/role.css"),
    include_str!("../../static/css/key.css"),
    include_str!("../../static/css/billing.css"),
    include_str!("../../static/css/plain.css"),
];
const SCRIPT: &str = include_str!("../../static/js/roster.js");
const ICON: &str = include_str!("../../static/icon.svg");

/// What all pages of a deployment share: the product's name, and where its files are.
#[derive(Debug)]
pub struct Look {
    pub product_name: String,
    pub stylesheet: String,
    pub script: String,
    pub icon: String,
}

/// The files of a deployment, ready to be served.
pub struct Assets {
    pub look: Arc<Look>,
    files: Vec<Asset>,
}

struct Asset {
    path: String,
    content_type: &'static str,
    content: Bytes,
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, content: impl Into<Bytes>) -> Asset {
        let content = content.into();
        let hash: String = secret::encode(&secret::hash(&content)).chars().take(12).collect();
        Asset { path: format!("/static/{stem}.{hash}.{ending}"), content_type, content }
    }
}

impl Assets {
    /// The files as a brand wants them.
    pub fn new(brand: &Brand) -> Assets {
        let mut style = STYLES.join("\n");
        if brand.accent != Accent::DEFAULT {
            // Outside every layer, so that it wins over the tokens.
            style.push_str(&format!("\n:root {{ --accent: {}; }}\n", brand.accent.css()));
        }
        let style = Asset::new("roster", "css", "text/css; charset=utf-8", style);
        let script = Asset::new("roster", "js", "text/javascript; charset=utf-8", SCRIPT);
        let icon = match &brand.logo {
            Some(logo) => Asset::new("logo", logo.ending, logo.content_type, logo.bytes.clone()),
            None => Asset::new("icon", "svg", "image/svg+xml", ICON),
        };
        let look = Look {
            product_name: brand.name.clone(),
            stylesheet: style.path.clone(),
            script: script.path.clone(),
            icon: icon.path.clone(),
        };
        Assets { look: Arc::new(look), files: vec![style, script, icon] }
    }
}

/// `GET /static/{name}`
pub async fn serve(console: web::Data<Console>, name: web::Path<String>) -> Result<HttpResponse> {
    let asked = format!("/static/{name}");
    let file = console.assets.files.iter().find(|file| file.path == asked).ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.content.clone()))
}
