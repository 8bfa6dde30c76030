//! Addresses that a customer may be sent to. The console redirects to what Stripe answers, so it looks whether that is a page
//! of Stripe; a double of Stripe shows its pages at its own address.

use url::Url;

/// Whose pages are trusted.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The double's address; none with Stripe itself.
    double: Option<Url>,
}

impl Pages {
    /// The pages that belong to an API at an address.
    pub fn of(api_base: &Url) -> Self {
        Self { double: Some(api_base.clone()).filter(|base| !is_stripe(base)) }
    }

    /// Whether an address is a page of Stripe or of the double.
    pub fn contain(&self, address: &str) -> bool {
        let Ok(address) = Url::parse(address) else { return false };
        let plain = address.username().is_empty() && address.password().is_none();
        let of_double = self.double.as_ref().is_some_and(|double| double.origin() == address.origin());
        plain && (of_double || is_stripe(&address))
    }

    /// The origins of the pages, for a Content-Security-Policy.
    pub fn origins(&self) -> Vec<String> {
        match &self.double {
            Some(double) => vec![double.origin().ascii_serialization()],
            None => vec!["https://checkout.stripe.com".to_owned(), "https://*.stripe.com".to_owned()],
        }
    }
}

/// Whether an address is https at stripe.com or below it, at the usual port.
fn is_stripe(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let theirs = host == "stripe.com" || host.ends_with(".stripe.com");
    theirs && address.scheme() == "https" && address.port().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_stripe_are_trusted() {
        let pages = Pages::of(&Url::parse("https://api.stripe.com").unwrap());
        for good in ["https://checkout.stripe.com/c/pay/cs_1#x", "https://stripe.com", "https://invoice.stripe.com:443/i"] {
            assert!(pages.contain(good), "{good}");
        }
        for bad in [
            "http://checkout.stripe.com/",
            "https://evilstripe.com/",
            "https://stripe.com.evil.org/",
            "https://stripe.com@evil.org/",
            "https://me@stripe.com/",
            "https://stripe.com:8443/",
            "javascript:alert(1)",
            "//checkout.stripe.com/",
            "http://127.0.0.1:1/",
            "",
        ] {
            assert!(!pages.contain(bad), "{bad}");
        }
        assert_eq!(pages.origins(), ["https://checkout.stripe.com", "https://*.stripe.com"]);
    }

    #[test]
    fn a_double_shows_its_own_pages() {
        let pages = Pages::of(&Url::parse("http://127.0.0.1:4242").unwrap());
        assert!(pages.contain("http://127.0.0.1:4242/c/pay/cs_1") && pages.contain("https://checkout.stripe.com/"));
        assert!(!pages.contain("http://127.0.0.1:4243/") && !pages.contain("https://127.0.0.1:4242/"));
        assert!(!pages.contain("http://localhost:4242/"));
        assert_eq!(pages.origins(), ["http://127.0.0.1:4242"]);
    }
}
