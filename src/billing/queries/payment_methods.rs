//! Statements on payment methods, which Stripe keeps: the rows say what it has.

use diesel::prelude::*;
use uuid::Uuid;

use super::super::payment_method::PaymentMethod;
use crate::access::OrgConn;
use crate::db::schema::payment_methods;
use crate::error::Result;

/// Writes a payment method as Stripe has it.
pub fn save(org: &mut OrgConn<'_>, method: &PaymentMethod) -> Result<()> {
    let values = (
        payment_methods::brand.eq(&method.brand),
        payment_methods::last_digits.eq(&method.last_digits),
        payment_methods::expires_on.eq(method.expires_on),
        payment_methods::is_default.eq(method.is_default),
        payment_methods::added_at.eq(method.added_at),
        payment_methods::warned_at.eq(method.warned_at),
    );
    diesel::insert_into(payment_methods::table)
        .values((
            payment_methods::organization_id.eq(org.organization_id()),
            payment_methods::id.eq(method.id),
            payment_methods::stripe_id.eq(&method.stripe_id),
            values,
        ))
        .on_conflict(on_constraint())
        .do_update()
        .set(values)
        .execute(org.connection())?;
    Ok(())
}

fn on_constraint() -> diesel::upsert::OnConstraint<'static> {
    diesel::upsert::on_constraint("payment_methods_pkey")
}

/// Takes the mark of the default from whichever method has it: two cannot have it at a time.
pub fn clear_default(org: &mut OrgConn<'_>) -> Result<()> {
    diesel::update(payment_methods::table.filter(payment_methods::organization_id.eq(org.organization_id())))
        .set(payment_methods::is_default.eq(false))
        .execute(org.connection())?;
    Ok(())
}

/// Forgets a payment method that Stripe does not have any more.
pub fn delete(org: &mut OrgConn<'_>, id: Uuid) -> Result<()> {
    let mine = payment_methods::organization_id.eq(org.organization_id()).and(payment_methods::id.eq(id));
    diesel::delete(payment_methods::table.filter(mine)).execute(org.connection())?;
    Ok(())
}
