-- Modules: what an organization subscribes to beside its plan, each opening permissions of the product.

CREATE TABLE subscription_modules (
    organization_id uuid NOT NULL,
    module text COLLATE "C" NOT NULL,
    name text NOT NULL,
    unit_amount bigint NOT NULL,
    is_per_member boolean NOT NULL,
    seats integer NOT NULL,
    vat_basis_points integer NOT NULL DEFAULT 0,
    starts_at timestamptz NOT NULL,
    ends_at_period_end boolean NOT NULL DEFAULT false,
    next_unit_amount bigint,
    CONSTRAINT subscription_modules_pkey PRIMARY KEY (organization_id, module),
    CONSTRAINT subscription_modules_subscription_fkey FOREIGN KEY (organization_id) REFERENCES subscriptions (organization_id) ON DELETE CASCADE,
    CONSTRAINT subscription_modules_amounts CHECK (unit_amount >= 0 AND next_unit_amount >= 0 AND seats >= 1)
);
COMMENT ON TABLE subscription_modules IS 'Modules that an organization subscribes to, in the period, cycle and currency of its subscription; one that ends is deleted.';
COMMENT ON COLUMN subscription_modules.module IS 'Key of the module in the file of plans.';
COMMENT ON COLUMN subscription_modules.name IS 'The name when it was subscribed to, for the lines of invoices.';
COMMENT ON COLUMN subscription_modules.unit_amount IS 'Price of a cycle, for each seat or as a whole. Who subscribed keeps it, whatever the file says by then.';
COMMENT ON COLUMN subscription_modules.seats IS 'Seats paid in this period: most active members since it began. 1 where the price is not for each member.';
COMMENT ON COLUMN subscription_modules.vat_basis_points IS 'VAT that the current period was invoiced with: what is not used of it is given back with the same.';
COMMENT ON COLUMN subscription_modules.ends_at_period_end IS 'Whether it was cancelled: it ends with the paid period.';
COMMENT ON COLUMN subscription_modules.next_unit_amount IS 'Price of a cycle from the next period on, where a change to another cycle is planned.';
ALTER TABLE subscription_modules ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription_modules FORCE ROW LEVEL SECURITY;
CREATE POLICY subscription_modules_of_organization ON subscription_modules
    USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE organizations ADD COLUMN modules text[] NOT NULL DEFAULT '{}';
CREATE INDEX organizations_with_modules ON organizations (id) WHERE modules <> '{}';
COMMENT ON COLUMN organizations.modules IS 'Keys of the modules that it subscribes to, by which permissions of the product open, for every look-up; those that its plan includes stand in the file of plans.';
