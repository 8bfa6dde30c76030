ALTER TABLE stripe_accounts NO FORCE ROW LEVEL SECURITY;
UPDATE stripe_accounts SET left_there = left_there || jsonb_strip_nulls(jsonb_build_object(
    'noted at bank', (SELECT string_agg(one, ' ') FROM jsonb_array_elements_text(noted -> 'at_bank') one),
    'noted uncollectible', CASE WHEN noted ? 'uncollectible'
        THEN coalesce((SELECT string_agg(one, ' ') FROM jsonb_array_elements_text(noted -> 'uncollectible') one), '') END,
    'noted owed', noted ->> 'owed',
    'noted unpaid', noted ->> 'unpaid'));
ALTER TABLE stripe_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE stripe_accounts DROP COLUMN noted;
