//! The fields of `/sign-up`, and what they say.

use serde::Deserialize;
use uuid::Uuid;

use super::password::NewPassword;
use crate::db::types::{EmailAddress, OrganizationName, PersonName};
use crate::secret::SecretKeys;
use crate::web::forms::FormErrors;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUpForm {
    pub name: String,
    pub email: String,
    pub password: String,
    pub organization_name: String,
    /// The invitation that the page showed; empty without one.
    pub invitation: String,
    pub generation: String,
    /// As `fresh_form` made it.
    pub form: String,
}

/// Who signs up.
pub struct Person {
    pub name: PersonName,
    pub email: EmailAddress,
    pub password: NewPassword,
}

impl SignUpForm {
    /// The id of the account that it asks for: the same however often it is sent.
    pub fn account_id(&self, keys: &SecretKeys) -> Uuid {
        match self.form.as_str() {
            "" => Uuid::now_v7(),
            this => keys.id_for(format!("sign-up\0{this}\0{}", self.email).as_bytes()),
        }
    }

    /// A person with an organization of their own.
    pub fn founder(&self) -> Result<(Person, OrganizationName), FormErrors> {
        let mut errors = FormErrors::default();
        let person = self.person(&mut errors);
        let named = self.organization_name.trim();
        let organization = if named.is_empty() {
            person.as_ref().map(|person| OrganizationName::personal(&person.name))
        } else {
            errors.check("organization_name", OrganizationName::parse(named))
        };
        person.zip(organization).ok_or(errors)
    }

    /// A person, where every field about them is good.
    pub fn person(&self, errors: &mut FormErrors) -> Option<Person> {
        let name = errors.check("name", PersonName::parse(&self.name));
        let email = errors.check("email", EmailAddress::parse(&self.email));
        let about = [self.name.as_str(), self.email.as_str(), self.organization_name.as_str()];
        let password = errors.check("password", NewPassword::parse(&self.password, &about));
        Some(Person { name: name?, email: email?, password: password? })
    }
}
