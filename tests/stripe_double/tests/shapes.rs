//! Every route answers objects with the keys of their fixtures; the harness compares, this walks.

use super::harness::*;

#[test]
fn customers_and_what_belongs_to_them() {
    let mut api = Api::new();
    let customer = api.post("customers", "name=A&email=a@b.c&phone=1&address[city]=Bern&metadata[org]=7&balance=-100&tax_exempt=none&shipping[name]=A&shipping[address][city]=Bern");
    let customer = id(&customer);
    api.post(&format!("customers/{customer}"), "address[line1]=Street&metadata[org]=&name=B");
    let changed = api.get(&format!("customers/{customer}?expand[]=tax_ids&expand[]=subscriptions"));
    assert_eq!((changed["address"]["city"].as_str(), changed["address"]["line1"].as_str()), (Some("Bern"), Some("Street")));
    assert!(changed["metadata"].as_object().unwrap().is_empty());
    for (kind, value) in [("eu_vat", "DE123456789"), ("ch_vat", "CHE-123.456.789 MWST"), ("us_ein", "12-3456789")] {
        let tax_id = api.post(&format!("customers/{customer}/tax_ids"), &format!("type={kind}&value={value}"));
        api.get(&format!("customers/{customer}/tax_ids/{}", id(&tax_id)));
    }
    assert_eq!(api.get(&format!("customers/{customer}/tax_ids"))["data"].as_array().unwrap().len(), 3);
    api.delete(&format!("customers/{customer}/tax_ids/txi_1"), "");
    api.post(&format!("customers/{customer}/balance_transactions"), "amount=-250&currency=eur&description=d&metadata[credit]=7");
    let balances = api.get(&format!("customers/{customer}/balance_transactions"));
    assert_eq!(
        (&balances["data"][0]["ending_balance"], &balances["data"][0]["metadata"]["credit"]),
        (&(-350).into(), &"7".into())
    );
    let changed = api.get(&format!("customers/{customer}"));
    assert_eq!((&changed["balance"], &changed["currency"]), (&(-350).into(), &"eur".into()));
    let other = api.refused(&format!("customers/{customer}/balance_transactions"), "amount=-1&currency=usd");
    assert_eq!((other.0, &other.1["param"]), (400, &"currency".into()));
    let method = id(&api.post("payment_methods/pm_card_visa/attach", &format!("customer={customer}")));
    api.post(
        &format!("payment_methods/{method}"),
        "card[exp_month]=5&billing_details[name]=Ann&billing_details[address][city]=Bern",
    );
    api.get(&format!("payment_methods/{method}?expand[]=customer"));
    api.get(&format!("payment_methods?customer={customer}&type=card"));
    api.get(&format!("customers/{customer}/payment_methods"));
    api.get(&format!("customers/{customer}/payment_methods/{method}"));
    api.post(&format!("payment_methods/{method}/detach"), "");
    api.post("billing_portal/sessions", &format!("customer={customer}&return_url=http://localhost/"));
    api.get("customers?email=a@b.c");
    assert_eq!(api.delete(&format!("customers/{customer}"), "")["deleted"], true);
    assert_eq!(api.get(&format!("customers/{customer}"))["deleted"], true);
    assert!(api.events().iter().any(|event| event == "payment_method.detached"));
}

#[test]
fn catalog_and_taxes() {
    let mut api = Api::new();
    let product = id(&api.post("products", "name=Team&description=d&images[]=http://x/y.png"));
    api.post(&format!("products/{product}"), "name=Team+2&active=true");
    api.get(&format!("products/{product}"));
    api.get("products?active=true&ids[]=prod_1");
    let first =
        api.post("prices", &format!("product={product}&currency=USD&unit_amount=1000&recurring[interval]=month&lookup_key=team"));
    let taken = api
        .refused("prices", &format!("product={product}&currency=usd&unit_amount=1200&recurring[interval]=month&lookup_key=team"));
    assert_eq!(taken.0, 400);
    let second = format!(
        "product={product}&currency=usd&unit_amount=1200&recurring[interval]=month&lookup_key=team&transfer_lookup_key=true"
    );
    let second = api.post("prices", &second);
    let found = api.get("prices?lookup_keys[]=team&expand[]=data.product");
    assert_eq!(
        (found["data"][0]["id"].clone(), found["data"][0]["product"]["name"].as_str()),
        (second["id"].clone(), Some("Team 2"))
    );
    assert!(api.get(&format!("prices/{}", id(&first)))["lookup_key"].is_null());
    api.post(&format!("prices/{}", id(&second)), "active=false&nickname=old");
    api.post("prices", "product_data[name]=Once&currency=usd&unit_amount_decimal=0.5");
    let set = "name=Set&default_price_data[currency]=usd&default_price_data[unit_amount]=700&default_price_data[recurring][interval]=week";
    let with_price = api.post("products", &format!("{set}&expand[]=default_price"));
    assert_eq!(with_price["default_price"]["recurring"]["interval"], "week");
    assert_eq!(api.get("prices?active=true&type=one_time")["data"].as_array().unwrap().len(), 1);
    let rate = api.post("tax_rates", "display_name=VAT&percentage=7.7&inclusive=false&country=CH");
    assert_eq!(rate["percentage"], 7.7);
    api.post(&format!("tax_rates/{}", id(&rate)), "active=false");
    api.get("tax_rates?active=false");
    api.get(&format!("tax_rates/{}", id(&rate)));
    api.events();
}

