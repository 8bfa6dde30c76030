//! The fields of a role, as they are typed and as they are shown.

use serde::Deserialize;

use super::super::actions::highest_level;
use super::super::definition::Definition;
use super::super::refusal::Refusal;
use crate::access::boxes::{GroupView, all_of, boxes};
use crate::access::catalog;
use crate::access::policy::{PermissionSet, Standing};
use crate::access::{Organization, Permit, Right, Role};
use crate::config::ProductPermissions;
use crate::db::types::{RoleName, free_text};
use crate::web::forms::{FormErrors, retyped};

/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    pub name: String,
    pub description: String,
    pub level: String,
    /// Keys, one for each box that is ticked.
    pub permissions: Vec<String>,
    /// Of the role that the page showed; empty for a new one.
    pub version: String,
    /// Filled on the page that tells what an edit changes: the version of the holders that it named.
    pub confirmed: String,
    /// Filled by the button there that leads back to the form.
    pub edit_further: String,
    /// The id of a role that is to be created: sent twice, it is created once.
    pub id: String,
    /// A group of which every box is to be ticked: **Select all** where no script runs.
    pub select_all: String,
}

impl RoleForm {
    /// A form that says what a role is.
    pub fn of(role: &Role, product: &ProductPermissions) -> RoleForm {
        let held = catalog::all(product).filter(|entry| role.permissions.contains(entry.permission));
        RoleForm {
            name: role.name.clone(),
            description: role.description.clone(),
            level: role.level.to_string(),
            permissions: held.map(|entry| entry.key.to_owned()).collect(),
            version: role.version.to_string(),
            ..RoleForm::default()
        }
    }

    /// The form without what is closed, which nobody can tick or untick, whoever sends it all the same.
    pub fn without_closed(&self, product: &ProductPermissions, organization: &Organization) -> RoleForm {
        let is_open = |key: &&String| catalog::find(product, key).is_none_or(|entry| entry.closed_in(organization).is_none());
        RoleForm { permissions: self.permissions.iter().filter(is_open).cloned().collect(), ..self.clone() }
    }

    /// The form with the boxes ticked that a role holds and nobody can tick, since they are closed.
    pub fn with_closed(&self, role: &Role, product: &ProductPermissions) -> RoleForm {
        let closed = catalog::of_product(product).filter(|entry| role.permissions.contains(entry.permission.closed()));
        let closed = closed.filter(|entry| !role.permissions.contains(entry.permission)).map(|entry| entry.key.to_owned());
        RoleForm { permissions: self.permissions.iter().cloned().chain(closed).collect(), ..self.clone() }
    }

    /// The version of the holders that the reader confirmed; none before that.
    pub fn confirmed_holders(&self) -> Option<i32> {
        (!self.confirmed.is_empty()).then(|| self.confirmed.parse().unwrap_or(-1))
    }

    /// The version that the page showed; one that is none fits no role.
    pub fn shown_version(&self) -> i32 {
        self.version.parse().unwrap_or(0)
    }

    /// Ticks what **Select all** asks for: of a group all that the reader may give.
    pub fn ticked(mut self, reader: Standing, product: &ProductPermissions) -> RoleForm {
        self.permissions.extend(all_of(product, &self.select_all, reader));
        RoleForm { select_all: String::new(), ..self }
    }

    /// What the form asks for.
    pub fn parse(&self, product: &ProductPermissions) -> Result<Definition, FormErrors> {
        let mut errors = FormErrors::default();
        let name = errors.check("name", RoleName::parse(&self.name));
        let description = errors.check("description", description(&self.description));
        let level = errors.check("level", level(&self.level));
        let permissions = errors.check("permissions", permissions(&self.permissions, product));
        match (name, description, level, permissions) {
            (Some(name), Some(description), Some(level), Some(permissions)) => {
                Ok(Definition { name, description, level, permissions })
            }
            _ => Err(errors),
        }
    }
}

fn description(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err("That description is too long: 200 characters at most.");
    }
    if text.contains(['\n', '\r', '\t']) {
        return Err("A description is one line. Type it again without line breaks.");
    }
    free_text(text, LONGEST_DESCRIPTION)
}

fn level(text: &str) -> Result<i16, &'static str> {
    let level = text.trim().parse().ok().filter(|level| (1..=99).contains(level));
    level.ok_or("Enter a level, a whole number from 1 to 99.")
}

fn permissions(keys: &[String], product: &ProductPermissions) -> Result<PermissionSet, &'static str> {
    let found = keys.iter().map(|key| catalog::find(product, key).map(|entry| entry.permission));
    found
        .collect::<Option<PermissionSet>>()
        .ok_or("One of the permissions is not offered any more. Look through the list, and save again.")
}

/// A refusal as the mistake of a form: beside its field, or on top where it concerns the whole role.
pub fn mistakes(refusal: &Refusal) -> FormErrors {
    let field = match refusal {
        Refusal::NameTaken { .. } => "name",
        Refusal::LevelOutOfReach { .. } => "level",
        Refusal::Lacks(_) | Refusal::Closed(_) => "permissions",
        _ => "",
    };
    FormErrors::one(field, refusal.words())
}

/// The form as a page shows it.
pub struct FieldsView {
    pub name: String,
    pub description: String,
    pub level: String,
    pub level_help: String,
    pub most: String,
    pub version: String,
    /// Of a role that is to be created; empty on the form of one that there is.
    pub id: String,
    pub groups: Vec<GroupView>,
    /// Where the form is sent.
    pub action: String,
    pub errors: FormErrors,
}

impl FieldsView {
    pub fn new<P: Right>(permit: &Permit<P>, action: String, form: &RoleForm, errors: FormErrors) -> FieldsView {
        let (reader, product) = (permit.standing, permit.db().product());
        let most = highest_level(reader);
        FieldsView {
            name: retyped(&form.name),
            description: retyped(&form.description),
            level: retyped(&form.level),
            level_help: format!(
                "From 1 to {most}. Holders reach, and are reached, by level: a role gives, manages and edits only what is below it."
            ),
            most: most.to_string(),
            version: retyped(&form.version),
            id: retyped(&form.id),
            groups: boxes(product, &form.permissions, (reader, &permit.organization)),
            action,
            errors,
        }
    }
}
