//! A page as a person or a screen reader finds their way in it: headings, links, buttons and fields by their names.

use scraper::{ElementRef, Html, Selector};

use super::browser::Reply;

/// A page that was answered.
pub struct Page {
    pub status: u16,
    /// Path and query that it was answered at.
    pub path: String,
    pub reply: Reply,
    html: String,
}

/// A form, filled in and ready to be sent.
pub struct FilledForm {
    pub method: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Page {
    pub fn new(reply: Reply) -> Page {
        Page { status: reply.status, path: reply.path.clone(), html: reply.body.clone(), reply }
    }

    pub fn html(&self) -> &str {
        &self.html
    }

    /// The words of the page's `h1`.
    pub fn heading(&self) -> String {
        self.all("h1").first().cloned().unwrap_or_default()
    }

    /// Everything that can be read in `main`.
    pub fn text(&self) -> String {
        let main = self.all("main");
        if main.is_empty() { self.all("body").join(" ") } else { main.join(" ") }
    }

    /// Whether these words stand somewhere in `main`.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The flash message; empty without one.
    pub fn flash(&self) -> String {
        self.all(".flash").join(" ")
    }

    /// The messages beside fields.
    pub fn errors(&self) -> Vec<String> {
        self.all(".field-error")
    }

    /// The heading of the summary that has the focus when the page opens; empty without one.
    pub fn summary(&self) -> String {
        self.all(".summary[role=alert][tabindex='-1'][autofocus] h2").join(" ")
    }

    /// The words of all elements that a selector finds.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        document.select(&parsed(selector)).map(words).collect()
    }

    /// Accessible names of all buttons.
    pub fn buttons(&self) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        document.select(&parsed("button")).map(name).collect()
    }

    /// Whether a link or button of this name is on the page.
    pub fn offers(&self, wanted: &str) -> bool {
        let document = Html::parse_document(&self.html);
        document.select(&parsed("a[href], button")).any(|element| name(element) == wanted)
    }

    /// Where the link of this name leads. Panics when there is none.
    pub fn link(&self, wanted: &str) -> String {
        let document = Html::parse_document(&self.html);
        let any_link = parsed("a[href]");
        let mut links = document.select(&any_link);
        let Some(link) = links.find(|link| name(*link) == wanted) else {
            let known: Vec<String> = document.select(&parsed("a[href]")).map(name).collect();
            panic!("no link {wanted:?} at {} ({}); there are {known:?}", self.path, self.status)
        };
        link.attr("href").unwrap().to_owned()
    }

    /// What stands in the field of a label.
    pub fn value_of(&self, label: &str) -> String {
        let document = Html::parse_document(&self.html);
        let field =
            labelled(&document, document.root_element(), label).unwrap_or_else(|| panic!("no field {label:?} at {}", self.path));
        values(field).into_iter().next().unwrap_or_default()
    }

    /// Whether a field of this label is on the page.
    pub fn has_field(&self, label: &str) -> bool {
        let document = Html::parse_document(&self.html);
        labelled(&document, document.root_element(), label).is_some()
    }

    /// The words to choose from in the select of a label.
    pub fn options_of(&self, label: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let field =
            labelled(&document, document.root_element(), label).unwrap_or_else(|| panic!("no field {label:?} at {}", self.path));
        field.select(&parsed("option")).map(words).collect()
    }

    /// The form that a button sends, with fields changed by label. An option is chosen by its words, a checkbox ticked by
    /// "true" and unticked by "".
    pub fn form(&self, button: &str, fields: &[(&str, &str)]) -> FilledForm {
        let document = Html::parse_document(&self.html);
        let any_button = parsed("button");
        let mut buttons = document.select(&any_button);
        let Some(pressed) = buttons.find(|element| name(*element) == button) else {
            panic!("no button {button:?} at {} ({}); there are {:?}\n{}", self.path, self.status, self.buttons(), self.text())
        };
        let form = form_of(&document, pressed).unwrap_or_else(|| panic!("the button {button:?} sends no form"));
        let controls = controls_of(&document, form);
        let mut filled: Vec<(String, String)> = Vec::new();
        for label in fields.iter().map(|(label, _)| label) {
            let known = labelled(&document, document.root_element(), label).is_some_and(|field| controls.contains(&field));
            assert!(known, "no field {label:?} in the form of {button:?} at {}", self.path);
        }
        for control in &controls {
            let typed = fields.iter().find(|(label, _)| labelled(&document, document.root_element(), label) == Some(*control));
            let field_name = control.attr("name").unwrap_or_default().to_owned();
            let chosen = match typed {
                Some((_, value)) => chosen(*control, value),
                None => values(*control),
            };
            filled.extend(chosen.into_iter().map(|value| (field_name.clone(), value)));
        }
        if let Some(field_name) = pressed.attr("name") {
            filled.push((field_name.to_owned(), pressed.attr("value").unwrap_or_default().to_owned()));
        }
        self.filled(form, pressed.attr("formaction"), filled)
    }

    /// Every form of the page as it is, without a button of its own.
    pub fn forms(&self) -> Vec<FilledForm> {
        let document = Html::parse_document(&self.html);
        let any_form = parsed("form");
        let as_it_is = |form| {
            let controls = controls_of(&document, form);
            let named = |control: ElementRef<'_>| {
                let field_name = control.attr("name").unwrap_or_default().to_owned();
                values(control).into_iter().map(move |value| (field_name.clone(), value))
            };
            self.filled(form, None, controls.into_iter().flat_map(named).collect())
        };
        document.select(&any_form).map(as_it_is).collect()
    }

    fn filled(&self, form: ElementRef<'_>, other_action: Option<&str>, fields: Vec<(String, String)>) -> FilledForm {
        let action = other_action.or(form.attr("action")).filter(|action| !action.is_empty());
        let own = self.path.split('?').next().unwrap_or_default();
        let method = form.attr("method").unwrap_or("get").to_lowercase();
        FilledForm { method, action: action.unwrap_or(own).to_owned(), fields }
    }
}

