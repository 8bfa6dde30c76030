//! Makes the files of a new cluster, under another name until they are complete.

use std::fs::{self, File};
use std::io::ErrorKind;

use super::Durability;
use super::account::LOCALE;
use super::binaries::Programs;
use super::error::EmbeddedError;
use super::place::Place;
use super::roles::SUPERUSER;

/// Runs `initdb`; what an interrupted run left is thrown away first.
pub(super) fn create(place: &Place, programs: &Programs, durability: Durability) -> Result<(), EmbeddedError> {
    let unfinished = place.home().join("cluster.new");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(EmbeddedError::files(&unfinished)(error)),
        _ => {}
    }
    fs::create_dir(&unfinished).map_err(EmbeddedError::files(&unfinished))?;
    place.account().own_directory(&unfinished).map_err(EmbeddedError::files(&unfinished))?;

    let initdb = programs.initdb();
    let mut command = place.account().command(&initdb);
    command.current_dir(place.home()).arg("-D").arg(&unfinished);
    // Trust is for whoever can enter the directory, and that is the server's user and root.
    command.args(["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", &format!("--locale={LOCALE}")]);
    if durability == Durability::Disposable {
        command.arg("--no-sync");
    }
    let output = command.output().map_err(EmbeddedError::run(&initdb))?;
    if !output.status.success() {
        let words = [output.stdout, output.stderr].concat();
        return Err(EmbeddedError::Initdb { output: String::from_utf8_lossy(&words).into_owned() });
    }
    fs::rename(&unfinished, place.cluster()).map_err(EmbeddedError::files(&unfinished))?;
    File::open(place.home()).and_then(|home| home.sync_all()).map_err(EmbeddedError::files(place.home()))
}
