//! The user of the machine that the server runs as: our own, or, since Postgres refuses root, `postgres`.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::EmbeddedError;
use super::unix;

/// The variables the server's programs may see; the console's own hold secrets.
const PASSED_ON: [&str; 5] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TZ"];

/// The locale of messages, sorting and character classes.
pub(super) const LOCALE: &str = if cfg!(target_os = "macos") { "C" } else { "C.UTF-8" };

/// Whom the server runs as.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    user: u32,
    /// The group to change to with the user; nothing where the server runs as ourselves.
    group: Option<u32>,
}

impl Account {
    /// Ourselves, or as root the user `postgres`.
    pub(super) fn for_new_files() -> Result<Account, EmbeddedError> {
        let user = unix::effective_user();
        if user != 0 {
            return Ok(Account { user, group: None });
        }
        match (number_of("-u"), number_of("-g")) {
            (Some(user), Some(group)) if user != 0 => Ok(Account { user, group: Some(group) }),
            _ => Err(EmbeddedError::NoAccount),
        }
    }

    /// Whoever owns files that exist already.
    pub(super) fn of_files(path: &Path) -> Result<Account, EmbeddedError> {
        let owner = fs::metadata(path).map_err(EmbeddedError::files(path))?;
        match (unix::effective_user(), owner.uid()) {
            (0, 0) => Account::for_new_files(),
            (0, user) => Ok(Account { user, group: Some(owner.gid()) }),
            (own, user) if own == user => Ok(Account { user, group: None }),
            _ => Err(EmbeddedError::ForeignOwner { path: path.to_path_buf() }),
        }
    }

    /// A command run as this user, with no input and an environment free of the console's secrets.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", LOCALE).stdin(Stdio::null());
        command.envs(PASSED_ON.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        if let Some(group) = self.group {
            // As root, std also drops root's supplementary groups when the user changes.
            command.gid(group).uid(self.user);
        }
        command
    }

    /// Whether this user can enter a directory: tried, since access lists and mounts decide too.
    pub(super) fn can_enter(self, directory: &Path) -> bool {
        let mut command = self.command("true");
        command.current_dir(directory).status().is_ok_and(|status| status.success())
    }

    /// Makes an open file or directory this user's.
    pub(super) fn own(self, file: &File) -> io::Result<()> {
        match self.group {
            Some(group) => fchown(file, Some(self.user), Some(group)),
            None => Ok(()),
        }
    }

    /// Makes a directory this user's alone. It follows no link: the server's user could have put one there to be
    /// given what it points to.
    pub(super) fn own_directory(self, path: &Path) -> io::Result<()> {
        let flags = libc::O_NOFOLLOW | libc::O_DIRECTORY;
        let directory = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        directory.set_permissions(fs::Permissions::from_mode(0o700))?;
        self.own(&directory)
    }

    /// Whether something belongs to this user, or to root about to give it to this user.
    pub(super) fn may_take(self, owner: u32) -> bool {
        owner == self.user || owner == unix::effective_user()
    }
}

fn number_of(which: &str) -> Option<u32> {
    let output = Command::new("id").args([which, "postgres"]).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
