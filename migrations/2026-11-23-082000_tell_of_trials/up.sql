-- The recipients are told before a trial ends, once.

ALTER TABLE subscriptions ADD COLUMN trial_told_at timestamptz;
COMMENT ON COLUMN subscriptions.trial_told_at IS 'When the recipients were told that a trial ends; one from before started_at was of an earlier trial.';

-- The upkeep sees the trials that run already.

ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY;
UPDATE organizations o SET billing_due_at = LEAST(o.billing_due_at, s.period_ends_at - interval '3 days')
    FROM subscriptions s WHERE s.organization_id = o.id AND s.status = 'trialing';
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
