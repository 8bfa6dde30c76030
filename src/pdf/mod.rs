//! Placeholder until the renderer is there.
use crate::clock::Moment;
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDocument {
    pub title: String,
    pub number: String,
    pub issuer: Party,
    pub recipient: Party,
    pub facts: Vec<(String, String)>,
    pub lines: Vec<Line>,
    pub totals: Vec<Total>,
    pub notes: Vec<String>,
    pub created: Moment,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    pub lines: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub description: String,
    pub period: String,
    pub quantity: String,
    pub unit_price: String,
    pub amount: String,
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub label: String,
    pub amount: String,
    pub is_strong: bool,
}
impl InvoiceDocument {
    pub fn issued_by(mut self, name: &str) -> InvoiceDocument {
        if self.issuer.name.is_empty() {
            self.issuer.name = name.to_owned();
        }
        self
    }
}
pub fn render(_: &InvoiceDocument) -> Result<Vec<u8>, std::fmt::Error> {
    Ok(Vec::new())
}
