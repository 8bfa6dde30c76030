-- What was paid too much by invoice, and what Stripe holds, are two credits: each is spent by its own way alone.

ALTER TABLE stripe_accounts
    ADD COLUMN credit bigint NOT NULL DEFAULT 0,
    ADD COLUMN moving_credit jsonb,
    ADD CONSTRAINT stripe_accounts_credit CHECK (credit >= 0);
COMMENT ON COLUMN stripe_accounts.credit IS 'What Stripe holds to their credit, as it was seen last, in minor units of the currency of their invoices: payments by Stripe take from it.';
COMMENT ON COLUMN stripe_accounts.moving_credit IS 'Credit of the invoice way on its way to their balance at Stripe: its id there, amount and currency. NULL where none is.';
COMMENT ON COLUMN billing_accounts.credit IS 'What was paid for by invoice and not used, VAT included: the next invoices take from it. What Stripe holds is not in it.';

-- Looks at Stripe wrote its balance over the credit of the invoice way, which their own invoices still tell.
ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY;
UPDATE stripe_accounts s SET credit = b.credit
    FROM billing_accounts b, organizations o
    WHERE b.organization_id = s.organization_id AND o.id = s.organization_id AND o.stripe_customer IS NOT NULL AND s.applied_ticket > 0;
UPDATE billing_accounts b SET credit = greatest(0, coalesce((
        SELECT sum(greatest(0, -(i.net + i.vat)) - i.credit_used) FROM invoices i
        WHERE i.organization_id = b.organization_id AND i.stripe_id IS NULL), 0))
    FROM stripe_accounts s WHERE s.organization_id = b.organization_id AND s.applied_ticket > 0;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
