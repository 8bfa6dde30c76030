//! Who is invoiced: address, where invoices go, tax ids, and all that stands about it at one moment.

use diesel::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::giving::JoinedSeats;
use super::modules::Subscribed;
use super::payment_method::PaymentMethod;
use super::quote::Line;
use super::refusal::Refusal;
use super::seen::SeenAtStripe;
use super::subscription::Subscription;
use super::tax_id::{TaxId, TaxIdType};
use super::usage::{SpendingLimit, Total, month_of};
use super::vat::VatRule;
use crate::clock::Moment;
use crate::config::{Issuer, Plan};
use crate::country::Country;
use crate::db::schema::billing_accounts;
use crate::money::Currency;

/// The day on which somebody has the subscription end, among what was left at Stripe.
pub const END_PLANNED: &str = "planned end";

/// Address, recipients and credit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = billing_accounts)]
pub struct BillingAccount {
    /// The company, or the person.
    pub name: String,
    pub line1: String,
    pub line2: String,
    pub postal_code: String,
    pub city: String,
    pub region: String,
    /// Two letters; empty until it is given.
    pub country: String,
    /// Where invoices go; empty: to those who manage billing.
    pub email: String,
    /// Further addresses, which need no seat.
    pub recipients: Vec<String>,
    /// In minor units of `currency`: the next invoices take from it, and nothing that Stripe collects does.
    pub credit: i64,
    /// That of all invoices, once there was one.
    pub currency: Option<String>,
    pub trial_used_at: Option<Moment>,
    pub version: i32,
}

impl BillingAccount {
    pub fn country(&self) -> Option<Country> {
        Country::from_code(&self.country)
    }

    pub fn currency(&self) -> Option<Currency> {
        self.currency.as_deref().and_then(Currency::from_code)
    }

    /// Whether somebody can be invoiced.
    pub fn is_complete(&self) -> bool {
        [&self.name, &self.line1, &self.city, &self.country].iter().all(|part| !part.is_empty())
    }

    /// The address as it stands on a letter, without the name.
    pub fn address_lines(&self) -> Vec<String> {
        let town = [self.postal_code.as_str(), self.city.as_str()].join(" ");
        let country = self.country().map(|country| country.name().to_owned()).unwrap_or_default();
        let lines = [self.line1.clone(), self.line2.clone(), town, self.region.clone(), country];
        lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }
}

/// A tax id of who is invoiced.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaxIdRow {
    pub id: Uuid,
    pub kind: String,
    pub value: String,
    pub verification: String,
    /// The tax id at Stripe, which verifies it.
    pub stripe_id: Option<String>,
}

impl TaxIdRow {
    /// The country of a VAT number of the European Union, unless Stripe found that nobody has it.
    fn european(&self) -> Option<Country> {
        let kind = TaxIdType::from_key(&self.kind).filter(|kind| kind.is_eu_vat() && self.verification != "unverified")?;
        TaxId::parse(kind, &self.value).ok().map(|tax_id| tax_id.country())
    }

    pub fn label(&self) -> &'static str {
        TaxIdType::from_key(&self.kind).map_or("Tax id", TaxIdType::label)
    }
}

/// An invoice that waits for its payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Unpaid {
    pub id: Uuid,
    pub number: String,
    pub due_at: Moment,
    pub due: i64,
    pub currency: String,
    pub status: String,
    pub is_at_stripe: bool,
    /// Whether it is paid on a page of Stripe until it is due.
    pub is_sent: bool,
    /// When Stripe tries to collect it again.
    pub next_attempt_at: Option<Moment>,
    /// When the next step is due, after so many reminders.
    pub reminder_at: Option<Moment>,
    pub reminders: i32,
    /// How many wait in its currency, this one among them, and what they come to.
    pub count: i64,
    pub all_due: i64,
}

/// All that stands about an organization's billing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billing {
    /// The last one, which may have ended.
    pub subscription: Option<Subscription>,
    pub account: BillingAccount,
    pub tax_ids: Vec<TaxIdRow>,
    /// What stands on the next invoice already.
    pub pending: Vec<Line>,
    /// Who joined in the period that runs and is invoiced already.
    pub invoiced: Vec<JoinedSeats>,
    /// The invoice that waits longest.
    pub unpaid: Option<Unpaid>,
    /// The one that waits longest of those that are paid the other way.
    pub unpaid_otherwise: Option<Unpaid>,
    /// Use in the months that are not over.
    pub usage: Vec<Total>,
    pub limits: Vec<SpendingLimit>,
    pub stripe: SeenAtStripe,
    /// The default one first.
    pub methods: Vec<PaymentMethod>,
    /// Modules that the running subscription has beside its plan.
    pub modules: Vec<Subscribed>,
    /// The ways in which plans were to be paid that ended unpaid, and of which something is left to be given back.
    pub held_for: Vec<String>,
}

