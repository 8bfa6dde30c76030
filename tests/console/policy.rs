//! The policy as a table that people can read: a change of policy shows as a changed table.

use std::fmt::Write;

use roster::access::policy::{
    OWNER_LEVEL, Permission, PermissionSet, Standing, Starter, may_assign, may_change_role, may_edit_role, may_end_key,
    may_hand_key_to, may_invite_as, may_manage, may_resume_key, may_rotate_key,
};

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
    let table = [
        matrix("Who (down) may give which role (across)", |actor, role| may_assign(actor, role.standing())),
        matrix("Who may move a Member to which role", |actor, role| {
            may_change_role(actor, Starter::Member.standing(), role.standing())
        }),
        matrix("Who may invite as which role, with Member as the default", |actor, role| {
            may_invite_as(actor, role.standing(), role == Starter::Member)
        }),
        matrix("Who may deactivate and remove holders of which role", |actor, role| may_manage(actor, role.standing())),
        matrix("Who may edit and delete which role", |actor, role| may_edit_role(actor, role.standing())),
    ]
    .concat();
    compare("ladder.txt", &table);
}

#[test]
fn keys_are_looked_after_by_whom_the_table_says() {
    let own = |title: &str, rule: &dyn Fn(Standing) -> bool| {
        let may: Vec<&str> = Starter::ALL.into_iter().filter(|actor| rule(actor.standing())).map(Starter::name).collect();
        format!("{title}: {}\n\n", may.join(", "))
    };
    let table = [
        own("Who pauses and revokes their own key", &|actor| may_end_key(actor, true)),
        own("Who resumes their own key", &|actor| may_resume_key(actor, actor, true)),
        own("Who rotates their own key", &|actor| may_rotate_key(actor, actor, true)),
        own("Who pauses and revokes the key of anybody", &|actor| may_end_key(actor, false)),
        matrix("Who (down) resumes the key of somebody else that may all that their role (across) allows", |actor, role| {
            may_resume_key(actor, role.standing(), false)
        }),
        matrix("Who rotates it", |actor, role| may_rotate_key(actor, role.standing(), false)),
        matrix("Who hands a key to somebody with which role", |actor, role| may_hand_key_to(actor, role.standing(), false)),
    ]
    .concat();
    compare("keys.txt", &table);
}

/// Up to which level an actor may do something with a role that holds one permission: `99`, `-` for never. All lower levels
/// are within reach then, or the table would lie.
fn highest_level(actor: Starter, permission: Permission, rule: fn(Standing, Standing) -> bool) -> String {
    let role = |level| Standing { level, permissions: PermissionSet::of(&[permission]) };
    let reached: Vec<i16> = (1..=OWNER_LEVEL).filter(|level| rule(actor.standing(), role(*level))).collect();
    assert!(reached.iter().copied().eq(1..=reached.last().copied().unwrap_or(0)), "{actor:?} {permission:?}: {reached:?}");
    reached.last().map_or("-".to_owned(), i16::to_string)
}

/// One line a permission, one column a starter role: the highest level of a role with that permission that it reaches.
fn levels(title: &str, rule: fn(Standing, Standing) -> bool) -> String {
    let mut table = format!("{title}\n{:<26}", "");
    for actor in Starter::ALL {
        write!(table, " {:<9}", actor.name()).unwrap();
    }
    for permission in Permission::ALL {
        write!(table, "\n{:<26}", permission.key()).unwrap();
        for actor in Starter::ALL {
            write!(table, " {:<9}", highest_level(actor, permission, rule)).unwrap();
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>() + "\n"
}

#[test]
fn a_permission_goes_up_to_the_level_that_the_table_says() {
    let table = [
        levels("Up to which level who (across) gives a role that has a permission (down)", may_assign),
        levels("Up to which level who creates and edits a role that has a permission", may_edit_role),
        levels("Up to which level who invites as a role that has a permission", |actor, role| may_invite_as(actor, role, false)),
        levels("The same, where that role is the default", |actor, role| may_invite_as(actor, role, true)),
    ]
    .concat();
    compare("levels.txt", &table);
}

#[test]
fn reaching_the_own_level_is_no_right_to_give_roles_by_itself() {
    let holding = |permissions: &[Permission]| Standing { level: 60, permissions: PermissionSet::of(permissions) };
    let role = |level| Standing { level, permissions: PermissionSet::default() };
    let (assign, peer) = (Permission::MembersAssignRole, Permission::MembersAssignPeerRole);
    let given = |permissions: &[Permission]| [59, 60, 61].map(|level| may_assign(holding(permissions), role(level)));
    assert_eq!(given(&[]), [false, false, false]);
    assert_eq!(given(&[peer]), [false, false, false]);
    assert_eq!(given(&[assign]), [true, false, false]);
    assert_eq!(given(&[assign, peer]), [true, true, false]);
}

#[test]
fn nobody_gives_a_permission_or_a_level_that_they_do_not_have() {
    // Every starter role as actor and target, and every set that is one permission more or less than theirs, at every level.
    let with = |set: PermissionSet, one: Permission| set.of_console().chain([one]).collect();
    let without = |set: PermissionSet, one: Permission| set.of_console().filter(|held| *held != one).collect();
    let sets = |starter: Starter| {
        let set = starter.permissions();
        Permission::ALL.into_iter().flat_map(move |one| [with(set, one), without(set, one)]).collect::<Vec<PermissionSet>>()
    };
    let sets: Vec<PermissionSet> = Starter::ALL.into_iter().flat_map(sets).collect();
    let levels = [1, 10, 20, 50, 69, 70, 89, 90, 99, OWNER_LEVEL];
    let standings = || {
        sets.iter()
            .flat_map(|set| levels.map(|level| Standing { level, permissions: *set }))
            .chain(Starter::ALL.map(Starter::standing))
    };
    for actor in standings() {
        for role in standings() {
            let gives = may_assign(actor, role) || may_invite_as(actor, role, true) || may_invite_as(actor, role, false);
            if gives || may_edit_role(actor, role) {
                assert!(actor.permissions.covers(role.permissions) && role.level <= actor.level);
            }
        }
    }
}
