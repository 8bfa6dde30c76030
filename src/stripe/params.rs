//! The parameters of a request in Stripe's form encoding: nested names in brackets, `items[0][price]=price_1`, with names and
//! values percent-encoded.

use crate::clock::Moment;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;
use std::fmt::Display;

/// All but the unreserved characters of RFC 3986 is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Params(String);

impl Params {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter; an empty value unsets it at Stripe.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(name, ENCODED));
        self.0.push('=');
        self.0.extend(utf8_percent_encode(&value.to_string(), ENCODED));
        self
    }

    /// Adds a parameter if there is a value.
    pub fn with_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a parameter if its text is not empty.
    pub fn with_filled(self, name: &str, value: &str) -> Self {
        self.with_some(name, Some(value).filter(|value| !value.is_empty()))
    }

    /// Adds a moment in unix seconds, if there is one.
    pub fn with_moment(self, name: &str, moment: Option<Moment>) -> Self {
        self.with_some(name, moment.map(|moment| moment.timestamp()))
    }

    /// Adds a list; an empty one is sent as an empty text, which unsets it.
    pub fn with_list(self, name: &str, values: &[String]) -> Self {
        if values.is_empty() {
            return self.with(name, "");
        }
        values.iter().enumerate().fold(self, |params, (position, value)| params.with(&format!("{name}[{position}]"), value))
    }

    /// Adds `name[key]` for each pair, by key, so that the same request is the same text.
    pub fn with_map(self, name: &str, pairs: &HashMap<String, String>) -> Self {
        let mut sorted: Vec<_> = pairs.iter().collect();
        sorted.sort();
        sorted.into_iter().fold(self, |params, (key, value)| params.with(&format!("{name}[{key}]"), value))
    }

    /// The encoded text, of a body or of a query.
    pub fn encoded(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_encoded() {
        let params = Params::new().with("name", "A & B=Ü+ %").with("items[0][price]", "price_1").with("flag", true);
        assert_eq!(params.encoded(), "name=A%20%26%20B%3D%C3%9C%2B%20%25&items%5B0%5D%5Bprice%5D=price_1&flag=true");
        assert_eq!(Params::new().encoded(), "");
    }

    #[test]
    fn absent_values_are_left_out_and_empty_ones_unset() {
        let params = Params::new().with_some("a", None::<&str>).with_filled("b", "").with("c", "").with_moment("d", None);
        assert_eq!(params.encoded(), "c=");
        let moment = Moment::from_timestamp(1_700_000_000, 999);
        assert_eq!(Params::new().with_moment("at", moment).encoded(), "at=1700000000");
    }

    #[test]
    fn lists_and_maps() {
        let lists = Params::new().with_list("rates", &["a".to_owned(), "b".to_owned()]).with_list("none", &[]);
        assert_eq!(lists.encoded(), "rates%5B0%5D=a&rates%5B1%5D=b&none=");
        let map = HashMap::from([("z".to_owned(), "1".to_owned()), ("a]b".to_owned(), "2".to_owned())]);
        assert_eq!(Params::new().with_map("m", &map).encoded(), "m%5Ba%5Db%5D=2&m%5Bz%5D=1");
    }
}
