DELETE FROM pending_charges WHERE is_held;
ALTER TABLE pending_charges DROP COLUMN vat_basis_points, DROP COLUMN is_held;