#[test]
fn subscriptions_invoices_and_events() {
    let mut api = Api::new();
    let customer = api.customer("pm_card_visa");
    let price = api.price("Team", 1000);
    let made = api.subscription(
        &customer,
        &price,
        "items[0][quantity]=2&expand[]=latest_invoice.payments.data.payment.payment_intent&expand[]=customer",
    );
    assert_eq!(made["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]["status"], "succeeded");
    let subscription = id(&made);
    let invoice = made["latest_invoice"]["id"].as_str().unwrap().to_owned();
    api.get(&format!("subscriptions/{subscription}?expand[]=default_payment_method&expand[]=latest_invoice.confirmation_secret"));
    api.get("subscriptions?status=active&expand[]=data.latest_invoice");
    api.get(&format!("subscription_items?subscription={subscription}"));
    api.get(&format!("invoices/{invoice}"));
    api.get(&format!("invoices/{invoice}/lines"));
    api.get(&format!("invoice_payments?invoice={invoice}"));
    api.get(&format!("invoices?customer={customer}&status=paid&subscription={subscription}"));
    api.get("payment_intents/pi_1");
    api.post("invoices/create_preview", &format!("subscription={subscription}"));
    let item = id(&api.post("invoiceitems", &format!("customer={customer}&amount=500&currency=usd&description=Setup")));
    api.get(&format!("invoiceitems?customer={customer}&pending=true"));
    let draft =
        id(&api.post("invoices", &format!("customer={customer}&pending_invoice_items_behavior=include&description=Hello")));
    api.delete(&format!("invoices/{draft}"), "");
    api.get(&format!("invoiceitems/{item}"));
    let draft = id(&api.post("invoices", &format!("customer={customer}&pending_invoice_items_behavior=include")));
    api.post(&format!("invoices/{draft}/finalize"), "");
    assert_eq!(api.post(&format!("invoices/{draft}/pay"), "")["status"], "paid");
    api.delete(&format!("subscriptions/{subscription}"), "prorate=true&invoice_now=true");
    let events = api.get("events?limit=100&type=invoice.paid");
    assert!(events["data"].as_array().unwrap().len() >= 2);
    api.get("events/evt_1");
    api.events();
}

#[test]
fn setup_intents_and_sessions() {
    let mut api = Api::new();
    let customer = api.customer("");
    api.post("setup_intents", &format!("customer={customer}&payment_method=pm_card_visa&confirm=true&expand[]=payment_method"));
    api.get(&format!("setup_intents?customer={customer}"));
    let created = format!(
        "mode=setup&customer={customer}&currency=usd&success_url=http://localhost/ok?s={{CHECKOUT_SESSION_ID}}&cancel_url=http://localhost/no"
    );
    let session = id(&api.post("checkout/sessions", &created));
    api.get(&format!("checkout/sessions/{session}?expand[]=setup_intent"));
    api.get("checkout/sessions?status=open");
    assert_eq!(api.post(&format!("checkout/sessions/{session}/expire"), "")["status"], "expired");
    api.events();
}

#[test]
fn refusals_are_stripes() {
    let mut api = Api::new();
    assert_eq!(api.refused("customers", "nam=x").1["code"], "parameter_unknown");
    assert_eq!(api.refused("prices", "currency=usd").1["code"], "parameter_missing");
    assert_eq!(api.refused("subscriptions", "customer=cus_9&items[0][price]=price_9").1["code"], "resource_missing");
    let (status, answer) = api.ask("GET", "customers/cus_9", "");
    assert_eq!((status, answer["error"]["message"].as_str()), (404, Some("No such customer: 'cus_9'")));
    assert_eq!(api.ask("GET", "nothing", "").0, 404);
    let mut request = request("GET", "customers", "", "");
    for key in ["", "Bearer sk_live_1", "Basic c2tfbGl2ZTo="] {
        request.authorization = key.to_owned();
        assert_eq!(api.send(&request).status, 401, "{key}");
    }
    request.authorization = "Basic c2tfdGVzdF8xOg==".to_owned();
    assert_eq!(api.send(&request).status, 200);
    let customer = api.customer("");
    let (status, error) = api.refused("payment_methods/pm_card_chargeDeclined/attach", &format!("customer={customer}"));
    assert_eq!(
        (status, error["code"].as_str(), error["decline_code"].as_str()),
        (402, Some("card_declined"), Some("generic_decline"))
    );
    let (status, error) = api.refused("customers", "expand[]=nothing");
    assert_eq!((status, api.double.world.all("customer").len()), (400, 1), "{error}: nothing is left of it");
}
