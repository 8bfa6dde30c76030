//! A person with a session, who signs in through the page and follows its links, to find the addresses to be measured.

use std::net::SocketAddr;

use tokio::runtime::Runtime;

use super::data::PASSWORD;
use super::http::Connection;

/// Somebody signed in.
pub struct Visitor {
    address: SocketAddr,
    host: String,
    cookie: String,
}

impl Visitor {
    pub fn sign_in(address: SocketAddr, email: &str) -> Visitor {
        let host = host(address);
        let request = sign_in_request(&host, email, "192.0.2.1");
        let (status, head, text) = ask(address, &request);
        assert_eq!(status, 303, "{head}\n{text}");
        let set = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_else(|| panic!("no cookie:\n{head}"));
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        Visitor { address, host, cookie }
    }

    /// The header lines of a request with the session.
    pub fn headers(&self) -> String {
        format!("cookie: {}\r\n", self.cookie)
    }

    /// The text of a page.
    pub fn open(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{}\r\n", self.host, self.headers());
        let (status, head, text) = ask(self.address, request.as_bytes());
        assert_eq!(status, 200, "{path}\n{head}\n{text}");
        text
    }

    /// Where the nth page of a list is, by way of **Next**.
    pub fn page(&self, list: &str, number: usize) -> String {
        (1..number)
            .fold(list.to_owned(), |path, _| next_of(&self.open(&path)).unwrap_or_else(|| panic!("{path} is the last page")))
    }
}

/// The `Host` that the console knows itself by.
pub fn host(address: SocketAddr) -> String {
    format!("localhost:{}", address.port())
}

/// The form of the sign-in page, sent from a network.
pub fn sign_in_request(host: &str, email: &str, network: &str) -> Vec<u8> {
    let form =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs([("email", email), ("password", PASSWORD)]).finish();
    format!(
        "POST /sign-in HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\nx-forwarded-for: {network}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

fn ask(address: SocketAddr, request: &[u8]) -> (u16, String, String) {
    Runtime::new().unwrap().block_on(async {
        let mut connection = Connection::open(address).await.unwrap();
        let answer = connection.ask(request).await.unwrap();
        (answer.status, answer.head.to_owned(), answer.text())
    })
}

fn next_of(html: &str) -> Option<String> {
    let tag = html.split("<a ").find(|tag| tag.split('>').next().is_some_and(|start| start.contains("rel=\"next\"")))?;
    let href = tag.split_once("href=\"")?.1.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}
