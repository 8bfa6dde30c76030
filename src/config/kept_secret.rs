//! The development secret in the data directory, made on the first start and readable by its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{ConfigError, wrong};
use crate::secret;

/// The secret of a data directory. Of several first starts at once all get the same one.
pub(super) fn kept_secret(data_dir: &Path) -> std::result::Result<String, ConfigError> {
    let path = data_dir.join("secret_key");
    find_or_make(data_dir, &path)
        .map_err(|error| wrong("DATA_DIR", format!("a folder that can be written ({}: {error})", path.display())))
}

fn find_or_make(data_dir: &Path, path: &Path) -> Result<String> {
    match read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found,
    }
    fs::create_dir_all(data_dir)?;
    let draft = path.with_extension(secret::encode(&secret::random_bytes::<9>()));
    let made = write(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        // Another start was faster: its secret counts.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    // It has its final name by now, or is of no use.
    let _ = fs::remove_file(&draft);
    made?;
    read(path)
}

fn write(draft: &Path) -> Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(secret::encode(&secret::random_bytes::<48>()).as_bytes())?;
    file.sync_all()
}

fn read(path: &Path) -> Result<String> {
    let secret = fs::read_to_string(path)?;
    if secret.trim().len() < 32 {
        return Err(Error::new(ErrorKind::InvalidData, "it holds no secret; delete it to get a new one"));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn first_starts_at_once_agree_on_one_secret() {
        let root = std::env::temp_dir().join(format!("roster-secret-{}", uuid::Uuid::new_v4()));
        for round in 0..50 {
            let (folder, barrier) = (root.join(round.to_string()), Barrier::new(4));
            let secrets: Vec<String> = std::thread::scope(|scope| {
                let start = || {
                    barrier.wait();
                    kept_secret(&folder).unwrap()
                };
                let starts: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
                starts.into_iter().map(|start| start.join().unwrap()).collect()
            });
            assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 64));
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "drafts are left");
            let mode = fs::metadata(folder.join("secret_key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn an_empty_secret_is_refused() {
        let folder = std::env::temp_dir().join(format!("roster-secret-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("secret_key"), "").unwrap();
        assert!(kept_secret(&folder).unwrap_err().to_string().contains("delete it"));
        fs::remove_dir_all(folder).unwrap();
    }
}
