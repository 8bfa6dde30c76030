//! The three calls to the system that the standard library lacks.
#![expect(unsafe_code, reason = "signals, the own user and the parent-death signal have no safe form in std")]

use std::io;
use std::process::Command;

/// The user this process acts as.
pub(super) fn effective_user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// Asks for a signal to be delivered; signal 0 asks only whether the process exists.
pub(super) fn signal(pid: u32, signal: i32) -> io::Result<()> {
    // 0 and negative numbers would address whole process groups.
    let Some(pid) = i32::try_from(pid).ok().filter(|pid| *pid > 1) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    // SAFETY: no memory is passed.
    match unsafe { libc::kill(pid, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether any process has this number, of whatever program and user.
pub(super) fn exists(pid: u32) -> bool {
    match signal(pid, 0) {
        Ok(()) => true,
        Err(error) => error.raw_os_error() == Some(libc::EPERM),
    }
}

/// Lets the child receive a fast-shutdown request when the thread that spawns it ends, so also when this process
/// is killed. It comes after the change of user, which would clear it. Only Linux can do this.
#[cfg(target_os = "linux")]
pub(super) fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::{CommandExt, parent_id};

    let parent = std::process::id();
    let tie = move || {
        // SAFETY: an async-signal-safe call with plain numbers.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // The parent may have died before the line above.
        match parent_id() == parent {
            true => Ok(()),
            false => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    };
    // SAFETY: the closure allocates nothing, takes no lock and makes two async-signal-safe calls.
    unsafe { command.pre_exec(tie) };
}

/// Elsewhere a server outlives a killed console; the next start joins it.
#[cfg(not(target_os = "linux"))]
pub(super) fn die_with_parent(_command: &mut Command) {}
