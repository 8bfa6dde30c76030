//! The fields of a key, as they are typed and as they are shown.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::super::key::{Expiration, NewKey};
use super::super::refusal::Refusal;
use crate::access::boxes::{GroupView, all_of, boxes};
use crate::access::key::KeyType;
use crate::access::policy::Standing;
use crate::access::{Permit, Right, catalog};
use crate::config::ProductPermissions;
use crate::db::types::KeyName;
use crate::web::forms::{Choice, FormErrors, retyped};

/// Networks of one key at most.
const MOST_NETWORKS: usize = 50;
/// Highest limits of an AI agent.
const MOST_A_MINUTE: i32 = 1_000_000;
const MOST_A_DAY: i32 = 1_000_000_000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyForm {
    pub name: String,
    #[serde(rename = "type")]
    pub key_type: String,
    pub minute_limit: String,
    pub day_limit: String,
    pub expiration: String,
    /// Keys of permissions, one for each box that is ticked.
    pub abilities: Vec<String>,
    pub networks: String,
    /// A group of which every box is to be ticked: **Select all** where no script runs.
    pub select_all: String,
}

impl KeyForm {
    /// What the form begins with.
    pub fn empty() -> KeyForm {
        KeyForm {
            key_type: KeyType::Standard.key().to_owned(),
            minute_limit: "60".to_owned(),
            day_limit: "10000".to_owned(),
            expiration: Expiration::Days90.key().to_owned(),
            ..KeyForm::default()
        }
    }

    /// Ticks what **Select all** asks for.
    pub fn ticked(mut self, reader: Standing, product: &ProductPermissions) -> KeyForm {
        self.abilities.extend(all_of(product, &self.select_all, reader));
        KeyForm { select_all: String::new(), ..self }
    }

    /// What the form asks for.
    pub fn parse(&self, product: &ProductPermissions) -> Result<NewKey, FormErrors> {
        let mut errors = FormErrors::default();
        let name = errors.check("name", KeyName::parse(&self.name));
        let key_type = errors.check("type", KeyType::from_key(&self.key_type).ok_or("Choose one of the types."));
        let limits = match key_type {
            Some(KeyType::AiAgent) => {
                let minute = errors.check("minute_limit", limit(&self.minute_limit, MOST_A_MINUTE));
                let day = errors.check("day_limit", limit(&self.day_limit, MOST_A_DAY));
                minute.zip(day)
            }
            _ => None,
        };
        let expiration = errors.check("expiration", Expiration::from_key(&self.expiration).ok_or("Choose when the key expires."));
        let abilities = errors.check("abilities", abilities(&self.abilities, product));
        let networks = errors.check("networks", networks(&self.networks));
        match (name, key_type, expiration, abilities, networks) {
            (Some(name), Some(key_type), Some(expiration), Some(abilities), Some(networks)) if errors.is_empty() => {
                Ok(NewKey { name, key_type, limits, expiration, abilities, networks })
            }
            _ => Err(errors),
        }
    }
}

fn limit(text: &str, most: i32) -> Result<i32, String> {
    let limit = text.trim().parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| format!("Enter a whole number from 1 to {}.", crate::web::words::grouped(most.into())))
}

/// In the order of the catalog, each once.
fn abilities(keys: &[String], product: &ProductPermissions) -> Result<Vec<String>, &'static str> {
    if keys.iter().any(|key| catalog::find(product, key).is_none()) {
        return Err("One of the abilities is not offered any more. Look through the list, and send it again.");
    }
    let chosen = catalog::all(product).filter(|entry| keys.iter().any(|key| key == entry.key));
    Ok(chosen.map(|entry| entry.key.to_owned()).collect())
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let read = |word: &str| word.parse::<IpNet>().or_else(|_| word.parse::<IpAddr>().map(IpNet::from)).ok();
    let mut found: Vec<IpNet> = Vec::new();
    for word in words {
        let shown: String = retyped(word).chars().take(60).collect();
        let network =
            read(word).ok_or_else(|| format!("“{shown}” is no network. Write one like 203.0.113.0/24 or 2001:db8::/32."))?;
        let network = plain(network.trunc());
        if !found.contains(&network) {
            found.push(network);
        }
    }
    if found.len() > MOST_NETWORKS { Err(format!("Name {MOST_NETWORKS} networks at most.")) } else { Ok(found) }
}

/// Addresses are compared as those of IPv4 where they are mapped ones, and so are networks.
fn plain(network: IpNet) -> IpNet {
    let mapped = |network: &Ipv6Net| Some((network.addr().to_ipv4_mapped()?, network.prefix_len().checked_sub(96)?));
    let of_v4 = |(address, length)| Ipv4Net::new(address, length).ok();
    match network {
        IpNet::V6(v6) => mapped(&v6).and_then(of_v4).map_or(network, IpNet::V4),
        IpNet::V4(_) => network,
    }
}

/// A refusal as the mistake of the form.
pub fn mistakes(refusal: &Refusal) -> FormErrors {
    let field = match refusal {
        Refusal::NameTaken { .. } => "name",
        Refusal::Lacks(_) | Refusal::Closed(_) => "abilities",
        _ => "",
    };
    FormErrors::one(field, refusal.words())
}

/// The form as a page shows it.
pub struct FieldsView {
    pub name: String,
    pub types: Vec<Choice>,
    pub minute_limit: String,
    pub day_limit: String,
    pub expirations: Vec<Choice>,
    pub networks: String,
    pub groups: Vec<GroupView>,
    pub errors: FormErrors,
}

impl FieldsView {
    pub fn new<P: Right>(permit: &Permit<P>, form: &KeyForm, errors: FormErrors) -> FieldsView {
        let product = permit.db().product();
        // What is closed cannot be unticked.
        let is_open = |key: &&String| catalog::find(product, key).is_none_or(|one| one.closed_in(&permit.organization).is_none());
        let ticked: Vec<String> = form.abilities.iter().filter(is_open).cloned().collect();
        FieldsView {
            name: retyped(&form.name),
            types: KeyType::ALL.map(|one| Choice::new(one.key(), one.word(), form.key_type == one.key())).into(),
            minute_limit: retyped(&form.minute_limit),
            day_limit: retyped(&form.day_limit),
            expirations: Expiration::ALL.map(|one| Choice::new(one.key(), one.words(), form.expiration == one.key())).into(),
            networks: retyped(&form.networks),
            groups: boxes(product, &ticked, (permit.standing, &permit.organization)),
            errors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_people_write_them() {
        let texts = |text: &str| networks(text).map(|some| some.iter().map(IpNet::to_string).collect::<Vec<_>>());
        assert_eq!(texts("10.1.2.3/8, 2001:db8::1\n10.0.0.0/8").unwrap(), ["10.0.0.0/8", "2001:db8::1/128"]);
        assert_eq!(texts("::ffff:10.0.0.0/104, ::ffff:10.1.2.3").unwrap(), ["10.0.0.0/8", "10.1.2.3/32"]);
        assert_eq!(texts(" \n").unwrap(), Vec::<String>::new());
        assert!(texts("10.0.0.0/33").unwrap_err().contains("10.0.0.0/33"));
        assert!(texts(&(0..51).map(|n| format!("10.0.{n}.0/24 ")).collect::<String>()).is_err());
    }
}
