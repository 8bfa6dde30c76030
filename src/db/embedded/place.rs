//! Where the cluster's files and its socket are. Usually both are under the data directory; each moves where the
//! server's user or the length of a socket's path forbids that.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::EmbeddedError;

/// The longest path of a socket that the system takes, in bytes.
const SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The name Postgres gives its socket on the port that all URLs name.
const SOCKET_NAME: &str = "/.s.PGSQL.5432";

/// The directory that holds everything of one cluster, and whose it is.
#[derive(Debug)]
pub(super) struct Place {
    home: PathBuf,
    account: Account,
    notes: Vec<String>,
}

impl Place {
    /// `data_dir/postgres`, or for a root whose `postgres` user can't get there, a directory under `/var/lib`.
    pub(super) fn find(data_dir: &Path) -> Result<Place, EmbeddedError> {
        make_enterable(data_dir).map_err(EmbeddedError::files(data_dir))?;
        let data_dir = fs::canonicalize(data_dir).map_err(EmbeddedError::files(data_dir))?;
        let near = data_dir.join("postgres");
        let far = PathBuf::from(format!("/var/lib/roster-{}", short_name(&data_dir)));
        if holds_cluster(&near) {
            let place = Place::at(&near, Account::of_files(&near.join("cluster"))?)?;
            return if place.is_reachable() { Ok(place) } else { Err(EmbeddedError::NotEnterable { path: near }) };
        }
        let account = Account::for_new_files()?;
        if !holds_cluster(&far) && account.can_enter(&data_dir) {
            return Place::at(&near, account);
        }
        let mut place = Place::at(&far, account)?;
        place.notes.push(format!(
            "Postgres can't run as root, and its user can't enter {}; the database is in {} instead.",
            data_dir.display(),
            far.display()
        ));
        Ok(place)
    }

    fn at(home: &Path, account: Account) -> Result<Place, EmbeddedError> {
        fs::create_dir_all(home).map_err(EmbeddedError::files(home))?;
        let home = fs::canonicalize(home).map_err(EmbeddedError::files(home))?;
        account.own_directory(&home).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => EmbeddedError::ForeignOwner { path: home.clone() },
            _ => EmbeddedError::files(&home)(error),
        })?;
        Ok(Place { home, account, notes: Vec::new() })
    }

    fn is_reachable(&self) -> bool {
        self.account.can_enter(&self.home)
    }

    /// The directory that holds everything.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Postgres' own data directory.
    pub(super) fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }

    /// What the server writes about itself.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// Whom the server runs as.
    pub(super) fn account(&self) -> Account {
        self.account
    }

    /// What the reader should know.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Waits until nobody else makes, starts, joins or stops this cluster; over when the file is dropped.
    pub(super) fn lock(&self) -> Result<File, EmbeddedError> {
        let path = self.lock_path();
        let file = self.open(&path)?;
        file.lock().map_err(EmbeddedError::files(&path))?;
        Ok(file)
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.home.join("start.lock")
    }

    /// Opens a file for appending, made if missing, and of the server's user; never through a link.
    pub(super) fn open(&self, path: &Path) -> Result<File, EmbeddedError> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path);
        let file = file.map_err(EmbeddedError::files(path))?;
        self.account.own(&file).map_err(EmbeddedError::files(path))?;
        Ok(file)
    }

    /// The major version that made the cluster, or nothing where there is none yet.
    pub(super) fn major(&self) -> Result<Option<u32>, EmbeddedError> {
        let path = self.cluster().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) => Ok(version.trim().parse().ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EmbeddedError::files(&path)(error)),
        }
    }

    /// The directory for the socket, made, and private to the server's user.
    pub(super) fn socket(&self) -> Result<PathBuf, EmbeddedError> {
        let near = self.home.join("socket");
        if fits(&near) {
            fs::create_dir_all(&near).map_err(EmbeddedError::files(&near))?;
            self.account.own_directory(&near).map_err(EmbeddedError::files(&near))?;
            return Ok(near);
        }
        let name = format!("roster-{}", short_name(&self.home));
        let roots = [env::temp_dir(), PathBuf::from("/tmp")];
        let usable = |root: &PathBuf| fits(&root.join(&name)) && self.account.can_enter(root);
        let root = roots.into_iter().find(usable).unwrap_or_else(|| PathBuf::from("/tmp"));
        self.private_directory(root.join(name))
    }

    /// Anybody can make directories in the temporary one: takes none but a real directory of our own.
    fn private_directory(&self, path: PathBuf) -> Result<PathBuf, EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(EmbeddedError::files(&path)(error)),
        }
        let found = fs::symlink_metadata(&path).map_err(EmbeddedError::files(&path))?;
        if !found.is_dir() || !self.account.may_take(found.uid()) {
            return Err(EmbeddedError::Socket { path });
        }
        self.account.own_directory(&path).map_err(EmbeddedError::files(&path))?;
        Ok(path)
    }
}

/// Makes the directory if missing, so that the server's user can pass through but not look around.
fn make_enterable(data_dir: &Path) -> std::io::Result<()> {
    if data_dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(data_dir)?;
    fs::set_permissions(data_dir, fs::Permissions::from_mode(0o711))
}

fn holds_cluster(home: &Path) -> bool {
    home.join("cluster").is_dir()
}

/// Postgres splits lists of sockets at commas and libpq hosts too, so that only plain paths are passed to them.
fn fits(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@ ".contains(byte);
    bytes.len() + SOCKET_NAME.len() <= SOCKET_PATH && bytes.iter().all(plain)
}

/// 16 hexadecimal digits that stand for a path (FNV-1a, which stays the same over all versions of everything).
fn short_name(path: &Path) -> String {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = path.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, mix);
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{fits, short_name};

    #[test]
    fn a_socket_needs_a_short_and_plain_path() {
        assert!(fits(Path::new("/srv/console/var/postgres/socket")));
        assert!(!fits(Path::new("/srv/console, the second/socket")));
        assert!(fits(Path::new(&format!("/{}", "d".repeat(88)))));
        assert!(!fits(Path::new(&format!("/{}", "d".repeat(93)))));
    }

    #[test]
    fn the_short_name_of_a_path_never_changes() {
        assert_eq!(short_name(Path::new("a")), "af63dc4c8601ec8c");
    }
}
