//! Reads the fields of an object that Stripe answers, by JSON pointers such as `/period/start`. What Stripe may leave out or
//! send as null is absent; what has another type than documented makes the answer malformed.

use crate::clock::Moment;
use crate::stripe::{Answer, StripeError};
use serde_json::Value;
use std::collections::HashMap;

/// An object that can be read from an answer.
pub trait Object: Sized {
    /// Reads it; [`StripeError::Malformed`] where a field is not as documented.
    fn read(fields: Fields<'_>) -> Answer<Self>;
}

/// For answers whose content does not matter.
impl Object for () {
    fn read(_: Fields<'_>) -> Answer<Self> {
        Ok(())
    }
}

/// One object of an answer.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Value);

impl<'a> Fields<'a> {
    /// The fields of a value.
    pub fn of(value: &'a Value) -> Self {
        Self(value)
    }

    fn present(self, pointer: &str) -> Option<&'a Value> {
        self.0.pointer(pointer).filter(|value| !value.is_null())
    }

    fn wrong(self, pointer: &str) -> StripeError {
        let object = self.0.get("object").and_then(Value::as_str).unwrap_or("object");
        StripeError::Malformed(format!("{pointer} of Stripe's {object}"))
    }

    fn convert<T>(self, pointer: &str, convert: impl Fn(&'a Value) -> Option<T>) -> Answer<Option<T>> {
        self.present(pointer).map(|value| convert(value).ok_or_else(|| self.wrong(pointer))).transpose()
    }

    /// A text, if it is there.
    pub fn optional_text(self, pointer: &str) -> Answer<Option<String>> {
        self.convert(pointer, |value| value.as_str().map(str::to_owned))
    }

    /// A text, empty if it is absent.
    pub fn text(self, pointer: &str) -> Answer<String> {
        self.optional_text(pointer).map(Option::unwrap_or_default)
    }

    /// The id of an object, whether it is expanded or not.
    pub fn optional_id(self, pointer: &str) -> Answer<Option<String>> {
        self.convert(pointer, |value| value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned))
    }

    /// The id of an object that must be there.
    pub fn id(self, pointer: &str) -> Answer<String> {
        self.optional_id(pointer)?.ok_or_else(|| self.wrong(pointer))
    }

    /// A whole number, if it is there.
    pub fn optional_number(self, pointer: &str) -> Answer<Option<i64>> {
        self.convert(pointer, Value::as_i64)
    }

    /// A whole number, 0 if it is absent.
    pub fn number(self, pointer: &str) -> Answer<i64> {
        self.optional_number(pointer).map(Option::unwrap_or_default)
    }

    /// A number with a fraction, 0 if it is absent.
    pub fn fraction(self, pointer: &str) -> Answer<f64> {
        self.convert(pointer, Value::as_f64).map(Option::unwrap_or_default)
    }

    /// Yes or no, no if it is absent.
    pub fn flag(self, pointer: &str) -> Answer<bool> {
        self.convert(pointer, Value::as_bool).map(Option::unwrap_or_default)
    }

    /// A moment from unix seconds, if it is there.
    pub fn optional_moment(self, pointer: &str) -> Answer<Option<Moment>> {
        self.convert(pointer, |value| Moment::from_timestamp(value.as_i64()?, 0))
    }

    /// A moment that must be there.
    pub fn moment(self, pointer: &str) -> Answer<Moment> {
        self.optional_moment(pointer)?.ok_or_else(|| self.wrong(pointer))
    }

    /// Pairs of texts such as `/metadata`, none if they are absent.
    pub fn map(self, pointer: &str) -> Answer<HashMap<String, String>> {
        let pairs = self.convert(pointer, |value| {
            let pairs = value.as_object()?.iter();
            pairs.map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        });
        pairs.map(Option::unwrap_or_default)
    }

    /// The elements of an array or of a list object with `data`, none if it is absent.
    pub fn each(self, pointer: &str) -> Answer<Vec<Fields<'a>>> {
        let elements = self.convert(pointer, |value| value.as_array().or_else(|| value.get("data")?.as_array()))?;
        Ok(elements.into_iter().flatten().map(Fields).collect())
    }

    /// Reads the elements of an array or of a list object.
    pub fn list<T: Object>(self, pointer: &str) -> Answer<Vec<T>> {
        self.each(pointer)?.into_iter().map(T::read).collect()
    }

    /// An object within this one that must be there, and expanded.
    pub fn needed(self, pointer: &str) -> Answer<Fields<'a>> {
        self.inner(pointer).ok_or_else(|| self.wrong(pointer))
    }

    /// An object within this one, if it is there and expanded.
    pub fn inner(self, pointer: &str) -> Option<Fields<'a>> {
        self.present(pointer).filter(|value| value.is_object()).map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn absent_null_expanded_and_wrong() {
        let value = json!({ "object": "thing", "null": null, "id": "x", "big": { "id": "y" }, "at": 1_700_000_000, "data": [1] });
        let fields = Fields::of(&value);
        assert_eq!(fields.text("/null").unwrap(), "");
        assert_eq!(fields.optional_number("/none").unwrap(), None);
        assert_eq!((fields.id("/id").unwrap(), fields.id("/big").unwrap()), ("x".to_owned(), "y".to_owned()));
        assert_eq!(fields.moment("/at").unwrap().timestamp(), 1_700_000_000);
        assert_eq!(fields.number("/id"), Err(StripeError::Malformed("/id of Stripe's thing".to_owned())));
        assert!(fields.moment("/null").is_err() && fields.each("").unwrap().len() == 1);
    }
}
