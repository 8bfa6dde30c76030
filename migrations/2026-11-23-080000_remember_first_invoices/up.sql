-- The numbers of first invoices are no drift: they leave what is compared with the last look.

ALTER TABLE stripe_accounts ADD COLUMN first_invoices text[] NOT NULL DEFAULT '{}';
ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
UPDATE stripe_accounts
    SET first_invoices = array_remove(string_to_array(coalesce(left_there ->> 'first invoices', ''), ' '), ''),
        left_there = left_there - 'first invoices';
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN stripe_accounts.first_invoices IS 'Numbers of the invoices whose payment begins a subscription, as they were seen last.';
COMMENT ON COLUMN stripe_accounts.other_subscriptions IS 'What Stripe charges besides the plan and its modules, by ids; amounts on the next invoice with what they are for: somebody made them there.';
