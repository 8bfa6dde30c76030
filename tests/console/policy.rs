//! The policy as a table that people can read: a change of policy shows as a changed table.

use std::fmt::Write;

use roster::access::policy::{Permission, Standing, Starter, may_assign, may_change_role, may_invite_as, may_manage};

/// Compares with a file in the repository; `UPDATE_TABLES=1` writes it anew.
fn compare(name: &str, table: &str) {
    let path = format!("{}/tests/console/tables/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == table, "the policy differs from {path}; if that is meant, run again with UPDATE_TABLES=1\n{table}");
}

/// One line an actor, one column a role: the letters of `marks` where the rule says yes.
fn matrix(title: &str, rule: impl Fn(Standing, Starter) -> bool) -> String {
    let mut table = format!("{title}\n{:<10}", "");
    for role in Starter::ALL {
        write!(table, " {:<9}", role.name()).unwrap();
    }
    for actor in Starter::ALL {
        write!(table, "\n{:<10}", actor.name()).unwrap();
        for role in Starter::ALL {
            write!(table, " {:<9}", if rule(actor.standing(), role) { "yes" } else { "-" }).unwrap();
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>() + "\n"
}

#[test]
fn the_starter_roles_permit_what_the_table_says() {
    let mut table = format!("{:<26}", "Permission");
    for starter in Starter::ALL {
        write!(table, " {:<9}", format!("{} {}", starter.name().chars().take(5).collect::<String>(), starter.level())).unwrap();
    }
    table.push('\n');
    for permission in Permission::ALL {
        write!(table, "{:<26}", permission.key()).unwrap();
        for starter in Starter::ALL {
            let held = starter.permissions().contains(permission);
            write!(table, " {:<9}", if held { "yes" } else { "-" }).unwrap();
        }
        table.push('\n');
    }
    let table: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    compare("permissions.txt", &table);
}

#[test]
fn the_ladder_is_what_the_table_says() {
    let table = matrix("Who (down) may give which role (across)", |actor, role| may_assign(actor, role.standing()))
        + &matrix("Who may move a Member to which role", |actor, role| {
            may_change_role(actor, Starter::Member.standing(), role.standing())
        })
        + &matrix("Who may invite as which role, with Member as the default", |actor, role| {
            may_invite_as(actor, role.standing(), role == Starter::Member)
        })
        + &matrix("Who may deactivate and remove holders of which role", |actor, role| may_manage(actor, role.standing()));
    compare("ladder.txt", &table);
}

#[test]
fn nobody_gives_a_permission_or_a_level_that_they_do_not_have() {
    for actor in Starter::ALL.map(Starter::standing) {
        for role in Starter::ALL.map(Starter::standing) {
            if may_assign(actor, role) || may_invite_as(actor, role, true) || may_invite_as(actor, role, false) {
                assert!(actor.permissions.covers(role.permissions) && role.level <= actor.level);
            }
        }
    }
}
