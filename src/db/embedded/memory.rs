//! How much of the machine's memory the server keeps pages in.

use std::fs;

const MEGABYTE: u64 = 1024 * 1024;
/// In megabytes: what Postgres takes by itself, and more than the pages of 100,000 keys in use among ten million.
const LEAST: u64 = 128;
const MOST: u64 = 8192;

/// The setting for a quarter of the memory, as the documentation of Postgres advises. What does not fit in there is asked of
/// the system again and again, which takes a third of the speed where millions of keys are in use.
pub(super) fn shared_buffers() -> String {
    format!("shared_buffers={}MB", share(limits().min()))
}

fn share(bytes: Option<u64>) -> u64 {
    bytes.map_or(LEAST, |bytes| bytes / 4 / MEGABYTE).clamp(LEAST, MOST)
}

/// In bytes: the machine's memory, and what a container may have of it. Nothing where the system does not tell.
fn limits() -> impl Iterator<Item = u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| machine(&text));
    let container = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let container = container.into_iter().filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
    machine.into_iter().chain(container)
}

fn machine(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_memory_within_bounds() {
        let gigabytes = |number: u64| Some(number * 1024 * MEGABYTE);
        assert_eq!(
            [None, Some(64 * MEGABYTE), gigabytes(2), gigabytes(24), gigabytes(512)].map(share),
            [128, 128, 512, 6144, 8192]
        );
    }

    #[test]
    fn the_system_tells_in_kilobytes() {
        assert_eq!(machine("MemFree:  12 kB\nMemTotal:       24683520 kB\n"), Some(24_683_520 * 1024));
        assert_eq!(machine("MemFree:  12 kB\n"), None);
    }
}
