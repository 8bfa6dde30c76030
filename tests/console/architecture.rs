//! The rules of the house that a compiler does not check: who may use whom, how long things are, what the tables look like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use crate::harness::Console;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files below a folder with an ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(ROOT).join(folder), ending, &mut found);
    found.sort();
    found
}

/// The path as people say it.
fn named(path: &Path) -> String {
    path.strip_prefix(ROOT).unwrap().display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// A file's code without comments.
fn code(path: &Path) -> String {
    read(path).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

// Who may use whom -----------------------------------------------------------------------------------------------------

/// The modules in reading order.
fn modules() -> Vec<String> {
    let lib = read(&Path::new(ROOT).join("src/lib.rs"));
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

/// The modules that stand behind `crate::`, also in groups: `crate::{db, web::words}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(first_word(rest));
            continue;
        };
        let (mut depth, mut at_start) = (0, true);
        for (position, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if at_start && !c.is_whitespace() => {
                    found.insert(first_word(&group[position..]));
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn paths_in_groups_are_found_too() {
    let code = "use crate::{accounts, web::{words, page},\n organizations::actions::{self}};\nfn f() { crate::secret::hash(x) }";
    assert_eq!(used(code), ["accounts", "organizations", "secret", "web"].map(str::to_owned).into());
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let name = named(&path);
        let module = first_word(name.trim_start_matches("src/"));
        let Some(own) = place(&module) else {
            assert!(["lib", "main", "commands"].contains(&module.as_str()), "{name} is of no module in src/lib.rs");
            continue;
        };
        for used in used(&code(&path)) {
            if place(&used).is_some_and(|place| place > own) {
                wrong.push(format!("{name} uses {used}, which stands below {module} in src/lib.rs"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

// How long things are --------------------------------------------------------------------------------------------------

/// The policy is one page on purpose: it is read as a whole.
const LONGER: [(&str, usize); 1] = [("src/access/policy.rs", 320)];

/// The lines of a file before its tests.
fn lines_before_tests(path: &Path) -> Vec<String> {
    read(path).lines().take_while(|line| *line != "#[cfg(test)]").map(str::to_owned).collect()
}

#[test]
fn a_file_has_at_most_250_lines() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let (name, length) = (named(&path), lines_before_tests(&path).len());
        let most = LONGER.iter().find(|(longer, _)| *longer == name).map_or(250, |(_, most)| *most);
        if length > most && name != "src/db/schema.rs" {
            wrong.push(format!("{name}: {length} lines"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A table of words, one line each.
const LONGER_FUNCTIONS: [&str; 1] = ["src/db/embedded/error.rs: fmt"];

/// Name and length of each function, from the brace that opens it to the one that closes it, which rustfmt puts under its
/// beginning.
fn functions(lines: &[String]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let is_function =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(super) async fn ", "pub(crate) fn "];
        if !is_function.iter().any(|start| words.starts_with(start)) || words.ends_with(['}', ';']) {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let opens = |line: &&String| line.ends_with('{') && line.len() - line.trim_start().len() == indent;
        let Some(begin) = lines[number..].iter().position(|line| opens(&line)) else { continue };
        let length = lines[number + begin..].iter().position(|line| *line == end).map_or(1, |position| position + 1);
        let name = words.split("fn ").nth(1).map(first_word).unwrap_or_default();
        found.push((name, length));
    }
    found
}

#[test]
fn a_function_has_at_most_40_lines_and_a_handler_25() {
    let handlers = handlers();
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let name = named(&path);
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for (function, length) in functions(&lines_before_tests(&path)) {
            let is_handler = handlers.contains(&format!("{stem}::{function}"));
            let most = if is_handler { 25 } else { 40 };
            let known = format!("{name}: {function}");
            if length > most && !LONGER_FUNCTIONS.contains(&known.as_str()) {
                wrong.push(format!("{known} has {length} lines"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `sign_up::submit` and all others that src/routes.rs names.
fn handlers() -> BTreeSet<String> {
    let routes = read(&Path::new(ROOT).join("src/routes.rs"));
    let called = routes.split(".to(").skip(1).map(|rest| rest.split(')').next().unwrap_or_default().to_owned());
    called
        .filter_map(|path| {
            let mut parts = path.rsplit("::");
            let (function, module) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            Some(format!("{module}::{function}"))
        })
        .collect()
}

// Tables ---------------------------------------------------------------------------------------------------------------

#[derive(diesel::QueryableByName, Debug, PartialEq)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(console: &Console, query: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(query).load(&mut console.superuser()).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// Table to columns to type, as src/db/schema.rs says.
fn schema() -> BTreeMap<String, BTreeMap<String, String>> {
    let text = read(&Path::new(ROOT).join("src/db/schema.rs"));
    let tables = text.split("diesel::table! {").skip(1).map(|block| {
        let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
        let table = first_word(lines.next().unwrap());
        let columns = lines.map_while(|line| line.strip_suffix(',')?.split_once(" -> "));
        (table, columns.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect())
    });
    tables.collect()
}

fn diesel_type(column: &Column) -> String {
    let (nullable, kind) = column.kind.strip_suffix(" null").map_or((false, column.kind.as_str()), |kind| (true, kind));
    let kind = match kind {
        "uuid" => "Uuid",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "bytea" => "Bytea",
        "bool" => "Bool",
        "int2" => "SmallInt",
        "int4" => "Integer",
        "int8" => "BigInt",
        "jsonb" => "Jsonb",
        "date" => "Date",
        "_text" => "Array<Text>",
        other => other,
    };
    if nullable { format!("Nullable<{kind}>") } else { kind.to_owned() }
}

#[test]
fn the_tables_in_diesel_are_those_of_the_migrated_database() {
    let console = Console::start();
    let query =
        "SELECT table_name::text, column_name::text, udt_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS kind
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'";
    let columns: Vec<Column> = diesel::sql_query(query).load(&mut console.superuser()).unwrap();
    let mut migrated: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for column in columns {
        migrated.entry(column.table_name.clone()).or_default().insert(column.column_name.clone(), diesel_type(&column));
    }
    assert_eq!(schema(), migrated);
}

#[test]
fn every_table_says_what_it_is() {
    let console = Console::start();
    let silent = lines(
        &console,
        "SELECT relname::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname <> '__diesel_schema_migrations' AND obj_description(oid, 'pg_class') IS NULL",
    );
    assert!(silent.is_empty(), "without a comment: {silent:?}");
}

#[test]
fn every_tenant_table_begins_with_its_organization_and_forces_row_level_security() {
    let console = Console::start();
    let tenant = "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND a.attnotnull
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'";
    let all = lines(&console, &format!("SELECT relname::text AS line {tenant}"));
    assert!(all.len() >= 6, "{all:?}");
    let open =
        lines(&console, &format!("SELECT relname::text AS line {tenant} AND NOT (relrowsecurity AND relforcerowsecurity)"));
    assert!(open.is_empty(), "without forced row-level security: {open:?}");
    let unsorted = lines(
        &console,
        &format!(
            "SELECT relname::text AS line {tenant} AND NOT EXISTS (
            SELECT FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p' AND p.conkey[1] = a.attnum)"
        ),
    );
    assert!(unsorted.is_empty(), "primary key does not begin with organization_id: {unsorted:?}");
    // A foreign key between tenant tables takes the organization along.
    let crossing = lines(
        &console,
        "SELECT k.conname::text AS line FROM pg_constraint k
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'organization_id' AND a.attnotnull
         JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attname = 'organization_id' AND b.attnotnull
         WHERE k.contype = 'f' AND NOT a.attnum = ANY (k.conkey)",
    );
    assert!(crossing.is_empty(), "crosses organizations: {crossing:?}");
}

#[test]
fn every_constraint_and_index_is_named_by_us() {
    let console = Console::start();
    let query = "SELECT format('%s %s %s', c.relname, k.contype, k.conname) AS line FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c') AND c.relname <> '__diesel_schema_migrations'";
    let mut wrong = Vec::new();
    for line in lines(&console, query) {
        let [table, kind, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let rest = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default();
        let well_named = match kind {
            "p" => rest == "pkey",
            "u" => rest.ends_with("_unique"),
            "f" => rest.ends_with("_fkey") && !rest.ends_with("_id_fkey"),
            _ => !rest.is_empty() && !rest.trim_end_matches(char::is_numeric).ends_with("check"),
        };
        if !well_named {
            wrong.push(line);
        }
    }
    let strange = lines(
        &console,
        "SELECT indexname::text AS line FROM pg_indexes WHERE schemaname = 'public' AND NOT starts_with(indexname, tablename)
            AND tablename <> '__diesel_schema_migrations'",
    );
    assert!(wrong.is_empty() && strange.is_empty(), "constraints {wrong:#?}, indexes {strange:#?}");
}

// Pages ----------------------------------------------------------------------------------------------------------------

#[test]
fn no_page_holds_scripts_or_styles_of_its_own() {
    let mut wrong = Vec::new();
    for path in files("templates", ".html") {
        let name = named(&path);
        // Mails have no style sheet to link to.
        if name.starts_with("templates/mail/") || name.ends_with("/mail.html") && !name.contains("mailbox") {
            continue;
        }
        let text = read(&path).to_lowercase();
        let attribute = |start: &str| {
            text.match_indices(start).any(|(position, _)| {
                let rest = &text[position + start.len()..];
                let word = first_word(rest);
                rest[word.len()..].starts_with('=')
            })
        };
        let inline = text.contains("<style") || text.contains("<script>") || text.contains("javascript:");
        if inline || text.contains(" style=") || attribute(" on") {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_test_is_passed_over() {
    let mark = ["#[ign", "ore"].concat();
    for path in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        assert!(!read(&path).contains(&mark), "{}", named(&path));
    }
}
