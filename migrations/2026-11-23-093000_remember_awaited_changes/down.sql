ALTER TABLE stripe_accounts DROP COLUMN awaited_change;
