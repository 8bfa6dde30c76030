ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
UPDATE stripe_accounts SET left_there = left_there || jsonb_build_object('first invoices', array_to_string(first_invoices, ' '));
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN stripe_accounts.other_subscriptions IS 'Subscriptions that Stripe charges besides the one that gives the plan: somebody made them there.';
ALTER TABLE stripe_accounts DROP COLUMN first_invoices;
