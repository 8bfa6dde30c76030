ALTER TABLE subscriptions DROP COLUMN trial_told_at;
