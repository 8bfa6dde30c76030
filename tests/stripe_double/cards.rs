//! Stripe's test cards: what each number does when it is saved and when it is charged.

use crate::error::ApiError;

/// The card behind a payment method.
#[derive(Debug, Clone)]
pub struct Card {
    /// The full number.
    pub number: String,
    /// Whether its owner authenticated when it was set up.
    pub authenticated: bool,
}

/// What the issuer says.
#[derive(Debug)]
pub enum Verdict {
    /// Accepted.
    Accepted,
    /// Refused, with the error that Stripe answers.
    Declined(ApiError),
    /// The owner has to authenticate (3-D Secure).
    Authenticate,
}

/// A number that Stripe publishes for tests, with the names that stand for it in API calls.
const TEST_CARDS: [(&str, &str, &[&str]); 12] = [
    ("4242424242424242", "visa", &["visa"]),
    ("5555555555554444", "mastercard", &["mastercard"]),
    ("378282246310005", "amex", &["amex"]),
    ("4000000000000002", "visa", &["chargeDeclined", "visa_chargeDeclined"]),
    ("4000000000009995", "visa", &["chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"]),
    ("4000000000000069", "visa", &["chargeDeclinedExpiredCard", "visa_chargeDeclinedExpiredCard"]),
    ("4000000000000127", "visa", &["chargeDeclinedIncorrectCvc", "visa_chargeDeclinedIncorrectCvc"]),
    ("4000000000000119", "visa", &["chargeDeclinedProcessingError", "visa_chargeDeclinedProcessingError"]),
    ("4000000000000341", "visa", &["chargeCustomerFail"]),
    ("4000002500003155", "visa", &["authenticationRequiredOnSetup"]),
    ("4000002760003184", "visa", &["authenticationRequired"]),
    ("4000000000003220", "visa", &["threeDSecure2Required"]),
];

/// The number behind `pm_card_visa`, `tok_visa` and the like.
pub fn by_name(name: &str) -> Option<&'static str> {
    let short = name.strip_prefix("pm_card_").or_else(|| name.strip_prefix("tok_"))?;
    TEST_CARDS.iter().find(|(_, _, names)| names.contains(&short)).map(|(number, _, _)| *number)
}

/// The brand of a number.
pub fn brand(number: &str) -> &'static str {
    match number.as_bytes().first() {
        Some(b'5' | b'2') => "mastercard",
        Some(b'3') => "amex",
        Some(b'6') => "discover",
        _ => "visa",
    }
}

/// Whether a number has a card's length and check digit (Luhn).
pub fn plausible(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|character| character.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (13..=19).contains(&digits.len())) else { return false };
    let weigh = |(position, digit): (usize, &u32)| match (position % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

/// What happens when the card is saved for later.
pub fn at_setup(number: &str) -> Verdict {
    match number {
        "4000002500003155" | "4000002760003184" | "4000000000003220" => Verdict::Authenticate,
        "4000000000000341" => Verdict::Accepted,
        _ => refusal(number).map_or(Verdict::Accepted, Verdict::Declined),
    }
}

/// What happens when the saved card is charged.
pub fn at_charge(card: &Card) -> Verdict {
    match card.number.as_str() {
        "4000002760003184" => Verdict::Authenticate,
        "4000002500003155" | "4000000000003220" if !card.authenticated => Verdict::Authenticate,
        "4000000000000341" => Verdict::Declined(declined("generic_decline")),
        number => refusal(number).map_or(Verdict::Accepted, Verdict::Declined),
    }
}

/// The error for a decline code.
pub fn declined(code: &str) -> ApiError {
    match code {
        "insufficient_funds" => ApiError::card("card_declined", Some(code), "Your card has insufficient funds."),
        "expired_card" => ApiError::card(code, Some(code), "Your card has expired."),
        "incorrect_cvc" => ApiError::card(code, Some(code), "Your card's security code is incorrect."),
        "processing_error" => {
            ApiError::card(code, Some(code), "An error occurred while processing your card. Try again in a little bit.")
        }
        "authentication_required" => {
            ApiError::card(code, Some(code), "Your card was declined. This transaction requires authentication.")
        }
        other => ApiError::card("card_declined", Some(other), "Your card was declined."),
    }
}

fn refusal(number: &str) -> Option<ApiError> {
    let code = match number {
        "4000000000000002" => "generic_decline",
        "4000000000009995" => "insufficient_funds",
        "4000000000000069" => "expired_card",
        "4000000000000127" => "incorrect_cvc",
        "4000000000000119" => "processing_error",
        _ => return None,
    };
    Some(declined(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_cards_are_plausible() {
        for (number, kind, _) in TEST_CARDS {
            assert!(plausible(number), "{number}");
            assert_eq!(brand(number), kind);
        }
        assert!(!plausible("4242424242424241"));
        assert!(!plausible("42"));
        assert_eq!(by_name("pm_card_visa"), Some("4242424242424242"));
    }
}
