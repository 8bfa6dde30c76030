//! Which parameters an operation knows. Stripe refuses the others with `parameter_unknown`, and so does the double: also those that
//! Stripe knows and the double does not, as an answer that ignores them would be a lie.

use crate::error::ApiError;
use crate::params::Params;

/// Refuses parameters outside `known`: words in brackets notation, lists as `items[][price]`; `metadata*` allows all below `metadata`.
pub fn check(params: &Params, known: &str) -> Result<(), ApiError> {
    let known: Vec<&str> = known.split_whitespace().chain(["expand[]"]).collect();
    let leaves = params.leaves();
    let unknown: Vec<&String> =
        leaves.iter().filter(|(plain, _)| !known.iter().any(|word| fits(word, plain))).map(|(_, sent)| sent).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let names = unknown.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let plural = if unknown.len() > 1 { "s" } else { "" };
    Err(ApiError::parameter("parameter_unknown", first, format!("Received unknown parameter{plural}: {names}")))
}

fn fits(word: &str, leaf: &str) -> bool {
    match word.strip_suffix('*') {
        Some(stem) => leaf.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('[')),
        // A list or object sent as an empty text unsets it.
        None => word == leaf || word.strip_prefix(leaf).is_some_and(|rest| rest.starts_with('[')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parameters_are_named() {
        let known = "name address[city] items[][price] metadata*";
        assert!(
            check(&Params::parse("name=a&address[city]=b&items[0][price]=c&metadata[x]=1&metadata=&expand[]=y"), known).is_ok()
        );
        let error = check(&Params::parse("name=a&items[0][prise]=c&zoo=1"), known).unwrap_err();
        assert_eq!(error.message(), "Received unknown parameters: items[0][prise], zoo");
        assert_eq!(error.body["param"], "items[0][prise]");
    }
}
