-- A plan that ends since it is not paid leaves time that is invoiced and not used: it is given back once somebody pays.

ALTER TABLE pending_charges
    ADD COLUMN is_held boolean NOT NULL DEFAULT false,
    ADD COLUMN vat_basis_points integer;
COMMENT ON COLUMN pending_charges.is_held IS 'Whether it is given back only once nothing of a plan that ended unpaid is owed any more.';
COMMENT ON COLUMN pending_charges.vat_basis_points IS 'VAT in hundredths of a percent, where that is not what the invoice adds.';
