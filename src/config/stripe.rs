//! Payment by Stripe: all of it, or nothing.

use std::fmt;

use url::{Host, Url};

use super::reading::{Read, Settings};
use super::wrong;

const API_BASE: &str = "https://api.stripe.com";

/// How Stripe is reached, and how it proves that an event is its own.
#[derive(Clone, PartialEq, Eq)]
pub struct StripeSettings {
    pub secret_key: String,
    /// Without it no event is taken.
    pub webhook_secret: Option<String>,
    pub api_base: Url,
}

impl fmt::Debug for StripeSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StripeSettings").field("api_base", &self.api_base.as_str()).finish_non_exhaustive()
    }
}

/// The settings of Stripe; none without its key. What they hold is never quoted back.
pub(super) fn stripe(lookup: Settings<'_>) -> Read<Option<StripeSettings>> {
    let text = |name: &str| lookup(name).map(|text| text.trim().to_owned());
    let Some(secret_key) = text("STRIPE_SECRET_KEY") else {
        let alone = ["STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"].into_iter().find(|name| text(name).is_some());
        return alone.map_or(Ok(None), |name| Err(wrong(name, "STRIPE_SECRET_KEY beside it")));
    };
    if !is_secret(&secret_key, &["sk_", "rk_"]) {
        return Err(wrong("STRIPE_SECRET_KEY", "a secret key of Stripe, which begins with sk_ or rk_"));
    }
    let webhook_secret = text("STRIPE_WEBHOOK_SECRET");
    if webhook_secret.as_ref().is_some_and(|secret| !is_secret(secret, &["whsec_"])) {
        return Err(wrong("STRIPE_WEBHOOK_SECRET", "the secret of a webhook, which begins with whsec_"));
    }
    let api_base = text("STRIPE_API_BASE").unwrap_or_else(|| API_BASE.to_owned());
    let api_base = Url::parse(&api_base).ok().filter(is_safe);
    let api_base = api_base.ok_or(wrong("STRIPE_API_BASE", "an address under https, or one of this machine"))?;
    Ok(Some(StripeSettings { secret_key, webhook_secret, api_base }))
}

fn is_secret(text: &str, beginnings: &[&str]) -> bool {
    let begins = beginnings.iter().any(|beginning| text.len() > beginning.len() && text.starts_with(beginning));
    begins && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The key goes there: never in clear over a network.
fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Option<StripeSettings>, String> {
        let lookup = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        stripe(&lookup).map_err(|error| error.to_string())
    }

    #[test]
    fn stripe_is_set_up_whole_or_not_at_all() {
        assert_eq!(read(&[]), Ok(None));
        let found = read(&[("STRIPE_SECRET_KEY", " sk_test_1 "), ("STRIPE_WEBHOOK_SECRET", "whsec_1")]).unwrap().unwrap();
        assert_eq!((found.secret_key.as_str(), found.webhook_secret.as_deref()), ("sk_test_1", Some("whsec_1")));
        assert_eq!(found.api_base.as_str(), "https://api.stripe.com/");
        assert!(!format!("{found:?}").contains("sk_test_1"), "no log shows a key");
        for (settings, named) in [
            (vec![("STRIPE_WEBHOOK_SECRET", "whsec_1")], "STRIPE_WEBHOOK_SECRET"),
            (vec![("STRIPE_SECRET_KEY", "pk_live_1")], "STRIPE_SECRET_KEY"),
            (vec![("STRIPE_SECRET_KEY", "sk_")], "STRIPE_SECRET_KEY"),
            (vec![("STRIPE_SECRET_KEY", "sk_1"), ("STRIPE_WEBHOOK_SECRET", "secret")], "STRIPE_WEBHOOK_SECRET"),
            (vec![("STRIPE_SECRET_KEY", "sk_1"), ("STRIPE_API_BASE", "http://stripe.example")], "STRIPE_API_BASE"),
        ] {
            let refused = read(&settings).unwrap_err();
            assert!(refused.starts_with(named) && !refused.contains("_live_"), "{refused}");
        }
        assert!(read(&[("STRIPE_SECRET_KEY", "sk_1"), ("STRIPE_API_BASE", "http://127.0.0.1:9")]).is_ok());
    }
}
