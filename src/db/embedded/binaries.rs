//! Finds the server programs: `PG_BIN`, `pg_config`, Debian's folders, `PATH`, Homebrew, Postgres.app.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::EmbeddedError;

/// The oldest major version the console works with.
const OLDEST: u32 = 14;

/// Debian's folder of folders named by version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Homebrew's and Postgres.app's.
const OTHERS: [&str; 3] = ["/opt/homebrew/opt", "/usr/local/opt", "/Applications/Postgres.app/Contents/Versions"];

/// The programs of one installation.
#[derive(Debug)]
pub(super) struct Programs {
    directory: PathBuf,
    major: u32,
}

impl Programs {
    /// The first installation that fits: of the major version that made the cluster, or of any new enough one.
    pub(super) fn find(pg_bin: Option<&Path>, made_by: Option<u32>, cluster: &Path) -> Result<Programs, EmbeddedError> {
        let fits = |programs: &Programs| made_by.map_or(programs.major >= OLDEST, |major| major == programs.major);
        let mut found = Vec::new();
        if let Some(directory) = pg_bin {
            found.push(Programs::named(directory)?);
        } else {
            for directory in candidates() {
                let Ok(programs) = Programs::at(&directory) else { continue };
                if fits(&programs) {
                    return Ok(programs);
                }
                found.push(programs);
            }
        }
        if found.is_empty() {
            return Err(EmbeddedError::NoPrograms);
        }
        let mut majors: Vec<u32> = found.iter().map(|programs| programs.major).collect();
        majors.dedup();
        let wrong = || EmbeddedError::WrongVersion { cluster: cluster.to_path_buf(), needed: made_by, found: majors };
        found.into_iter().find(fits).ok_or_else(wrong)
    }

    /// The server itself.
    pub(super) fn postgres(&self) -> PathBuf {
        self.directory.join("postgres")
    }

    /// What makes a cluster.
    pub(super) fn initdb(&self) -> PathBuf {
        self.directory.join("initdb")
    }

    fn named(directory: &Path) -> Result<Programs, EmbeddedError> {
        let unusable = |reason| EmbeddedError::NoProgramsAt { path: directory.to_path_buf(), reason };
        Programs::at(directory).map_err(unusable)
    }

    fn at(directory: &Path) -> Result<Programs, String> {
        if !directory.join("initdb").is_file() {
            return Err("where there is no `initdb`".to_owned());
        }
        let mut command = Command::new(directory.join("postgres"));
        let output = command.arg("--version").stderr(Stdio::null()).output();
        let output = output.map_err(|error| format!("whose `postgres` can't be run: {error}"))?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout));
        let major = major.ok_or_else(|| "whose `postgres --version` says no version".to_owned())?;
        Ok(Programs { directory: directory.to_path_buf(), major })
    }
}

/// Directories to look into, best first.
fn candidates() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = from_pg_config().into_iter().collect();
    directories.extend(newest_first(Path::new(DEBIAN)));
    directories.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    directories.extend(OTHERS.iter().flat_map(|folder| newest_first(Path::new(folder))));
    directories
}

fn from_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(printed.trim()))
}

/// The programs in folders named `15` or `postgresql@15`, the highest number first.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let version = |name: &str| name.strip_prefix("postgresql@").unwrap_or(name).parse::<u32>().ok();
    let mut versions: Vec<(u32, String)> = names.filter_map(|name| Some((version(&name)?, name))).collect();
    versions.sort_by_key(|(version, _)| Reverse(*version));
    versions.into_iter().map(|(_, name)| folder.join(name).join("bin")).collect()
}

/// 15 of `postgres (PostgreSQL) 15.20 (Debian …)` and of `… 19beta1`.
fn major_of(words: &str) -> Option<u32> {
    let number = words.split(") ").nth(1)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_from_what_the_server_prints() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_of("mysqld 8"), None);
    }
}
