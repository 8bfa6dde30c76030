-- Billing: what an organization subscribes to, what it is invoiced, and to whom. Amounts are whole minor units (cents) of
-- the currency beside them.

ALTER TABLE organizations
    ADD COLUMN plan text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN next_plan text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN granted_slots integer,
    ADD COLUMN billing_due_at timestamptz;
UPDATE organizations SET granted_slots = member_limit WHERE member_limit <> 10;
CREATE INDEX organizations_billing_due ON organizations (billing_due_at) WHERE billing_due_at IS NOT NULL;
CREATE INDEX organizations_by_plan ON organizations (plan) WHERE plan <> '';
CREATE INDEX organizations_by_next_plan ON organizations (next_plan) WHERE next_plan <> '';
COMMENT ON COLUMN organizations.plan IS 'Key of the plan in the file of plans, by which features open; empty until it subscribes, and after that has ended.';
COMMENT ON COLUMN organizations.next_plan IS 'Key of the plan that it becomes when the paid period ends; empty where none is planned. Both have to be in the file.';
COMMENT ON COLUMN organizations.granted_slots IS 'Member slots that the operator gives at least, whatever the plan; null where the plan alone decides.';
COMMENT ON COLUMN organizations.billing_due_at IS 'When the next invoice, reminder or end of a subscription is due, or earlier: the upkeep looks no further than this.';

CREATE TABLE subscriptions (
    organization_id uuid NOT NULL,
    plan text COLLATE "C" NOT NULL,
    plan_name text NOT NULL,
    cycle text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    unit_amount bigint NOT NULL,
    is_per_member boolean NOT NULL,
    seats integer NOT NULL,
    vat_basis_points integer NOT NULL DEFAULT 0,
    status text COLLATE "C" NOT NULL,
    anchor_at timestamptz NOT NULL,
    period_starts_at timestamptz NOT NULL,
    period_ends_at timestamptz NOT NULL,
    next_plan text COLLATE "C",
    next_cycle text COLLATE "C",
    next_unit_amount bigint,
    ends_at_period_end boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT subscriptions_pkey PRIMARY KEY (organization_id),
    CONSTRAINT subscriptions_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT subscriptions_cycle CHECK (cycle IN ('month', 'year') AND next_cycle IN ('month', 'year')),
    CONSTRAINT subscriptions_status CHECK (status IN ('trialing', 'active', 'past_due', 'cancelled')),
    CONSTRAINT subscriptions_ended CHECK ((status = 'cancelled') = (ended_at IS NOT NULL)),
    CONSTRAINT subscriptions_amounts CHECK (unit_amount >= 0 AND next_unit_amount >= 0 AND seats >= 1),
    CONSTRAINT subscriptions_period CHECK (period_starts_at < period_ends_at),
    CONSTRAINT subscriptions_next CHECK (num_nulls(next_plan, next_cycle, next_unit_amount) IN (0, 3))
);
COMMENT ON TABLE subscriptions IS 'What an organization pays for, one row each; one that has ended stays, cancelled.';
COMMENT ON COLUMN subscriptions.plan_name IS 'The name when it was subscribed to, for the lines of invoices.';
COMMENT ON COLUMN subscriptions.unit_amount IS 'Price of a cycle, for each seat or as a whole. Who subscribed keeps it until they change the plan, whatever the file says by then.';
COMMENT ON COLUMN subscriptions.seats IS 'Seats paid in this period: most active members since it began. 1 where the price is not for each member.';
COMMENT ON COLUMN subscriptions.vat_basis_points IS 'VAT that the current period was invoiced with: what is not used of it is given back with the same.';
COMMENT ON COLUMN subscriptions.anchor_at IS 'The moment whose day and time of day every period begins at.';
COMMENT ON COLUMN subscriptions.period_ends_at IS 'When the next period is invoiced; the end of the trial, while it lasts.';
COMMENT ON COLUMN subscriptions.next_plan IS 'What it becomes when the period ends.';
COMMENT ON COLUMN subscriptions.version IS 'Raised by every change, so that what somebody confirms is what they were shown.';

CREATE TABLE billing_accounts (
    organization_id uuid NOT NULL,
    name text NOT NULL DEFAULT '',
    line1 text NOT NULL DEFAULT '',
    line2 text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '',
    country text COLLATE "C" NOT NULL DEFAULT '',
    email text COLLATE "C" NOT NULL DEFAULT '',
    recipients text[] NOT NULL DEFAULT '{}',
    credit bigint NOT NULL DEFAULT 0,
    currency text COLLATE "C",
    trial_used_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT billing_accounts_pkey PRIMARY KEY (organization_id),
    CONSTRAINT billing_accounts_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT billing_accounts_credit CHECK (credit >= 0 AND (credit = 0 OR currency IS NOT NULL))
);
COMMENT ON TABLE billing_accounts IS 'Who is invoiced: address, where invoices go, and what they have to their credit.';
COMMENT ON COLUMN billing_accounts.recipients IS 'Further addresses that get invoices and notices; they need no seat.';
COMMENT ON COLUMN billing_accounts.credit IS 'What was paid for and not used, VAT included: the next invoices take from it.';
COMMENT ON COLUMN billing_accounts.currency IS 'That of the first invoice, and from then on of all.';

