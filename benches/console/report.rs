//! Tables as the README shows them.

use std::time::Duration;

use super::load::Figures;

pub fn heading(words: &str, columns: &str) {
    println!("\n{words}\n{columns}");
}

/// One page beside its limit.
pub fn compared(name: &str, console: Figures, limit: Option<Figures>) {
    let Figures { rate, half, worst_percent } = console;
    let (half, worst_percent) = (milliseconds(half), milliseconds(worst_percent));
    let limit = limit.map(|limit| format!("{:>9.0} {:>6.2}", limit.rate, rate / limit.rate));
    println!("{name:<24} {rate:>9.0} {half:>9.2} {worst_percent:>9.2} {}", limit.unwrap_or_default());
}

/// How verifying a key stands beside the bare look-up: the share of its requests a second, and how many times its slowest percent.
pub fn beside(console: Figures, bare: Figures) -> (f64, f64) {
    let share = console.rate / bare.rate;
    let slower = console.worst_percent.as_secs_f64() / bare.worst_percent.as_secs_f64();
    println!("  {share:.2} of the bare look-up (at least 0.80), p99 {slower:.2} times its p99 (at most 1.50)");
    (share, slower)
}

/// How many of the keys that are asked for have their last use written as it was ten seconds ago: all of them have to.
pub fn exact_last_uses(written: u64, asked: u64) {
    println!("  The last use of {written} of {asked} keys is exact to ten seconds under this load");
    assert!(written >= asked, "last uses are written too late");
}

/// What a load leaves in memory.
pub fn kept(load: &str, before: Option<f64>, after: Option<f64>) {
    let (Some(before), Some(after)) = (before, after) else { return println!("  Memory is unknown here.") };
    println!("  Memory {before:.1} MB before, {after:.1} MB after {load}");
    assert!(after < before + 16.0, "{load} leave too much in memory");
}

/// A page of a small list beside the same of a large one.
pub fn grown(name: &str, small: Figures, large: Figures) {
    let ratio = large.half.as_secs_f64() / small.half.as_secs_f64();
    let [small_half, half, worst] = [small.half, large.half, large.worst_percent].map(milliseconds);
    println!("{name:<24} {small_half:>9.2} {half:>9.2} {worst:>9.2} {ratio:>9.2}");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
