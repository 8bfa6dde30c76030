-- Payment by Stripe: Stripe's objects are the truth, and these rows are what the console last saw of them.

ALTER TABLE organizations
    ADD COLUMN stripe_customer text COLLATE "C",
    ADD COLUMN stripe_due_at timestamptz;
CREATE UNIQUE INDEX organizations_by_stripe_customer ON organizations (stripe_customer) WHERE stripe_customer IS NOT NULL;
CREATE INDEX organizations_stripe_due ON organizations (stripe_due_at) WHERE stripe_due_at IS NOT NULL;
COMMENT ON COLUMN organizations.stripe_customer IS 'Id of its customer at Stripe, by which events find it; null until something is paid or kept there.';
COMMENT ON COLUMN organizations.stripe_due_at IS 'When the console is to compare its rows with Stripe next; null without a customer.';

-- Whoever joins or leaves changes what Stripe is to charge for, whichever way they take.
CREATE FUNCTION tell_stripe_of_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.stripe_due_at := least(NEW.stripe_due_at, now());
    RETURN NEW;
END $$;
CREATE TRIGGER tell_stripe_of_members BEFORE UPDATE OF active_members ON organizations FOR EACH ROW
    WHEN (NEW.stripe_customer IS NOT NULL AND NEW.active_members <> OLD.active_members)
    EXECUTE FUNCTION tell_stripe_of_members();

CREATE TABLE stripe_accounts (
    organization_id uuid NOT NULL,
    last_ticket bigint NOT NULL DEFAULT 0,
    applied_ticket bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    lease uuid,
    checked_at timestamptz,
    failing_since timestamptz,
    failures integer NOT NULL DEFAULT 0,
    repaired text[] NOT NULL DEFAULT '{}',
    repaired_at timestamptz,
    sent_details text COLLATE "C" NOT NULL DEFAULT '',
    CONSTRAINT stripe_accounts_pkey PRIMARY KEY (organization_id),
    CONSTRAINT stripe_accounts_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT stripe_accounts_tickets CHECK (applied_ticket <= last_ticket),
    CONSTRAINT stripe_accounts_lease CHECK ((lease IS NULL) = (leased_until IS NULL))
);
COMMENT ON TABLE stripe_accounts IS 'How an organization stands with Stripe: what was asked and applied last.';
COMMENT ON COLUMN stripe_accounts.last_ticket IS 'Counts events and looks at Stripe together, in the order in which they began.';
COMMENT ON COLUMN stripe_accounts.applied_ticket IS 'The latest look that was written down: an earlier one is never written after it, and events before it are covered by it.';
COMMENT ON COLUMN stripe_accounts.leased_until IS 'Until then one worker or form talks with Stripe about this organization, and nobody else.';
COMMENT ON COLUMN stripe_accounts.checked_at IS 'When everything was last compared with Stripe.';
COMMENT ON COLUMN stripe_accounts.failing_since IS 'Since when Stripe could not be asked; null while it can.';
COMMENT ON COLUMN stripe_accounts.repaired IS 'What the last comparison that found a difference has put right, in words.';
COMMENT ON COLUMN stripe_accounts.sent_details IS 'Hash of the billing details that Stripe was sent last.';

CREATE TABLE stripe_events (
    organization_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    ticket bigint NOT NULL,
    CONSTRAINT stripe_events_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT stripe_events_account_fkey FOREIGN KEY (organization_id) REFERENCES stripe_accounts (organization_id) ON DELETE CASCADE
);
CREATE INDEX stripe_events_by_organization ON stripe_events (organization_id, ticket);
COMMENT ON TABLE stripe_events IS 'Events of Stripe, each once. One is applied when a look at Stripe with a higher ticket was written down.';

CREATE TABLE payment_methods (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    stripe_id text COLLATE "C" NOT NULL,
    brand text NOT NULL,
    last_digits text COLLATE "C" NOT NULL,
    expires_on date,
    is_default boolean NOT NULL,
    added_at timestamptz NOT NULL,
    warned_at timestamptz,
    CONSTRAINT payment_methods_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT payment_methods_stripe_unique UNIQUE (organization_id, stripe_id),
    CONSTRAINT payment_methods_account_fkey FOREIGN KEY (organization_id) REFERENCES stripe_accounts (organization_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX payment_methods_one_default ON payment_methods (organization_id) WHERE is_default;
COMMENT ON TABLE payment_methods IS 'Cards and accounts that Stripe keeps: what is shown of them, never a number.';
COMMENT ON COLUMN payment_methods.expires_on IS 'First day on which it does not work any more; null for one that does not expire.';
COMMENT ON COLUMN payment_methods.warned_at IS 'When somebody was told that it expires.';

ALTER TABLE subscriptions ADD COLUMN stripe_id text COLLATE "C";
COMMENT ON COLUMN subscriptions.stripe_id IS 'The subscription at Stripe; null where it is paid by invoice.';

ALTER TABLE tax_ids ADD COLUMN stripe_id text COLLATE "C";
COMMENT ON COLUMN tax_ids.stripe_id IS 'The tax id at Stripe, which verifies it; null where nobody does.';

ALTER TABLE pending_charges ADD COLUMN stripe_id text COLLATE "C";
COMMENT ON COLUMN pending_charges.stripe_id IS 'The invoice item at Stripe, once it stands there; it goes when Stripe has invoiced it.';

ALTER TABLE invoices
    ALTER COLUMN document DROP NOT NULL,
    ADD COLUMN stripe_id text COLLATE "C",
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz,
    DROP CONSTRAINT invoices_status,
    DROP CONSTRAINT invoices_sum,
    ADD CONSTRAINT invoices_status CHECK (status IN ('pending', 'paid', 'failed', 'void')),
    ADD CONSTRAINT invoices_sum CHECK (stripe_id IS NOT NULL OR (due = greatest(net + vat - credit_used, 0) AND credit_used >= 0)),
    ADD CONSTRAINT invoices_document CHECK ((document IS NULL) = (stripe_id IS NOT NULL));
CREATE UNIQUE INDEX invoices_by_stripe ON invoices (organization_id, stripe_id) WHERE stripe_id IS NOT NULL;
DROP INDEX invoices_pending;
CREATE INDEX invoices_pending ON invoices (organization_id, due_at, id) WHERE status IN ('pending', 'failed');
COMMENT ON COLUMN invoices.stripe_id IS 'The invoice at Stripe, which has its document and sums; null where the console issued it.';
COMMENT ON COLUMN invoices.attempts IS 'How often Stripe tried to collect it.';
COMMENT ON COLUMN invoices.next_attempt_at IS 'When Stripe tries again; null where it does not.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stripe_accounts', 'stripe_events', 'payment_methods'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = (SELECT current_organization_id()))', name || '_of_organization', name);
    END LOOP;
END $$;
