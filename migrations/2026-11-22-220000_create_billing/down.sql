-- Who still holds the starter role keeps it, as a custom one.

ALTER TABLE roles NO FORCE ROW LEVEL SECURITY;
UPDATE roles SET starter = NULL WHERE starter = 'billing';
ALTER TABLE roles FORCE ROW LEVEL SECURITY;

DROP TABLE invoice_numbers;
DROP TABLE payments;
DROP TABLE pending_charges;
DROP TABLE invoice_lines;
DROP TABLE invoices;
DROP TABLE tax_ids;
DROP TABLE billing_accounts;
DROP TABLE subscriptions;
ALTER TABLE organizations DROP COLUMN billing_due_at, DROP COLUMN granted_slots, DROP COLUMN next_plan, DROP COLUMN plan;
