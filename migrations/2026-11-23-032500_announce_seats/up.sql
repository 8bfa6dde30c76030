-- Seats that were added within an hour are told to the recipients in one mail.

ALTER TABLE billing_accounts
    ADD COLUMN seats_to_tell integer NOT NULL DEFAULT 0,
    ADD COLUMN amount_to_tell bigint NOT NULL DEFAULT 0,
    ADD COLUMN tell_seats_at timestamptz,
    ADD CONSTRAINT billing_accounts_seats_to_tell CHECK ((seats_to_tell > 0) = (tell_seats_at IS NOT NULL));
COMMENT ON COLUMN billing_accounts.seats_to_tell IS 'Seats that were added and that the recipients do not know of yet.';
COMMENT ON COLUMN billing_accounts.amount_to_tell IS 'What they cost on the next invoice, without VAT.';
COMMENT ON COLUMN billing_accounts.tell_seats_at IS 'When the recipients are told of them; null where there are none.';
