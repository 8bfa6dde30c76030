DELETE FROM pending_charges WHERE held_for IS NOT NULL;
ALTER TABLE pending_charges DROP COLUMN vat_basis_points, DROP COLUMN held_for;
