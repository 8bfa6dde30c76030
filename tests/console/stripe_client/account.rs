//! Customers, cards, tax ids, and what is sold.

use crate::harness::stripe::{Double, key};
use roster::stripe::{Customer, CustomerDetails, NewPrice, NewProduct, NewTaxRate, StripeError};
use std::collections::HashMap;

#[tokio::test]
async fn customers_are_made_and_changed() {
    let double = Double::start();
    let stripe = &double.stripe;
    let customer = double.customer().await;
    assert_eq!(customer.metadata["roster_organization"], "00000000-0000-0000-0000-000000000007");
    assert_eq!((customer.balance, customer.currency.as_deref(), customer.deleted), (0, None, false));
    let details = CustomerDetails {
        name: "Größe".to_owned(),
        email: "ada+b@example.org".to_owned(),
        line1: "Straße 1".to_owned(),
        city: "Ulm".to_owned(),
        country: "DE".to_owned(),
        ..CustomerDetails::default()
    };
    let changed = stripe.update_customer(&customer.id, &details, &key()).await.unwrap();
    assert_eq!(changed, Customer { details, ..customer.clone() });
    let sent = double.state()["requests"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((sent["params"]["name"].as_str(), sent["params"]["address"]["city"].as_str()), (Some("Größe"), Some("Ulm")));
    assert_eq!(sent["stripe_version"], "2025-03-31.basil");
    stripe.update_customer(&customer.id, &CustomerDetails::default(), &key()).await.unwrap();
    let emptied = Customer { details: CustomerDetails::default(), ..customer.clone() };
    assert_eq!(stripe.customer(&customer.id).await.unwrap(), emptied);
    assert_eq!(stripe.customer("cus_none").await, Err(StripeError::Missing));
    assert_eq!(stripe.customer("../customers").await, Err(StripeError::Missing));
}

#[tokio::test]
async fn cards_are_saved_on_stripes_page() {
    let double = Double::start();
    let stripe = &double.stripe;
    let (customer, method) = double.with_card("4242 4242 4242 4242").await;
    assert_eq!(customer.default_payment_method.as_deref(), Some(method.as_str()));
    let session = double.setup(&customer.id).await;
    assert!(stripe.is_its_page(session.url.as_ref().unwrap()) && session.status == "open");
    assert_eq!((session.payment_method, session.setup_status.as_str()), (None, ""));
    let second = double.setup(&customer.id).await;
    let form = [("card_number", "4000002500003155"), ("expiry", "01 / 33"), ("cvc", "123")];
    let (_, next) = double.submit(&second.url.unwrap(), &form);
    let waiting = stripe.checkout_session(&second.id).await.unwrap();
    assert_eq!((waiting.status.as_str(), waiting.setup_status.as_str()), ("open", "requires_action"));
    let (_, done) = double.submit(&next.unwrap(), &[("action", "complete")]);
    assert_eq!(done.unwrap(), format!("http://localhost/done?session={}", second.id));
    let methods = stripe.payment_methods(&customer.id).await.unwrap();
    let shown: Vec<_> = methods.iter().map(|one| (one.kind.as_str(), one.brand.as_str(), one.last4.as_str())).collect();
    assert_eq!(shown, [("card", "visa", "3155"), ("card", "visa", "4242")]);
    assert_eq!((methods[0].exp_month, methods[0].exp_year), (1, 2033));
    stripe.detach_payment_method(&method, &key()).await.unwrap();
    assert_eq!(stripe.payment_methods(&customer.id).await.unwrap().len(), 1);
    assert_eq!(stripe.customer(&customer.id).await.unwrap().default_payment_method, None);
    assert!(matches!(stripe.detach_payment_method(&method, &key()).await, Err(StripeError::Refused { .. })));
}

#[tokio::test]
async fn many_cards_come_in_pages() {
    let double = Double::start();
    let customer = double.customer().await;
    let agent = ureq::Agent::new_with_defaults();
    for _ in 0..103 {
        let address = format!("{}/v1/payment_methods/pm_card_visa/attach", double.base);
        let post = agent.post(&address).header("Authorization", "Bearer sk_test_x");
        post.send_form([("customer", customer.id.as_str())]).unwrap();
    }
    let methods = double.stripe.payment_methods(&customer.id).await.unwrap();
    let mut ids: Vec<_> = methods.iter().map(|method| &method.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 103);
}

#[tokio::test]
async fn tax_ids_and_tax_rates() {
    let double = Double::start();
    let stripe = &double.stripe;
    let customer = double.customer().await;
    let tax_id = stripe.create_tax_id(&customer.id, "eu_vat", "DE123456789", &key()).await.unwrap();
    assert_eq!((tax_id.kind.as_str(), tax_id.verification.as_str()), ("eu_vat", "pending"));
    double.advance(61);
    let found = stripe.tax_ids(&customer.id).await.unwrap();
    assert_eq!((found.len(), found[0].value.as_str(), found[0].verification.as_str()), (1, "DE123456789", "verified"));
    let wrong = stripe.create_tax_id(&customer.id, "eu_vat", "nonsense", &key()).await;
    assert!(matches!(wrong, Err(StripeError::Refused { code, param, .. }) if code == "tax_id_invalid" && param == "value"));
    stripe.delete_tax_id(&customer.id, &tax_id.id).await.unwrap();
    stripe.delete_tax_id(&customer.id, &tax_id.id).await.unwrap();
    assert!(stripe.tax_ids(&customer.id).await.unwrap().is_empty());

    for (points, country) in [(1900, Some("DE")), (825, None), (5, None), (2050, Some("FR"))] {
        let new = NewTaxRate {
            display_name: "VAT".to_owned(),
            percentage_basis_points: points,
            country: country.map(str::to_owned),
            description: "for tests".to_owned(),
        };
        let made = stripe.create_tax_rate(&new, &key()).await.unwrap();
        assert_eq!((made.percentage_basis_points, made.country.as_deref(), made.active), (points, country, true));
    }
    assert_eq!(stripe.tax_rates().await.unwrap().len(), 4);
}

#[tokio::test]
async fn products_and_prices_by_lookup_key() {
    let double = Double::start();
    let stripe = &double.stripe;
    let names: Vec<String> = (0..12).map(|number| format!("plan_{number}")).collect();
    for name in &names {
        double.price(name, 1000, "month").await;
    }
    assert_eq!(stripe.prices(&names).await.unwrap().len(), 12);
    assert!(stripe.prices(&[]).await.unwrap().is_empty());
    let old = stripe.prices(&names[..1]).await.unwrap().remove(0);
    let facts = (old.unit_amount, old.currency.as_str(), old.interval.as_deref(), old.active);
    assert_eq!(facts, (Some(1000), "eur", Some("month"), true));
    let product = NewProduct {
        name: "New".to_owned(),
        description: "Words".to_owned(),
        metadata: HashMap::from([("a".to_owned(), "b".to_owned())]),
    };
    let product = stripe.update_product(&old.product, &product, &key()).await.unwrap();
    assert_eq!((product.name.as_str(), product.description.as_deref()), ("New", Some("Words")));
    assert_eq!(stripe.products().await.unwrap().into_iter().find(|one| one.id == old.product), Some(product.clone()));
    let new = NewPrice {
        product: product.id,
        currency: "eur".to_owned(),
        unit_amount: 1200,
        interval: "month".to_owned(),
        lookup_key: "plan_0".to_owned(),
        ..NewPrice::default()
    };
    let new = stripe.create_price(&new, &key()).await.unwrap();
    assert_eq!(stripe.prices(&names[..1]).await.unwrap(), [new]);
}
