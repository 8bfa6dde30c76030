//! The keyboard alone.

use thirtyfour::prelude::*;

use super::Chromium;

/// More stops than any page of a test has.
const STOPS: usize = 120;

impl Chromium {
    /// Types into whatever has the focus. Keys are written as thirtyfour has them: `Key::Escape`.
    pub fn press(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.run(self.page().action_chain().send_keys(keys).perform());
    }

    /// Marks what a field holds, so that typing replaces it.
    pub(super) fn select_all(&self) {
        self.run(self.page().action_chain().key_down(Key::Control).send_keys("a").key_up(Key::Control).perform());
    }

    /// Reaches a control and presses it as people do: boxes with the space bar, all else with Enter.
    pub(super) fn reach_and_press(&self, name: &str) {
        self.tab_to(name);
        let focused = self.run(self.page().active_element());
        let kind = self.run(focused.attr("type")).unwrap_or_default();
        self.press(if kind == "checkbox" || kind == "radio" { Key::Space } else { Key::Enter });
    }

    /// Presses Tab until the control of this name has the focus.
    pub fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..STOPS {
            self.press(Key::Tab);
            let reached = self.focus();
            if reached == name {
                return;
            }
            passed.push(reached);
        }
        panic!("Tab never reached {name:?}; it passed {passed:?}");
    }

    /// Whether what is wrong with a form has the focus, above it.
    pub fn is_at_summary(&self) -> bool {
        self.evaluate("return document.activeElement.matches('.summary');") == serde_json::Value::Bool(true)
    }

    /// The accessible name of what has the focus.
    pub fn focus(&self) -> String {
        let focused = self.run(self.page().active_element());
        self.name_of(&focused).unwrap_or_default()
    }
}
