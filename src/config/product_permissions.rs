//! `PERMISSIONS_FILE`: what the product behind the console lets people do, in the words of its operator. The roles of every
//! organization grant these beside the console's own.

use std::collections::HashSet;

use serde::Deserialize;
use toml::Spanned;

use super::reading::{Read, Settings};
use super::toml_file::{self, Mistake, words};
use super::wrong;

/// Most permissions of a product: a set of them is a few words of bits.
pub const MOST: usize = 256;
/// Longest key, group and sentence, in characters.
const LONGEST_KEY: usize = 64;
const LONGEST_GROUP: usize = 40;
const LONGEST_SENTENCE: usize = 200;
/// First words of the console's own keys, those of later versions included.
const RESERVED: [&str; 15] = [
    "access",
    "activity",
    "api",
    "apps",
    "billing",
    "groups",
    "invitations",
    "invites",
    "keys",
    "members",
    "organization",
    "roles",
    "settings",
    "usage",
    "workspaces",
];
/// The starter roles by their keys (`access::policy::Starter`), highest first.
pub const STARTERS: [&str; 9] = ["owner", "admin", "co_admin", "manager", "operator", "writer", "member", "billing", "viewer"];

/// The permissions of the product, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductPermissions {
    pub groups: Vec<ProductGroup>,
}

/// Permissions under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductGroup {
    pub name: String,
    pub permissions: Vec<ProductPermission>,
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductPermission {
    /// `datasets.write`
    pub key: String,
    /// What it allows, in one sentence.
    pub sentence: String,
    /// Keys of the starter roles that get it.
    pub starters: Vec<String>,
    /// The modules of the product that open it; none where it is always open.
    pub opened_by: Vec<Opener>,
}

/// A module that opens a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opener {
    /// Key of the module.
    pub module: String,
    pub name: String,
    /// Keys of the plans that include it; the empty one, of who never subscribed, among them where the first plan does.
    pub plans: Vec<String>,
}

impl Opener {
    /// Whether an organization on a plan, which subscribes to some modules, has it.
    pub fn is_in(&self, plan: &str, modules: &[String]) -> bool {
        modules.contains(&self.module) || self.plans.iter().any(|including| including == plan)
    }
}

