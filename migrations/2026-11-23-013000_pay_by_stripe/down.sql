DROP INDEX invoices_pending;
CREATE INDEX invoices_pending ON invoices (organization_id, due_at, id) WHERE status <> 'paid';
DELETE FROM invoices WHERE stripe_id IS NOT NULL;
ALTER TABLE invoices
    DROP CONSTRAINT invoices_document,
    DROP CONSTRAINT invoices_sum,
    DROP CONSTRAINT invoices_status,
    DROP COLUMN next_attempt_at,
    DROP COLUMN attempts,
    DROP COLUMN stripe_id,
    ALTER COLUMN document SET NOT NULL,
    ADD CONSTRAINT invoices_status CHECK (status IN ('pending', 'paid', 'failed')),
    ADD CONSTRAINT invoices_sum CHECK (due = greatest(net + vat - credit_used, 0) AND credit_used >= 0);
ALTER TABLE pending_charges DROP COLUMN stripe_id;
ALTER TABLE tax_ids DROP COLUMN stripe_id;
ALTER TABLE subscriptions DROP COLUMN stripe_id;
DROP TABLE payment_methods;
DROP TABLE stripe_events;
DROP TABLE stripe_accounts;
DROP TRIGGER tell_stripe_of_members ON organizations;
DROP FUNCTION tell_stripe_of_members;
ALTER TABLE organizations
    DROP COLUMN stripe_due_at,
    DROP COLUMN stripe_customer;
