//! Pages as a person goes through them: open, click, fill, read, tabs.

use thirtyfour::prelude::*;

use super::{Chromium, Hands, names};

impl Chromium {
    /// Opens a path of the console, or a whole address as it stands in a mail.
    pub fn open(&self, path: &str) {
        let address = if path.starts_with('/') { format!("{}{path}", self.origin) } else { path.to_owned() };
        self.run(self.page().goto(address));
    }

    /// Path and query in the address bar.
    pub fn path(&self) -> String {
        let url = self.run(self.page().current_url());
        url.as_str().strip_prefix(&self.origin).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until the address bar shows a path.
    pub fn arrives_at(&self, path: &str) {
        self.until(&path, || (self.path() == path).then_some(()));
    }

    /// Goes back, as with the browser's button.
    pub fn back(&self) {
        self.run(self.page().back());
    }

    /// The page as the browser has it, hidden parts and the values of its fields included.
    pub fn source(&self) -> String {
        self.run(async {
            let mut whole = self.page().source().await?;
            for field in self.page().find_all(By::Css("input, textarea")).await? {
                whole += &field.prop("value").await?.unwrap_or_default();
            }
            Ok(whole)
        })
    }

    /// Everything that can be read on the page.
    pub fn text(&self) -> String {
        self.run(async { self.page().find(By::Css("body")).await?.text().await })
    }

    /// Waits until the page says something.
    pub fn sees(&self, words: &str) {
        self.until(&words, || self.readable()?.contains(words).then_some(()));
    }

    fn readable(&self) -> Option<String> {
        self.try_to(async { self.page().find(By::Css("body")).await?.text().await }).ok()
    }

    /// Presses a button, follows a link, opens a menu or ticks a box, by its accessible name.
    pub fn click(&self, name: &str) {
        if self.hands == Hands::Keyboard {
            return self.reach_and_press(name);
        }
        self.until(&name, || {
            let element = self.find(&names::clickable(name), name)?;
            self.try_to(element.click()).ok()
        });
    }

    /// Clicks, and waits until another page has come.
    pub fn go(&self, name: &str) {
        self.to_next_page(|| self.click(name));
    }

    /// Does something that leads to another page, and waits for that.
    pub fn to_next_page(&self, act: impl FnOnce()) {
        let before = self.run(self.page().find(By::Css("html")));
        act();
        self.until(&"another page", || self.try_to(before.tag_name()).is_err().then_some(()));
        self.until(&"a heading", || self.try_to(self.page().find(By::Css("h1"))).ok());
    }

    /// Fills a field by its label.
    pub fn fill(&self, label: &str, text: &str) {
        if self.hands == Hands::Keyboard {
            self.tab_to(label);
            self.select_all();
            return self.press(text);
        }
        let field = self.field(label);
        self.run(field.clear());
        self.run(field.send_keys(text));
    }

    /// What a field holds.
    pub fn value_of(&self, label: &str) -> String {
        let field = self.field(label);
        self.run(field.prop("value")).unwrap_or_default()
    }

    /// The words of the option that is chosen in a select.
    pub fn chosen(&self, label: &str) -> String {
        let (field, value) = (self.field(label), self.value_of(label));
        let option = format!(".//option[@value={}]", names::literal(&value));
        self.run(async { field.find(By::XPath(option)).await?.text().await })
    }

    /// Chooses an option of a select, by its words.
    pub fn choose(&self, label: &str, option: &str) {
        if self.hands == Hands::Keyboard {
            self.tab_to(label);
            return self.press(option);
        }
        let field = self.field(label);
        let option = format!(".//option[normalize-space(.)={}]", names::literal(option));
        self.run(async { field.find(By::XPath(option)).await?.click().await });
    }

    /// Whether a control of this name can be seen now.
    pub fn shows(&self, name: &str) -> bool {
        self.find(&names::clickable(name), name).is_some() || self.find(&names::field(name), name).is_some()
    }

    /// Opens the newest mail to an address in the mailbox, and follows the link in it.
    pub fn follow_mail(&self, recipient: &str) {
        self.open(&format!("/mailbox?to={recipient}"));
        self.open_newest_mail();
        self.to_next_page(|| self.click_first("main pre a"));
    }

    /// Opens the first mail of the mailbox's list.
    pub fn open_newest_mail(&self) {
        self.to_next_page(|| self.click_first("main tbody a"));
    }

    fn click_first(&self, selector: &str) {
        self.until(&selector, || {
            let element = self.try_to(self.page().find(By::Css(selector))).ok()?;
            self.try_to(element.click()).ok()
        });
    }

    /// Opens a path in a new tab and stays there.
    pub fn open_in_new_tab(&self, path: &str) {
        self.run(async {
            let tab = self.page().new_tab().await?;
            self.page().switch_to_window(tab).await
        });
        self.open(path);
    }

    /// Goes to a tab, counted from 0 in the order of opening.
    pub fn to_tab(&self, number: usize) {
        self.run(async {
            let tabs = self.page().windows().await?;
            self.page().switch_to_window(tabs[number].clone()).await
        });
    }

    /// The words of the table's row that has this text in it, chosen options and badges included.
    pub fn row(&self, text: &str) -> String {
        let path = format!("//main//tr[td][contains(., {})]", names::literal(text));
        self.until(&text, || self.try_to(async { self.page().find(By::XPath(&path)).await?.text().await }).ok())
    }

    /// The first words of each row: the names, in the order of the page.
    pub fn names_in_rows(&self) -> Vec<String> {
        self.run(async {
            let mut names = Vec::new();
            for link in self.page().find_all(By::Css("main tbody .cell-primary a")).await? {
                names.push(link.text().await?);
            }
            Ok(names)
        })
    }

    fn field(&self, label: &str) -> WebElement {
        self.until(&label, || self.find(&names::field(label), label))
    }

    /// The element that can be seen and has exactly this accessible name; in the dialog when one is open.
    pub(super) fn find(&self, path: &str, name: &str) -> Option<WebElement> {
        let found = self.try_to(async {
            match self.page().find_all(By::Css("dialog[open]")).await?.pop() {
                Some(dialog) => dialog.find_all(By::XPath(format!(".{path}"))).await,
                None => self.page().find_all(By::XPath(path)).await,
            }
        });
        let named = |element: &WebElement| self.name_of(element).is_ok_and(|heard| heard == name);
        let shown = |element: &WebElement| self.try_to(element.is_displayed()).unwrap_or(false);
        found.ok()?.into_iter().find(|element| named(element) && shown(element))
    }

    /// Reads something again until it is as it should be: for what changes without another page.
    pub fn until_equal<T: PartialEq + std::fmt::Debug>(&self, wanted: T, read: impl Fn() -> T) {
        self.until(&wanted, || (read() == wanted).then_some(()));
    }
}
