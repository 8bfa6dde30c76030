//! The number a tax office knows an organization by, as it stands on an invoice. A reader chooses a kind from those of
//! their country and types the number as their papers show it; what is kept is the one writing that Stripe shows too.
//! Only the form and the digits that check others are looked at: whether the number was ever given out, and to whom, is
//! the tax office's to say.

mod digits;
mod european;
mod european_digits;
mod form;
mod table;
#[cfg(test)]
mod tests;
mod world_digits;

use crate::country::Country;
use table::{ROWS, Row};

/// Words for the reader why a text was not accepted.
pub type Refused = &'static str;

/// A kind of tax id, under the name that Stripe gives it.
#[derive(Clone, Copy)]
pub struct TaxIdType(&'static Row);

impl TaxIdType {
    /// Every kind. Those of one country stand with the commonest first.
    pub fn all() -> impl Iterator<Item = TaxIdType> {
        ROWS.iter().map(TaxIdType)
    }

    /// The kinds that an organization of a country can have; none for a country whose ids Stripe does not know.
    pub fn of_country(country: Country) -> impl Iterator<Item = TaxIdType> {
        TaxIdType::all().filter(move |kind| kind.is_of(country))
    }

    /// The kind that Stripe calls so: `eu_vat`.
    pub fn from_key(key: &str) -> Option<TaxIdType> {
        TaxIdType::all().find(|kind| kind.key() == key)
    }

    /// Stripe's name: `eu_vat`.
    pub fn key(self) -> &'static str {
        self.0.key
    }

    /// Words for people: `EU VAT number`.
    pub fn label(self) -> &'static str {
        self.0.label
    }

    /// A number of the right form with right check digits, as it is kept: `DE123456788`.
    pub fn example(self) -> &'static str {
        self.0.example
    }

    /// The countries whose organizations can have it.
    pub fn countries(self) -> impl Iterator<Item = Country> {
        std::iter::once(self.0.country).chain(self.0.also.iter().copied())
    }

    /// Whether organizations of a country can have it.
    pub fn is_of(self, country: Country) -> bool {
        self.countries().any(|other| other == country)
    }

    /// Whether it is the VAT number of the European Union, whose first letters name the country.
    pub fn is_eu_vat(self) -> bool {
        self.key() == "eu_vat"
    }
}

impl PartialEq for TaxIdType {
    fn eq(&self, other: &TaxIdType) -> bool {
        self.key() == other.key()
    }
}

impl Eq for TaxIdType {}

impl std::fmt::Debug for TaxIdType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.key())
    }
}

/// A tax id of the right form: `DE123456788`, `CHE-123.456.788 MWST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxId {
    kind: TaxIdType,
    value: String,
    country: Country,
    digits_agree: bool,
}

impl TaxId {
    /// Reads a number however it is grouped: blanks, dots, dashes and strokes are dropped and set anew. The letters of the
    /// country may be missing or too many, but for an EU VAT number, which they begin. A stored number reads as itself.
    ///
    /// # Errors
    /// Words for the reader.
    pub fn parse(kind: TaxIdType, text: &str) -> Result<TaxId, Refused> {
        let bare = form::bare(text);
        if kind.is_eu_vat() { european(kind, &bare) } else { national(kind, &bare) }
    }

    pub fn kind(&self) -> TaxIdType {
        self.kind
    }

    /// The one writing of the number: what is stored, shown and sent to Stripe.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether its check digits agree with the others. They are a hint and no reason to refuse a number: there are offices
    /// that give out what their own rules do not allow.
    pub fn digits_agree(&self) -> bool {
        self.digits_agree
    }

    /// Whose authority gave it out. An EU VAT number's first letters say so: EL is Greece, XI the United Kingdom, for
    /// Northern Ireland.
    pub fn country(&self) -> Country {
        self.country
    }
}

impl std::fmt::Display for TaxId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.value)
    }
}

/// The country that the first two letters of an EU VAT number stand for: `EL` for Greece, `XI` for the United Kingdom.
pub fn country_of_prefix(letters: &str) -> Option<Country> {
    european::prefix_of(letters).map(|prefix| prefix.country)
}

fn european(kind: TaxIdType, bare: &str) -> Result<TaxId, Refused> {
    let prefix = european::prefix_of(bare).ok_or(european::NO_PREFIX)?;
    let body = prefix.body(bare).ok_or(prefix.refusal)?;
    let digits_agree = (prefix.check)(&body);
    Ok(TaxId { kind, value: format!("{}{body}", prefix.letters), country: prefix.country, digits_agree })
}

fn national(kind: TaxIdType, bare: &str) -> Result<TaxId, Refused> {
    let Row { country, forms, check, refusal, .. } = kind.0;
    // People write the country before numbers that have none, and leave it out before those that begin with it.
    let shorter = bare.strip_prefix(country.code()).unwrap_or(bare);
    let longer = format!("{}{bare}", country.code());
    let mut of_form = None;
    for text in [bare, shorter, &longer] {
        let Some(value) = forms.iter().find_map(|form| form::written(form, text)) else { continue };
        let id = TaxId { kind, value, country: *country, digits_agree: check(text) };
        if id.digits_agree {
            return Ok(id);
        }
        of_form = of_form.or(Some(id));
    }
    of_form.ok_or(*refusal)
}
