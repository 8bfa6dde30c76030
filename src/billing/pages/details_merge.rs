//! Two people who change the billing details at once: what each of them changed is told by what they saw.

use super::super::account::BillingAccount;
use super::details_form::DetailsForm;
use crate::country::Country;

/// What stands in a field by somebody else.
pub struct Theirs {
    /// The field's id on the page.
    pub field: &'static str,
    pub label: &'static str,
    /// What is saved there.
    pub saved: String,
}

/// The form with what both changed.
pub struct Merged {
    /// Where both changed something differently, what was typed here.
    pub form: DetailsForm,
    pub clashes: Vec<Theirs>,
    /// What only the other one changed, in the form by now.
    pub taken: Vec<Theirs>,
}

/// The fields that are saved, in the order of the form: id, label and text.
fn fields(form: &mut DetailsForm) -> [(&'static str, &'static str, &mut String); 9] {
    [
        ("name", "Name", &mut form.name),
        ("line1", "Street and number", &mut form.line1),
        ("line2", "Addition", &mut form.line2),
        ("postal_code", "Postal code", &mut form.postal_code),
        ("city", "City", &mut form.city),
        ("region", "State or province", &mut form.region),
        ("country", "Country", &mut form.country),
        ("email", "Billing email", &mut form.email),
        ("recipients", "Further recipients", &mut form.recipients),
    ]
}

/// What stands in the form, for the form to carry. Who alters it deceives nobody but themselves: it grants nothing.
pub fn seen(form: &mut DetailsForm) -> String {
    serde_json::json!(fields(form).map(|(_, _, text)| text.clone())).to_string()
}

/// What was typed and what is saved by now, each against what the one who typed saw. Where that is not known, all that differs
/// is a clash.
pub fn merged(seen: &str, typed: &BillingAccount, saved: &BillingAccount, next: &str) -> Merged {
    let seen: Option<[String; 9]> = serde_json::from_str(seen).ok();
    let (mut form, mut theirs) = (DetailsForm::of(typed, next), DetailsForm::of(saved, next));
    (form.version, form.seen) = (theirs.version, theirs.seen.clone());
    let (mut clashes, mut taken) = (Vec::new(), Vec::new());
    for (place, ((field, label, mine), (_, _, theirs))) in fields(&mut form).into_iter().zip(fields(&mut theirs)).enumerate() {
        let before = seen.as_ref().and_then(|seen| seen.get(place));
        if mine == theirs || before == Some(&*theirs) {
            continue;
        }
        let there = Theirs { field, label, saved: shown(field, theirs) };
        if before == Some(&*mine) {
            mine.clone_from(theirs);
            taken.push(there);
        } else {
            clashes.push(there);
        }
    }
    Merged { form, clashes, taken }
}

/// What stands in a field, for people; what is empty has a word too.
fn shown(field: &str, text: &str) -> String {
    match field {
        _ if text.is_empty() => "nothing".to_owned(),
        "country" => Country::from_code(text).map_or(text, |country| country.name()).to_owned(),
        _ => text.replace('\n', ", "),
    }
}
