//! What was paid for time that is not used any more, given back with the VAT that each part of it was or is invoiced with.

use serde::Deserialize;

use super::quote::{Line, joined, part};
use super::subscription::Subscription;
use crate::clock::Moment;

/// The invoice on which something is given back, and what stands on those before it.
#[derive(Clone, Copy, Debug)]
pub struct Giving<'a> {
    pub at: Moment,
    /// What else stands on it: who joined is not invoiced before.
    pub pending: &'a [Line],
    /// Who joined and is invoiced already, with the use of a month that ended within the period.
    pub invoiced: &'a [JoinedSeats],
    /// The VAT that it adds, in hundredths of a percent.
    pub vat_basis_points: i64,
}

/// A line over members who joined within the period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct JoinedSeats {
    pub description: String,
    pub quantity: i32,
    pub vat_basis_points: i64,
    pub from_at: Moment,
    pub to_at: Moment,
}

/// What was paid for the time that is left and is not used; none where nothing is left.
pub fn unused(current: &Subscription, giving: Giving<'_>) -> Vec<Line> {
    let Some(terms) = current.terms() else { return Vec::new() };
    let given_back = |(seats, rate): (i32, i64)| {
        let line = part(&terms, seats, (giving.at, current.period_ends_at), current).filter(|_| seats > 0)?;
        let description = format!("Unused: {}", line.description);
        Some(Line { description, amount: -line.amount, vat_basis_points: Some(rate), ..line })
    };
    seats_by_rate(current, &joined(&terms), giving).into_iter().filter_map(given_back).collect()
}

/// The seats of a period by the VAT of their invoices: that of its beginning first.
fn seats_by_rate(current: &Subscription, joined: &str, giving: Giving<'_>) -> Vec<(i32, i64)> {
    let then = i64::from(current.vat_basis_points);
    let is_pending = |line: &&Line| line.description == joined && line.to == current.period_ends_at;
    // A module may have been there before, earlier in the period.
    let is_invoiced = |line: &&JoinedSeats| {
        line.description == joined && line.to_at == current.period_ends_at && line.from_at >= current.started_at
    };
    let pending = giving.pending.iter().filter(is_pending).map(|line| (line.quantity, giving.vat_basis_points));
    let invoiced = giving.invoiced.iter().filter(is_invoiced).map(|line| (line.quantity, line.vat_basis_points));
    let mut at_first = current.seats;
    let mut others: Vec<(i32, i64)> = Vec::new();
    for (seats, rate) in invoiced.chain(pending).filter(|(_, rate)| *rate != then) {
        let seats = seats.min(at_first);
        at_first -= seats;
        match others.iter_mut().find(|(_, known)| *known == rate) {
            Some((known, _)) => *known += seats,
            None => others.push((seats, rate)),
        }
    }
    std::iter::once((at_first, then)).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::subscription::{Status, Terms};
    use crate::config::{Cycle, Plans};
    use crate::money::Currency;

    #[test]
    fn each_seat_is_given_back_with_the_vat_that_it_was_invoiced_with() {
        let at = |text: &str| format!("{text}T00:00:00Z").parse::<Moment>().unwrap();
        let plans = Plans::default();
        let terms = Terms::of(plans.of("team"), Currency::from_code("EUR").unwrap(), Cycle::Year).unwrap();
        let period = (at("2027-01-01"), at("2028-01-01"));
        let current = Subscription::begun(&terms, 10, Status::Active, period).invoiced_with(1_900);
        let seats = |quantity, vat_basis_points, from_at| JoinedSeats {
            description: joined(&terms),
            quantity,
            vat_basis_points,
            from_at,
            to_at: period.1,
        };
        let other = JoinedSeats { description: "Reports, joined within the period".to_owned(), ..seats(5, 0, at("2027-02-01")) };
        let earlier = seats(5, 0, at("2026-12-31"));
        let invoiced = [seats(2, 1_900, at("2027-02-01")), seats(3, 810, at("2027-03-01")), other, earlier];
        let pending = [Line { quantity: 1, ..unused_line(&current, &terms) }];
        let giving = Giving { at: at("2027-07-01"), pending: &pending, invoiced: &invoiced, vat_basis_points: 0 };
        let parts: Vec<_> = unused(&current, giving).iter().map(|line| (line.quantity, line.vat_basis_points)).collect();
        assert_eq!(parts, [(6, Some(1_900)), (3, Some(810)), (1, Some(0))]);
        let many = [seats(40, 810, at("2027-03-01"))];
        let giving = Giving { pending: &[], invoiced: &many, ..giving };
        let parts: Vec<_> = unused(&current, giving).iter().map(|line| (line.quantity, line.vat_basis_points)).collect();
        assert_eq!(parts, [(10, Some(810))], "never more than there are");
    }

    fn unused_line(current: &Subscription, terms: &Terms) -> Line {
        let line = part(terms, 1, (current.period_starts_at, current.period_ends_at), current).unwrap();
        Line { description: joined(terms), ..line }
    }
}
