//! The check digits of tax ids outside the European Union, one function a rule. Each takes the bare text, in the right
//! form already, with its letters but without blanks, dots and dashes.

use super::digits::{cycled, digits, eleven_ten, ends_in, luhn, to_eleven, weighed};
use super::european_digits;

/// For ids without check digits, and for those whose rule is not public or has exceptions.
pub fn none(_: &str) -> bool {
    true
}

/// Where the rule gives 10 or 11, Peru writes their last digit.
pub fn peruvian(bare: &str) -> bool {
    ends_in(&digits(bare), |body| (11 - cycled(body, 7) % 11) % 10)
}

/// Where the rule gives 10, Argentina writes 9.
pub fn argentine(bare: &str) -> bool {
    ends_in(&digits(bare), |body| to_eleven(cycled(body, 7)).min(9))
}

/// The Australian Business Register's rule: one less in the first place, then 89 divides the sum.
pub fn australian(bare: &str) -> bool {
    let sum = weighed(&digits(bare), &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    sum >= 10 && (sum - 10).is_multiple_of(89)
}

pub fn bulgarian(bare: &str) -> bool {
    bare.len() != 9 || european_digits::bulgarian(bare)
}

/// Since July 2026 the first twelve places can hold letters; each counts its place in ASCII after the zero.
pub fn brazilian_firm(bare: &str) -> bool {
    let values: Vec<u32> = bare.bytes().map(|byte| u32::from(byte).saturating_sub(48)).collect();
    two_brazilian(&values, 9)
}

pub fn brazilian_person(bare: &str) -> bool {
    two_brazilian(&digits(bare), 11)
}

fn two_brazilian(values: &[u32], top: u32) -> bool {
    let expected = |body: &[u32]| to_eleven(cycled(body, top)) % 10;
    ends_in(values, expected) && values.split_last().is_some_and(|(_, body)| ends_in(body, expected))
}

/// The nine digits of the business, before the letters of its account.
pub fn canadian(bare: &str) -> bool {
    luhn(bare.get(..9).unwrap_or_default())
}

pub fn swiss(bare: &str) -> bool {
    ends_in(&digits(bare), |body| to_eleven(weighed(body, &[5, 4, 3, 2, 7, 6, 5, 4])))
}

/// The last place is K where the rule gives 10.
pub fn chilean(bare: &str) -> bool {
    let Some((body, last)) = bare.split_at_checked(bare.len().saturating_sub(1)) else { return false };
    let expected = to_eleven(cycled(&digits(body), 7));
    if expected == 10 { last == "K" } else { last.parse() == Ok(expected) }
}

/// Ten digits end in one that checks them, but for a person's, which begin with 1 and may lack theirs. Shorter and longer
/// numbers pass unchecked.
pub fn colombian(bare: &str) -> bool {
    const WEIGHTS: [u32; 9] = [41, 37, 29, 23, 19, 17, 13, 7, 3];
    let expected = |body: &[u32]| match weighed(body, &WEIGHTS) % 11 {
        rest @ (0 | 1) => rest,
        rest => 11 - rest,
    };
    bare.len() != 10 || bare.starts_with('1') || ends_in(&digits(bare), expected)
}

pub fn croatian_or_serbian(bare: &str) -> bool {
    eleven_ten(bare)
}

pub fn hungarian(bare: &str) -> bool {
    european_digits::hungarian(bare.get(..8).unwrap_or_default())
}

/// Luhn's rule over digits and letters, the letters counting 10 to 35.
pub fn indian(bare: &str) -> bool {
    let value = |(place, c): (usize, char)| {
        let times = c.to_digit(36).unwrap_or_default() * if place % 2 == 0 { 1 } else { 2 };
        times / 36 + times % 36
    };
    bare.chars().rev().enumerate().map(value).sum::<u32>().is_multiple_of(36)
}

/// The first digit checks the twelve after it: the rule of the Ministry of Finance's ordinance on corporate numbers.
pub fn japanese_firm(bare: &str) -> bool {
    let digits = digits(bare);
    digits.split_first().is_some_and(|(first, rest)| {
        let sum: u32 = rest.iter().rev().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        *first == 9 - sum % 9
    })
}

pub fn norwegian(bare: &str) -> bool {
    ends_in(&digits(bare), |body| to_eleven(cycled(body, 7)))
}

/// Where the first weights give 10, Inland Revenue's second ones are asked.
pub fn new_zealand(bare: &str) -> bool {
    let digits = digits(&format!("{bare:0>9}"));
    ends_in(&digits, |body| match to_eleven(weighed(body, &[3, 2, 7, 6, 5, 4, 3, 2])) {
        10 => to_eleven(weighed(body, &[7, 4, 3, 2, 5, 2, 7, 6])),
        rest => rest,
    })
}

/// Ten digits of a firm with one check digit, twelve of a person with two.
pub fn russian(bare: &str) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let expected = |body: &[u32]| {
        let skipped = WEIGHTS.len().saturating_sub(body.len());
        weighed(body, WEIGHTS.get(skipped..).unwrap_or_default()) % 11 % 10
    };
    let digits = digits(bare);
    let before = digits.split_last().map(|(_, body)| body).unwrap_or_default();
    ends_in(&digits, expected) && (digits.len() == 10 || ends_in(before, expected))
}

/// A sum that 5 divides, or one short of that where the seventh digit is 7: its tens and ones count either way.
pub fn taiwanese(bare: &str) -> bool {
    let digits = digits(bare);
    let parts = |product: u32| product / 10 + product % 10;
    let sum: u32 = digits.iter().zip([1, 2, 1, 2, 1, 2, 4, 1]).map(|(digit, weight)| parts(digit * weight)).sum();
    sum.is_multiple_of(5) || (digits.get(6) == Some(&7) && (sum + 1).is_multiple_of(5))
}

/// Ten digits of a firm; eleven are a citizen's and pass unchecked.
pub fn turkish(bare: &str) -> bool {
    let value = |(digit, place): (&u32, u32)| match (digit + place) % 10 {
        9 => 9,
        0 => 0,
        turned => match turned * 2_u32.pow(place) % 9 {
            0 => 9,
            rest => rest,
        },
    };
    let sum = |body: &[u32]| -> u32 { body.iter().zip((1..=9).rev()).map(value).sum() };
    bare.len() != 10 || ends_in(&digits(bare), |body| (10 - sum(body) % 10) % 10)
}

pub fn uruguayan(bare: &str) -> bool {
    ends_in(&digits(bare), |body| to_eleven(cycled(body, 9)))
}

/// One number in two writings: what [`european_digits`] knows for the country checks it.
pub use european_digits::{british, polish, romanian, slovenian, spanish};