impl ProductPermissions {
    /// All of them, in the order of the file: the place in it is that of the bit in a set.
    pub fn all(&self) -> impl Iterator<Item = &ProductPermission> {
        self.groups.iter().flat_map(|group| &group.permissions)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The line and what was expected there.
    pub fn parse(text: &str) -> Result<ProductPermissions, String> {
        toml_file::parse(text, |read: FileText| {
            let mut check = Check::default();
            let groups: Result<Vec<ProductGroup>, Mistake> = read.groups.into_iter().map(|group| check.group(group)).collect();
            Ok(ProductPermissions { groups: groups? })
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(default)]
    groups: Vec<GroupText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupText {
    name: Spanned<String>,
    permissions: Vec<PermissionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionText {
    key: Spanned<String>,
    sentence: Spanned<String>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
}

/// What a file has named so far.
#[derive(Default)]
struct Check {
    groups: HashSet<String>,
    keys: HashSet<String>,
}

impl Check {
    fn group(&mut self, group: GroupText) -> Result<ProductGroup, Mistake> {
        let name = words(group.name.clone(), LONGEST_GROUP, "the name of the group")?;
        let folded = name.to_lowercase();
        if RESERVED.contains(&folded.as_str()) || !self.groups.insert(folded) {
            return Err((group.name.span(), format!("expected another name: there is a group {name:?} already")));
        }
        let permissions = group.permissions.into_iter().map(|permission| self.permission(permission));
        Ok(ProductGroup { name, permissions: permissions.collect::<Result<_, _>>()? })
    }

    fn permission(&mut self, permission: PermissionText) -> Result<ProductPermission, Mistake> {
        let (span, key) = (permission.key.span(), permission.key.into_inner());
        if !is_key(&key) {
            let form = "expected a key of two or more words in lower case with dots between, such as datasets.write";
            return Err((span, format!("{form}, found {key:?}")));
        }
        let first = key.split('.').next().unwrap_or_default();
        if RESERVED.contains(&first) {
            return Err((span, format!("expected another first word: keys that begin with \"{first}.\" are the console's own")));
        }
        if !self.keys.insert(key.clone()) {
            return Err((span, format!("expected each key once, found {key:?} again")));
        }
        if self.keys.len() > MOST {
            return Err((span, format!("expected {MOST} permissions at most")));
        }
        let sentence = words(permission.sentence, LONGEST_SENTENCE, "the sentence")?;
        let starters = permission.roles.into_iter().map(starter).collect::<Result<_, _>>()?;
        Ok(ProductPermission { key, sentence, starters, opened_by: Vec::new() })
    }
}

fn is_key(key: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    key.len() <= LONGEST_KEY && key.contains('.') && key.split('.').all(is_word)
}

fn starter(role: Spanned<String>) -> Result<String, Mistake> {
    if STARTERS.contains(&role.get_ref().as_str()) {
        return Ok(role.into_inner());
    }
    Err((role.span(), format!("expected a starter role ({}), found {:?}", STARTERS.join(", "), role.get_ref())))
}

pub(super) fn product_permissions(lookup: Settings<'_>) -> Read<ProductPermissions> {
    const NAME: &str = "PERMISSIONS_FILE";
    let read = toml_file::read(lookup, NAME)?;
    let Some((path, text)) = read else { return Ok(ProductPermissions::default()) };
    ProductPermissions::parse(&text)
        .map_err(|reason| wrong(NAME, format!("permissions as the README shows them; {path}, {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: &str = r#"
[[groups]]
name = "Datasets"

[[groups.permissions]]
key = "datasets.read"
sentence = "Read datasets."
roles = ["viewer", "writer"]

[[groups.permissions]]
key = "datasets.v2.write"
sentence = "Change datasets."
"#;

    #[test]
    fn a_file_names_groups_keys_sentences_and_starter_roles() {
        let read = ProductPermissions::parse(FINE).unwrap();
        let told: Vec<(&str, &str, String)> = read
            .all()
            .map(|permission| (permission.key.as_str(), permission.sentence.as_str(), permission.starters.join(" ")))
            .collect();
        let expected = [
            ("datasets.read", "Read datasets.", "viewer writer".to_owned()),
            ("datasets.v2.write", "Change datasets.", String::new()),
        ];
        assert_eq!((read.groups[0].name.as_str(), told.as_slice()), ("Datasets", expected.as_slice()));
        assert_eq!(ProductPermissions::parse("# nothing yet\n"), Ok(ProductPermissions::default()));
    }

    /// The first line of FINE with `from` in it says `to` instead; the mistake names that line and a word of the reason.
    #[test]
    fn a_mistake_is_told_with_its_line_and_the_reason() {
        let cases = [
            ("\"datasets.read\"", "\"read\"", 6, "datasets.write"),
            ("\"datasets.read\"", "\"Datasets.read\"", 6, "lower case"),
            ("\"datasets.read\"", "\"members.view\"", 6, "console's own"),
            ("\"datasets.v2.write\"", "\"datasets.read\"", 11, "again"),
            ("\"datasets.read\"", "7", 6, "expected a string"),
            ("\"Read datasets.\"", "\"\"", 7, "1 to 200 characters"),
            ("\"viewer\", \"writer\"", "\"viewer\", \"editor\"", 8, "co_admin"),
            ("name = \"Datasets\"", "name = \"Members\"", 3, "already"),
            ("name = \"Datasets\"", "title = \"Datasets\"", 3, "title"),
            ("[[groups]]", "[[groups", 2, "]"),
            ("sentence = \"Change datasets.\"", "", 10, "sentence"),
        ];
        for (from, to, line, word) in cases {
            let mistake = ProductPermissions::parse(&FINE.replacen(from, to, 1)).unwrap_err();
            assert!(mistake.starts_with(&format!("line {line}: ")) && mistake.contains(word), "{from} -> {to}: {mistake}");
        }
        let twice = format!("{FINE}{}", FINE.replace("datasets", "sets"));
        assert!(ProductPermissions::parse(&twice).unwrap_err().starts_with("line 15: "));
    }

    #[test]
    fn there_are_256_at_most() {
        let many = |count: usize| {
            let one = |number: usize| format!("[[groups.permissions]]\nkey = \"things.do_{number}\"\nsentence = \"Do it.\"\n");
            format!("[[groups]]\nname = \"Things\"\n{}", (0..count).map(one).collect::<String>())
        };
        assert_eq!(ProductPermissions::parse(&many(256)).unwrap().all().count(), 256);
        assert!(ProductPermissions::parse(&many(257)).unwrap_err().contains("256"));
    }
}
