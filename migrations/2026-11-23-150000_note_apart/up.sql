-- What is only looked at for the pages stands apart from what the console sends and sets back.

ALTER TABLE stripe_accounts ADD COLUMN noted jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN stripe_accounts.noted IS 'What was seen at Stripe for the pages alone: at_bank and uncollectible (numbers of invoices), owed (minor units that the next invoice adds), unpaid (a subscription that gave the plan).';
ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
UPDATE stripe_accounts SET
    noted = jsonb_strip_nulls(jsonb_build_object(
        'at_bank', array_remove(string_to_array(left_there ->> 'noted at bank', ' '), ''),
        'uncollectible', array_remove(string_to_array(left_there ->> 'noted uncollectible', ' '), ''),
        'owed', (left_there ->> 'noted owed')::bigint,
        'unpaid', nullif(left_there ->> 'noted unpaid', ''))),
    left_there = left_there - '{noted at bank, noted uncollectible, noted owed, noted unpaid}'::text[];
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
