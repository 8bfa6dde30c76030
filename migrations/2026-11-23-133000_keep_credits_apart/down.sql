ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE billing_accounts NO FORCE ROW LEVEL SECURITY;
UPDATE billing_accounts b SET credit = b.credit + s.credit FROM stripe_accounts s
    WHERE s.organization_id = b.organization_id AND s.credit > 0 AND b.currency IS NOT NULL;
ALTER TABLE billing_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN billing_accounts.credit IS 'What was paid for and not used, VAT included: the next invoices take from it.';
ALTER TABLE stripe_accounts DROP COLUMN moving_credit, DROP COLUMN credit;
