ALTER TABLE stripe_accounts
    DROP COLUMN other_subscriptions,
    DROP COLUMN left_there;
