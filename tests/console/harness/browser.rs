//! A browser: keeps cookies, opens pages, submits the forms that it sees with the fields they have.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;

use super::page::{FilledForm, Page};

/// A persona's browser. Can be shared by threads.
pub struct Browser {
    base: String,
    origin: String,
    host: String,
    cookies: Mutex<BTreeMap<String, String>>,
    agent: ureq::Agent,
}

/// An answer as it came, redirects not followed.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The body as it came, for files.
    pub bytes: Vec<u8>,
    /// The path that was asked for.
    pub path: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_default()
    }
}

impl Browser {
    pub fn new(address: SocketAddr, origin: &str) -> Browser {
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(30)))
            .build()
            .into();
        Browser {
            base: format!("http://{address}"),
            origin: origin.to_owned(),
            host: origin.split("//").nth(1).unwrap().to_owned(),
            cookies: Mutex::default(),
            agent,
        }
    }

    /// One request for a page.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    /// One posted form with just these fields.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, &[("sec-fetch-site", "same-origin")], Some(body.as_bytes()))
    }

    /// One request with any method, headers and body. A body is sent as a form unless a header says otherwise.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header("host", &self.host);
        }
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let names_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !names_type {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(body.unwrap_or_default().to_vec()).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        self.keep_cookies(&headers);
        let bytes = response.body_mut().read_to_vec().unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Reply { status: response.status().as_u16(), headers, body, bytes, path: path.to_owned() }
    }

    /// Opens a page as a person does: follows redirects.
    pub fn open(&self, path: &str) -> Page {
        self.follow(self.get(path))
    }

    /// Follows redirects to the page behind an answer.
    pub fn follow(&self, mut reply: Reply) -> Page {
        for _ in 0..10 {
            if reply.status != 303 {
                return Page::new(reply);
            }
            let location = reply.location().to_owned();
            reply = self.get(location.strip_prefix(&self.origin).unwrap_or(&location));
        }
        panic!("too many redirects, the last one to {}", reply.location());
    }

    /// Fills in the form of a button, by labels, and presses it. Panics when button or field are not on the page.
    pub fn submit(&self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Page {
        self.follow(self.press(page, button, fields))
    }

    /// As `submit`, but shows the answer as it came.
    pub fn press(&self, page: &Page, button: &str, fields: &[(&str, &str)]) -> Reply {
        self.send_form(&page.form(button, fields))
    }

    /// Sends a filled form.
    pub fn send_form(&self, form: &FilledForm) -> Reply {
        let pairs: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if form.method == "post" {
            return self.post(&form.action, &pairs);
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.get(&format!("{}?{query}", form.action))
    }

    /// Follows a link by its words.
    pub fn click(&self, page: &Page, link: &str) -> Page {
        self.open(&page.link(link))
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie there, or takes it away with an empty value.
    pub fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap();
        if value.is_empty() {
            cookies.remove(name)
        } else {
            cookies.insert(name.to_owned(), value.to_owned())
        };
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, headers: &[(String, String)]) {
        for (_, value) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
            self.set_cookie(name, value);
        }
    }
}
