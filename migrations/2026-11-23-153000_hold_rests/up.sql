-- A plan that ends since it is not paid leaves time that is invoiced and not used: it is given back once somebody pays.

ALTER TABLE pending_charges
    ADD COLUMN held_for text COLLATE "C",
    ADD COLUMN vat_basis_points integer,
    ADD CONSTRAINT pending_charges_held_for CHECK (held_for IN ('invoice', 'stripe'));
COMMENT ON COLUMN pending_charges.held_for IS 'The way in which a plan was to be paid that ended unpaid: it is given back once nothing from before its end is owed in that way. NULL: it stands on the next invoice.';
COMMENT ON COLUMN pending_charges.vat_basis_points IS 'VAT in hundredths of a percent, where that is not what the invoice adds.';
