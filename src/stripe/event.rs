//! What a webhook tells: that something happened to an object. The console believes only that, and asks Stripe for the object.

use super::error::{Answer, StripeError};
use super::objects::Fields;
use crate::clock::Moment;
use serde_json::Value;

/// Something that happened at Stripe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`; the same when it is delivered again.
    pub id: String,
    /// Stripe's `type` such as `invoice.paid`.
    pub kind: String,
    /// When it happened.
    pub created: Moment,
    /// The id of the object, empty if it has none.
    pub object_id: String,
    /// The object's kind such as `invoice`.
    pub object_kind: String,
    /// The id of the customer that the object belongs to, or is.
    pub customer: Option<String>,
}

impl Event {
    /// Reads the body of a webhook. [`StripeError::Malformed`] if it is no event.
    pub fn parse(payload: &[u8]) -> Answer<Self> {
        let value: Value = serde_json::from_slice(payload).map_err(|_| StripeError::Malformed("an event".to_owned()))?;
        let fields = Fields::of(&value);
        let kind = fields.text("/type")?;
        if kind.is_empty() || fields.inner("/data/object").is_none() {
            return Err(StripeError::Malformed("an event without a type or an object".to_owned()));
        }
        let object_kind = fields.text("/data/object/object")?;
        let own = if object_kind == "customer" { "/data/object/id" } else { "/data/object/customer" };
        Ok(Self {
            id: fields.id("/id")?,
            created: fields.moment("/created")?,
            object_id: fields.text("/data/object/id")?,
            customer: fields.optional_id(own)?,
            object_kind,
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(object: Value) -> Answer<Event> {
        let event = json!({ "id": "evt_1", "type": "a.b", "created": 1_700_000_000, "data": { "object": object } });
        Event::parse(event.to_string().as_bytes())
    }

    #[test]
    fn whose_object_it_is() {
        let event = parsed(json!({ "id": "in_1", "object": "invoice", "customer": "cus_1" })).unwrap();
        assert_eq!((event.id.as_str(), event.kind.as_str(), event.created.timestamp()), ("evt_1", "a.b", 1_700_000_000));
        assert_eq!((event.object_id.as_str(), event.object_kind.as_str()), ("in_1", "invoice"));
        assert_eq!(event.customer.as_deref(), Some("cus_1"));
        let customer = |object: Value| parsed(object).unwrap().customer;
        assert_eq!(customer(json!({ "id": "in_1", "customer": { "id": "cus_2" } })).as_deref(), Some("cus_2"));
        assert_eq!(customer(json!({ "id": "cus_3", "object": "customer", "deleted": true })).as_deref(), Some("cus_3"));
        assert_eq!(customer(json!({ "id": "price_1", "object": "price" })), None);
        assert_eq!(customer(json!({ "object": "balance", "customer": null })), None);
    }

    #[test]
    fn what_is_no_event() {
        assert!(parsed(json!("text")).is_err() && parsed(json!({ "id": "a", "customer": 5 })).is_err());
        assert!(Event::parse(b"").is_err() && Event::parse(b"[]").is_err() && Event::parse(b"{\"id\": \"evt_1\"}").is_err());
    }
}