fn parsed(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The accessible name of a link or button.
fn name(element: ElementRef<'_>) -> String {
    element.attr("aria-label").map_or_else(|| words(element), str::to_owned)
}

fn form_of<'a>(document: &'a Html, button: ElementRef<'a>) -> Option<ElementRef<'a>> {
    if let Some(id) = button.attr("form") {
        return document.select(&parsed("form")).find(|form| form.attr("id") == Some(id));
    }
    button.ancestors().filter_map(ElementRef::wrap).find(|ancestor| ancestor.value().name() == "form")
}

/// The fields that a form sends, in the order of the page.
fn controls_of<'a>(document: &'a Html, form: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    let any_control = parsed("input[name], select[name], textarea[name]");
    let all = document.select(&any_control);
    all.filter(|control| control.attr("disabled").is_none() && form_of(document, *control) == Some(form)).collect()
}

/// The control that a label, or its own aria-label, names.
fn labelled<'a>(document: &'a Html, root: ElementRef<'a>, label: &str) -> Option<ElementRef<'a>> {
    let by_label =
        root.select(&parsed("label")).find(|element| words(*element) == label).and_then(|element| match element.attr("for") {
            Some(id) => document.select(&parsed("input, select, textarea")).find(|control| control.attr("id") == Some(id)),
            None => element.select(&parsed("input, select, textarea")).next(),
        });
    by_label.or_else(|| root.select(&parsed("input, select, textarea")).find(|control| control.attr("aria-label") == Some(label)))
}

/// What a control sends as it is.
fn values(control: ElementRef<'_>) -> Vec<String> {
    let value = || control.attr("value").unwrap_or_default().to_owned();
    match (control.value().name(), control.attr("type").unwrap_or_default()) {
        ("input", "checkbox" | "radio") if control.attr("checked").is_none() => Vec::new(),
        ("input", _) => vec![value()],
        // A line break right behind the tag is not part of the text.
        ("textarea", _) => vec![control.text().collect::<String>()],
        _ => {
            let selected = control.select(&parsed("option[selected]")).next();
            let shown = selected.or_else(|| control.select(&parsed("option")).next());
            shown.map(option_value).into_iter().collect()
        }
    }
}

/// What a control sends once somebody typed or chose.
fn chosen(control: ElementRef<'_>, typed: &str) -> Vec<String> {
    match (control.value().name(), control.attr("type").unwrap_or_default()) {
        ("input", "checkbox" | "radio") if typed.is_empty() => Vec::new(),
        ("input", "checkbox" | "radio") => vec![control.attr("value").unwrap_or("on").to_owned()],
        ("select", _) => {
            let option = control.select(&parsed("option")).find(|option| words(*option) == typed);
            vec![option.map_or_else(|| typed.to_owned(), option_value)]
        }
        _ => vec![typed.to_owned()],
    }
}

fn option_value(option: ElementRef<'_>) -> String {
    option.attr("value").map_or_else(|| words(option), str::to_owned)
}
