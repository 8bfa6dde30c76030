//! Where controls can be, by the words that name them. XPath narrows the page down; the accessible name that Chromium
//! computes decides.

/// Everything that can be clicked and may bear a name.
pub fn clickable(name: &str) -> String {
    let kinds = "self::button or self::a[@href] or self::summary or self::input[@type='checkbox' or @type='radio']";
    format!("//*[{kinds}][{}]", named(name))
}

/// Every field that may bear a label.
pub fn field(label: &str) -> String {
    let kinds = "self::input[not(@type='hidden')] or self::select or self::textarea";
    format!("//*[{kinds}][{}]", named(label))
}

fn named(name: &str) -> String {
    let words = literal(name);
    format!(
        "contains(normalize-space(.), {words}) or contains(@aria-label, {words}) \
         or @id = //label[contains(normalize-space(.), {words})]/@for or ancestor::label[contains(normalize-space(.), {words})]"
    )
}

/// A text as XPath writes it, which knows no escapes.
pub fn literal(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
    format!("concat({})", parts.join(", \"'\", "))
}
