//! Who plays in the demo. Everybody is invented; the domains are those that are reserved for examples.

use crate::access::policy::Starter;
use crate::access::policy::Starter::{Admin, CoAdmin, Manager, Member, Operator, Owner, Viewer, Writer};
use crate::db::types::fold;

/// An organization of the demo.
pub(super) struct Organization {
    pub name: &'static str,
    pub domain: &'static str,
    pub member_limit: i32,
    /// Its people in the order in which they came, the founder first.
    pub people: &'static [(&'static str, Starter)],
}

pub(super) const ORGANIZATIONS: [Organization; 3] = [
    Organization { name: "Meridian Robotics", domain: "example.com", member_limit: 50, people: &MERIDIAN },
    Organization { name: "Harbor & Pine", domain: "example.org", member_limit: 25, people: &HARBOR },
    Organization { name: "Saffron Kitchens", domain: "example.net", member_limit: 10, people: &SAFFRON },
];

const MERIDIAN: [(&str, Starter); 34] = [
    ("Ingrid Halvorsen", Owner),
    ("Tomás Echeverría", Admin),
    ("Adaeze Okonkwo", Admin),
    ("Hiroshi Tanaka", CoAdmin),
    ("Fatima Al-Rashid", Manager),
    ("Marcus Webb", Manager),
    ("Priya Raghunathan", Operator),
    ("Lucía Ferrer", Writer),
    ("Noah Lindqvist", Writer),
    ("Mei-Ling Chou", Writer),
    ("Kwame Boateng", Member),
    ("Elif Yıldız", Member),
    ("Oluwaseun Adeyemi", Member),
    ("Sofia Rossi", Member),
    ("Dmitri Volkov", Member),
    ("Hannah Goldberg", Member),
    ("Rafael Moreira", Member),
    ("Yuna Park", Member),
    ("Callum Fraser", Member),
    ("Zainab Malik", Member),
    ("Björn Ekström", Member),
    ("Chiara Lombardi", Member),
    ("Thabo Nkosi", Member),
    ("Anaïs Beaumont", Member),
    ("Vikram Deshpande", Member),
    ("Leilani Kahale", Member),
    ("Piotr Nowak", Member),
    ("Amara Diallo", Member),
    ("Jonas Petersen", Viewer),
    ("Nguyen Thi Mai", Viewer),
    ("Camila Duarte", Viewer),
    ("Ahmed Mansour", Viewer),
    ("Grace O'Sullivan", Viewer),
    ("Siddharth Rao", Member),
];

const HARBOR: [(&str, Starter); 17] = [
    ("Josephine Adler", Owner),
    ("Emeka Nwosu", Admin),
    ("Ana Kovačević", CoAdmin),
    ("Theo van der Berg", Manager),
    ("Kateryna Shevchenko", Manager),
    ("Samuel Osei", Operator),
    ("Isabel Quintana", Writer),
    ("Ravi Chandrasekhar", Writer),
    ("Maeve Brennan", Member),
    ("Omar Haddad", Member),
    ("Linnea Sandberg", Member),
    ("Diego Salazar", Member),
    ("Aiko Yamamoto", Member),
    ("Benjamin Achebe", Member),
    ("Freya Nilsen", Member),
    ("Matteo Greco", Viewer),
    ("Salma Benali", Viewer),
];

const SAFFRON: [(&str, Starter); 9] = [
    ("Nadia Rahimi", Owner),
    ("Luis Cabrera", Admin),
    ("Chinwe Eze", Manager),
    ("Pavel Horák", Operator),
    ("Wanjiru Kamau", Member),
    ("Erik Johansson", Member),
    ("Tala Reyes", Member),
    ("Sunil Perera", Member),
    ("Margot Delacroix", Viewer),
];

/// People of one organization who are in another one too: name, organization, role.
pub(super) const GUESTS: [(&str, usize, Starter); 4] =
    [("Tomás Echeverría", 1, Manager), ("Adaeze Okonkwo", 2, Admin), ("Emeka Nwosu", 0, Member), ("Nadia Rahimi", 1, Viewer)];

/// The password of everybody.
pub const PASSWORD: &str = "lantern quartz meadow";

/// The address of somebody with that name.
pub(super) fn email(name: &str, domain: &str) -> String {
    let folded = fold(name).replace('ı', "i").replace('\'', "");
    let words: Vec<&str> = folded.split_whitespace().collect();
    format!("{}@{domain}", words.join("."))
}

/// The address of a person of the cast.
pub(super) fn address_of(name: &str) -> String {
    let home = ORGANIZATIONS.iter().find(|organization| organization.people.iter().any(|(person, _)| *person == name));
    email(name, home.map_or("example.com", |organization| organization.domain))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::db::types::{EmailAddress, PersonName};

    #[test]
    fn sixty_people_have_names_and_addresses_of_their_own() {
        let people: Vec<&str> =
            ORGANIZATIONS.iter().flat_map(|organization| organization.people).map(|(name, _)| *name).collect();
        let addresses: BTreeSet<String> = people.iter().map(|name| address_of(name)).collect();
        assert_eq!((people.len(), addresses.len()), (60, 60));
        assert!(people.iter().all(|name| PersonName::parse(name).is_ok()));
        for address in addresses {
            assert_eq!(EmailAddress::parse(&address).map(|parsed| parsed.as_str().to_owned()), Ok(address));
        }
    }
}
