ALTER TABLE billing_accounts
    DROP COLUMN tell_seats_at,
    DROP COLUMN amount_to_tell,
    DROP COLUMN seats_to_tell;
