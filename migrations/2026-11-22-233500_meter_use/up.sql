-- Metered use: what the product reports, counted by the month of the organization.

CREATE TABLE usage_reports (
    organization_id uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    idempotency_hash bytea NOT NULL,
    quantity bigint NOT NULL,
    reported_at timestamptz NOT NULL,
    CONSTRAINT usage_reports_pkey PRIMARY KEY (organization_id, item, idempotency_hash),
    CONSTRAINT usage_reports_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT usage_reports_quantity CHECK (quantity > 0)
);
CREATE INDEX usage_reports_by_age ON usage_reports (reported_at);
COMMENT ON TABLE usage_reports IS 'Reports of the last 60 days, so that one that is sent again counts once.';
COMMENT ON COLUMN usage_reports.idempotency_hash IS 'SHA-256 of what the product calls the report.';

CREATE TABLE usage_totals (
    organization_id uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    quantity bigint NOT NULL,
    warned_percent smallint NOT NULL DEFAULT 0,
    is_closed boolean NOT NULL DEFAULT false,
    CONSTRAINT usage_totals_pkey PRIMARY KEY (organization_id, item, starts_at),
    CONSTRAINT usage_totals_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT usage_totals_month CHECK (starts_at < ends_at)
);
CREATE INDEX usage_totals_open ON usage_totals (organization_id, ends_at) WHERE NOT is_closed;
COMMENT ON TABLE usage_totals IS 'Use of an item in a month of the organization: one of its subscription, else of the calendar.';
COMMENT ON COLUMN usage_totals.warned_percent IS 'Up to which part of the limit somebody was warned: 50, 80 or 100.';
COMMENT ON COLUMN usage_totals.is_closed IS 'Whether the month is over and what was beyond the included amount is on an invoice.';

CREATE TABLE usage_limits (
    organization_id uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    stops boolean NOT NULL,
    CONSTRAINT usage_limits_pkey PRIMARY KEY (organization_id, item),
    CONSTRAINT usage_limits_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT usage_limits_amount CHECK (amount >= 0)
);
COMMENT ON TABLE usage_limits IS 'What an organization wants to spend on an item a month at most, beyond what its plan includes.';
COMMENT ON COLUMN usage_limits.amount IS 'In minor units, without VAT; 0: nothing beyond what is included.';
COMMENT ON COLUMN usage_limits.stops IS 'Whether the product is told to stop when it is reached.';

ALTER TABLE organizations ADD COLUMN stopped_items text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN organizations.stopped_items IS 'Metered items whose limit is reached and that are to stop then, for who verifies keys.';

CREATE TABLE usage_days (
    organization_id uuid NOT NULL,
    item text COLLATE "C" NOT NULL,
    day date NOT NULL,
    key_id uuid NOT NULL,
    member_id uuid NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT usage_days_pkey PRIMARY KEY (organization_id, item, day, key_id, member_id),
    CONSTRAINT usage_days_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE
);
COMMENT ON TABLE usage_days IS 'Use of an item by day (UTC), key and member, for the chart.';
COMMENT ON COLUMN usage_days.key_id IS 'The key that it was used by, of this organization; all zeros where the report names none.';
COMMENT ON COLUMN usage_days.member_id IS 'The member who used it; all zeros where the report names none.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['usage_reports', 'usage_totals', 'usage_limits', 'usage_days'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON %I USING (organization_id = (SELECT current_organization_id()))', name || '_of_organization', name);
    END LOOP;
END $$;
CREATE POLICY usage_reports_ended ON usage_reports
    USING ((SELECT current_organization_id()) IS NULL AND reported_at <= now() - interval '60 days') WITH CHECK (false);
COMMENT ON POLICY usage_reports_ended ON usage_reports IS 'Outside every organization the upkeep sees what it deletes.';
