//! The arithmetic that check digits share. A text of the right form comes in; letters that only mark it are passed over.

/// The values of the digits of a text, in order.
pub fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// The digits of a text as one number; at most 18 of them.
pub fn number(text: &str) -> u64 {
    digits(text).iter().take(18).fold(0, |number, digit| number * 10 + u64::from(*digit))
}

/// Whether the last digit is the one that the digits before it call for. An answer past 9 belongs to no number.
pub fn ends_in(digits: &[u32], expected: impl Fn(&[u32]) -> u32) -> bool {
    digits.split_last().is_some_and(|(last, body)| expected(body) == *last)
}

/// The sum of each digit times the weight at its place.
pub fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The sum of each digit times its weight, where the weights run 2, 3, 4 … up to `top` from the right and begin again.
pub fn cycled(digits: &[u32], top: u32) -> u32 {
    digits.iter().rev().zip((2..=top).cycle()).map(|(digit, weight)| digit * weight).sum()
}

/// What is missing to the next multiple of 11: 0 to 10.
pub fn to_eleven(sum: u32) -> u32 {
    (11 - sum % 11) % 11
}

/// The sum of the digits, where every second one from the right counts double, its own two digits added up.
/// `last_counts_double` says where that begins.
pub fn doubled(digits: &[u32], last_counts_double: bool) -> u32 {
    let value = |(place, digit): (usize, &u32)| {
        let twice = if (place % 2 == 0) == last_counts_double { digit * 2 } else { *digit };
        twice / 10 + twice % 10
    };
    digits.iter().rev().enumerate().map(value).sum()
}

/// Luhn's check of ISO/IEC 7812-1.
pub fn luhn(text: &str) -> bool {
    doubled(&digits(text), false).is_multiple_of(10)
}

/// The check "MOD 11,10" of ISO/IEC 7064.
pub fn eleven_ten(text: &str) -> bool {
    let step = |product: u32, digit: &u32| match (product + digit) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    };
    ends_in(&digits(text), |body| (11 - body.iter().fold(10, step)) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_takes_its_own_example_and_no_neighbour() {
        assert!(luhn("79927398713"));
        assert!((0..10).filter(|last| luhn(&format!("7992739871{last}"))).eq([3]));
    }

    #[test]
    fn eleven_ten_takes_its_own_example() {
        assert!(eleven_ten("07945"));
        assert!(!eleven_ten("07954"));
    }

    #[test]
    fn weights_run_from_the_right() {
        assert_eq!(cycled(&[1, 1, 1], 3), 2 + 3 + 2);
        assert_eq!(weighed(&[1, 2, 3], &[5, 6, 7]), 5 + 12 + 21);
        assert_eq!(number("A012"), 12);
    }
}
