-- What comes of a change once its payment is confirmed at the bank is remembered until then.

ALTER TABLE stripe_accounts ADD COLUMN awaited_change jsonb;
COMMENT ON COLUMN stripe_accounts.awaited_change IS 'The change that waits for the bank: its subscription, the latest invoice of before, its own invoice, and what it does with that which is planned for the next period once it is paid. NULL where none waits.';
