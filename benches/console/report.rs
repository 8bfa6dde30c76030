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

/// A page of a small list beside the same of a large one.
pub fn grown(name: &str, small: Figures, large: Figures) {
    let ratio = large.half.as_secs_f64() / small.half.as_secs_f64();
    let [small_half, half, worst] = [small.half, large.half, large.worst_percent].map(milliseconds);
    println!("{name:<24} {small_half:>9.2} {half:>9.2} {worst:>9.2} {ratio:>9.2}");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
