-- What others change at Stripe is told from what goes on there by the console: the one is set back and said.

ALTER TABLE stripe_accounts
    ADD COLUMN left_there jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN other_subscriptions text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN stripe_accounts.left_there IS 'What stood at Stripe, of that which the console decides, when it was looked at last: texts by their names.';
COMMENT ON COLUMN stripe_accounts.other_subscriptions IS 'Subscriptions that Stripe charges besides the one that gives the plan: somebody made them there.';