CREATE TABLE tax_ids (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    verification text COLLATE "C" NOT NULL DEFAULT 'unchecked',
    created_at timestamptz NOT NULL,
    CONSTRAINT tax_ids_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT tax_ids_account_fkey FOREIGN KEY (organization_id) REFERENCES billing_accounts (organization_id) ON DELETE CASCADE,
    CONSTRAINT tax_ids_value_unique UNIQUE (organization_id, kind, value),
    CONSTRAINT tax_ids_verification CHECK (verification IN ('unchecked', 'pending', 'verified', 'unverified', 'unavailable'))
);
COMMENT ON TABLE tax_ids IS 'Tax ids of who is invoiced, in the kinds that Stripe names.';
COMMENT ON COLUMN tax_ids.verification IS 'unchecked: only its form was; the others are what Stripe says.';

CREATE TABLE invoices (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    issued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    currency text COLLATE "C" NOT NULL,
    net bigint NOT NULL,
    vat_basis_points integer NOT NULL,
    vat bigint NOT NULL,
    credit_used bigint NOT NULL,
    due bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    paid_at timestamptz,
    document jsonb NOT NULL,
    reminder_at timestamptz,
    reminders integer NOT NULL DEFAULT 0,
    CONSTRAINT invoices_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT invoices_number_unique UNIQUE (number),
    CONSTRAINT invoices_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT invoices_status CHECK (status IN ('pending', 'paid', 'failed')),
    CONSTRAINT invoices_paid CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    CONSTRAINT invoices_sum CHECK (due = greatest(net + vat - credit_used, 0) AND credit_used >= 0)
);
CREATE INDEX invoices_by_issued ON invoices (organization_id, issued_at, id);
CREATE INDEX invoices_pending ON invoices (organization_id, due_at, id) WHERE status <> 'paid';
CREATE INDEX invoices_reminders ON invoices (organization_id, reminder_at) WHERE reminder_at IS NOT NULL;
COMMENT ON TABLE invoices IS 'Invoices, and credit notes where net is below zero. Never changed but for being paid.';
COMMENT ON COLUMN invoices.number IS 'Without gaps over all organizations: see invoice_numbers.';
COMMENT ON COLUMN invoices.vat_basis_points IS 'Hundredths of a percent.';
COMMENT ON COLUMN invoices.document IS 'Every word on it, as it was issued: what is rendered as PDF.';
COMMENT ON COLUMN invoices.reminder_at IS 'When somebody is reminded, or the plan ends because nobody paid.';

CREATE TABLE invoice_lines (
    organization_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    position integer NOT NULL,
    description text NOT NULL,
    quantity integer NOT NULL,
    unit_amount bigint NOT NULL,
    amount bigint NOT NULL,
    vat_basis_points integer NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    CONSTRAINT invoice_lines_pkey PRIMARY KEY (organization_id, invoice_id, position),
    CONSTRAINT invoice_lines_invoice_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE invoice_lines IS 'What an invoice is for.';
COMMENT ON COLUMN invoice_lines.amount IS 'Of the time from from_at to to_at; below zero for time that was paid and not used.';

CREATE TABLE pending_charges (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    description text NOT NULL,
    quantity integer NOT NULL,
    unit_amount bigint NOT NULL,
    amount bigint NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    CONSTRAINT pending_charges_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT pending_charges_subscription_fkey FOREIGN KEY (organization_id) REFERENCES subscriptions (organization_id) ON DELETE CASCADE
);
COMMENT ON TABLE pending_charges IS 'What stands on the next invoice already: members who joined within a period.';

CREATE TABLE payments (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    at timestamptz NOT NULL,
    amount bigint NOT NULL,
    method text NOT NULL,
    note text NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT payments_invoice_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX payments_by_time ON payments (organization_id, at, id);
CREATE INDEX payments_of_invoice ON payments (organization_id, invoice_id);
COMMENT ON TABLE payments IS 'Money that came in for an invoice, and from where.';

CREATE TABLE invoice_numbers (
    prefix text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT invoice_numbers_pkey PRIMARY KEY (prefix)
);
COMMENT ON TABLE invoice_numbers IS 'The last number given out. Its row is locked by whoever issues an invoice, and rolled back with it, so numbers have no gaps.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['subscriptions', 'billing_accounts', 'tax_ids', 'invoices', 'invoice_lines', 'pending_charges', 'payments'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = (SELECT current_organization_id()))', name || '_of_organization', name);
    END LOOP;
END $$;

-- The starter role Billing, for organizations from before it; one that has a role of this name keeps that.

ALTER TABLE roles NO FORCE ROW LEVEL SECURITY;
INSERT INTO roles (organization_id, id, name, name_key, description, level, starter, permissions, created_at, changed_at)
    SELECT o.id, gen_random_uuid(), 'Billing', 'billing', 'Looks after plan, invoices and billing details.', 20, 'billing',
        ARRAY['billing.view', 'billing.manage'], now(), now()
    FROM organizations o
    WHERE NOT EXISTS (SELECT FROM roles r WHERE r.organization_id = o.id AND r.name_key = 'billing' AND r.deleted_at IS NULL);
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