impl Billing {
    /// When the plan ends, where somebody has set a day for it at Stripe.
    pub fn ends_at(&self) -> Option<Moment> {
        let at = self.stripe.left_there.get(END_PLANNED).filter(|_| self.running().is_some_and(Subscription::is_at_stripe))?;
        at.parse().ok()
    }

    /// What Stripe charges by itself.
    pub fn default_method(&self) -> Option<&PaymentMethod> {
        self.methods.iter().find(|method| method.is_default)
    }

    /// The id at Stripe of what is charged; empty where nothing can be.
    pub fn charged(&self) -> &str {
        self.methods.first().map(|method| method.stripe_id.as_str()).unwrap_or_default()
    }

    /// The subscription that gives the organization its plan.
    pub fn running(&self) -> Option<&Subscription> {
        self.subscription.as_ref().filter(|subscription| subscription.is_running())
    }

    /// Why nothing is changed before the console has begun the next period, or written down the end, where the paid one is over.
    pub fn renew_first(&self, at: Moment) -> Option<Refusal> {
        let is_over = |current: &&Subscription| !current.is_at_stripe() && current.period_ends_at <= at;
        self.running().filter(is_over).map(|_| Refusal::Renewing)
    }

    /// Days of trial with which somebody changes to a plan now: each organization has one trial, and none beside a paid plan.
    pub fn trial_days(&self, plan: &Plan) -> i64 {
        match self.running() {
            None if self.account.trial_used_at.is_none() => plan.trial_days,
            Some(current) if current.is_trial() => plan.trial_days,
            None | Some(_) => 0,
        }
    }

    /// Use of an item in the month of a moment, if there was any.
    pub fn used(&self, item: &str, at: Moment) -> Option<&Total> {
        let (starts_at, _) = month_of(self.running(), at);
        self.usage.iter().find(|total| total.item == item && total.starts_at == starts_at)
    }

    /// What they want to spend on an item at most.
    pub fn limit(&self, item: &str) -> Option<&SpendingLimit> {
        self.limits.iter().find(|limit| limit.item == item)
    }

    /// The invoice that is due longest, if one is at that moment that is not just being collected.
    pub fn overdue(&self, at: Moment) -> Option<&Unpaid> {
        self.all_unpaid().find(|unpaid| unpaid.due_at <= at && !self.is_collected(unpaid))
    }

    /// The invoice that Stripe just collects, if there is one: what begins at once waits for it, what begins later does not.
    pub fn collected(&self) -> Option<&Unpaid> {
        self.all_unpaid().find(|unpaid| self.is_collected(unpaid))
    }

    /// Whether Stripe charges it by itself and has not failed. What is begun or changed by its payment is another matter.
    fn is_collected(&self, unpaid: &Unpaid) -> bool {
        unpaid.is_at_stripe && !unpaid.is_sent && unpaid.status == "pending" && !self.is_awaited(&unpaid.number)
    }

    /// Whether a plan, or a change of it, waits for the payment of an invoice at Stripe.
    pub fn is_awaited(&self, number: &str) -> bool {
        self.stripe.first_invoices.iter().any(|awaited| awaited == number)
    }

    /// Why nothing else is bought before an invoice is paid.
    pub fn pay_first(&self, unpaid: &Unpaid) -> Refusal {
        let number = unpaid.number.clone();
        match () {
            () if self.is_awaited(&number) => self.waits_for(number),
            () if self.is_collected(unpaid) && !self.stripe.is_at_bank(&number) => Refusal::Collected { number },
            () => Refusal::PayFirst { number },
        }
    }

    /// Why the plan and its modules stay as they are before a payment is confirmed at the bank, where one waits.
    pub fn confirm_first(&self) -> Option<Refusal> {
        self.stripe.first_invoices.first().map(|number| self.waits_for(number.clone()))
    }

    /// Says that a change waits for the payment of an invoice, or that it failed.
    pub fn waits_for(&self, number: String) -> Refusal {
        let has_failed = self.all_unpaid().any(|unpaid| unpaid.number == number && unpaid.status == "failed");
        if has_failed { Refusal::PayOrGiveUp { number } } else { Refusal::ConfirmFirst { number } }
    }

    /// What was shown with this version is still so; 0 before the first subscription.
    pub fn version(&self) -> i32 {
        self.subscription.as_ref().map_or(0, |subscription| subscription.version)
    }

    /// The VAT of their invoices.
    pub fn vat(&self, issuer: &Issuer) -> VatRule {
        let abroad = |country: Country| country.is_in_european_union() && country.code() != issuer.country;
        let has_number = self.tax_ids.iter().filter_map(TaxIdRow::european).any(abroad);
        VatRule::for_recipient(issuer, self.account.country(), has_number)
    }
}
