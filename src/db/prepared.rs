//! Statements written as SQL. Diesel's `sql_query` has each of them parsed and planned anew, which takes longer than
//! running it; these stay prepared on their connection, by their text.

use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use uuid::Uuid;

use crate::clock::Moment;

/// A value in the place of `$1`, `$2`, …
#[derive(Clone, Debug)]
pub enum Value {
    Uuid(Uuid),
    Time(Moment),
    Text(String),
    Bytes(Vec<u8>),
    Integer(i32),
    Number(i64),
    Uuids(Vec<Uuid>),
    Times(Vec<Moment>),
    Texts(Vec<String>),
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Value {
        Value::Uuid(id)
    }
}

impl From<Vec<Uuid>> for Value {
    fn from(ids: Vec<Uuid>) -> Value {
        Value::Uuids(ids)
    }
}

impl From<Vec<Moment>> for Value {
    fn from(times: Vec<Moment>) -> Value {
        Value::Times(times)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Value {
        Value::Texts(texts)
    }
}

impl From<Moment> for Value {
    fn from(at: Moment) -> Value {
        Value::Time(at)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value::Bytes(bytes.to_owned())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Integer(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

/// A statement that stays prepared. The text holds no values of its own: `$1` is the first one bound, and may stand there
/// several times.
#[derive(Clone, Debug)]
pub struct Prepared {
    sql: String,
    values: Vec<Value>,
}

/// The statement of a text.
pub fn prepared(sql: impl Into<String>) -> Prepared {
    Prepared { sql: sql.into(), values: Vec::new() }
}

impl Prepared {
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Prepared {
        self.values.push(value.into());
        self
    }
}

impl QueryFragment<Pg> for Prepared {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.sql.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let (place, rest) = piece.split_at(digits);
            let value = place.parse::<usize>().ok().and_then(|place| self.values.get(place.checked_sub(1)?));
            push(value.ok_or_else(|| Error::QueryBuilderError(format!("no value for ${place}").into()))?, &mut out)?;
            out.push_sql(rest);
        }
        Ok(())
    }
}

fn push<'b>(value: &'b Value, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    match value {
        Value::Uuid(id) => out.push_bind_param::<SqlUuid, _>(id),
        Value::Time(at) => out.push_bind_param::<Timestamptz, _>(at),
        Value::Text(text) => out.push_bind_param::<Text, _>(text),
        Value::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes),
        Value::Integer(number) => out.push_bind_param::<Integer, _>(number),
        Value::Number(number) => out.push_bind_param::<BigInt, _>(number),
        Value::Uuids(ids) => out.push_bind_param::<Array<SqlUuid>, _>(ids),
        Value::Times(times) => out.push_bind_param::<Array<Timestamptz>, _>(times),
        Value::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts),
    }
}

/// The statement's text says everything, so Diesel keeps it prepared by its text.
impl QueryId for Prepared {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Prepared {
    type SqlType = Untyped;
}

impl diesel::RunQueryDsl<PgConnection> for Prepared {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_stand_in_several_places_and_each_place_needs_one() {
        let text = |statement: &Prepared| diesel::debug_query::<Pg, _>(statement).to_string();
        let twice = prepared("SELECT $2 + $1 + $2").bind(1).bind(2);
        assert_eq!(text(&twice), "SELECT $1 + $2 + $3 -- binds: [2, 1, 2]");
        assert!(std::panic::catch_unwind(|| text(&prepared("SELECT $1"))).is_err());
    }
}
