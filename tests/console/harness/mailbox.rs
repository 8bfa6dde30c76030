//! The mails that wait at /mailbox, as a developer reads them there.

use scraper::{Html, Selector};

use super::console::Console;

/// A mail as its page shows it.
pub struct Mail {
    pub subject: String,
    pub text: String,
    /// Addresses of all links in it, without the console's origin.
    links: Vec<String>,
}

impl Mail {
    /// The path of the link that begins so: `mail.link("/invitations/")`.
    pub fn link(&self, beginning: &str) -> &str {
        let found = self.links.iter().find(|link| link.starts_with(beginning));
        found.unwrap_or_else(|| panic!("no link {beginning} in {:?}: {}", self.subject, self.text))
    }
}

impl Console {
    /// All mails to an address, newest first.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let list = self.browser().open(&format!("/mailbox?to={}", address.replace('@', "%40").replace('+', "%2B")));
        assert_eq!(list.status, 200);
        let document = Html::parse_document(list.html());
        let links = Selector::parse("tbody a[href]").unwrap();
        document.select(&links).map(|link| self.mail_at(link.attr("href").unwrap())).collect()
    }

    /// The newest mail to an address. Panics when there is none.
    pub fn mail_to(&self, address: &str) -> Mail {
        self.mails_to(address).into_iter().next().unwrap_or_else(|| panic!("no mail to {address}"))
    }

    fn mail_at(&self, path: &str) -> Mail {
        let page = self.browser().open(path);
        let document = Html::parse_document(page.html());
        let links = Selector::parse("pre a[href]").unwrap();
        let origin = self.config.origin();
        let paths = document.select(&links).map(|link| link.attr("href").unwrap());
        Mail {
            subject: page.heading(),
            text: page.all("pre").join("\n"),
            links: paths.map(|href| href.strip_prefix(&origin).unwrap_or(href).to_owned()).collect(),
        }
    }
}
