-- Roles are created, edited and deleted. A deleted one keeps its row, since invitations of back then name it.

ALTER TABLE roles
    ADD COLUMN withheld text[] NOT NULL DEFAULT '{}',
    ADD COLUMN changed_by text NOT NULL DEFAULT '',
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN deleted_at timestamptz;
ALTER TABLE roles NO FORCE ROW LEVEL SECURITY;
UPDATE roles SET changed_at = created_at;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
ALTER TABLE roles ALTER COLUMN changed_at SET NOT NULL;
COMMENT ON COLUMN roles.permissions IS 'Keys; also of permissions that the product has no longer, which allow nothing until they come back.';
COMMENT ON COLUMN roles.withheld IS 'Keys of permissions that the product gives to this starter role, and that were taken from it here.';
COMMENT ON COLUMN roles.changed_by IS 'Who edited it last, by name; empty before the first time.';
COMMENT ON COLUMN roles.deleted_at IS 'From then on nobody holds it and nobody can give it.';

ALTER TABLE roles DROP CONSTRAINT roles_name_unique;
CREATE UNIQUE INDEX roles_name_unique ON roles (organization_id, name_key) WHERE deleted_at IS NULL;

-- How many hold each role, kept as the counts of the organization are: counting a million members takes too long for a page.

CREATE TABLE role_holders (
    organization_id uuid NOT NULL,
    role_id uuid NOT NULL,
    active_members integer NOT NULL DEFAULT 0,
    inactive_members integer NOT NULL DEFAULT 0,
    invited_members integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT role_holders_pkey PRIMARY KEY (organization_id, role_id),
    CONSTRAINT role_holders_role_fkey FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN role_holders.version IS 'Raised whenever somebody gets the role, loses it, or has it with another status.';
COMMENT ON TABLE role_holders IS 'Members of each role by status. Kept by the trigger count_role_holders; a role that nobody ever held has no row.';
ALTER TABLE role_holders ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_holders FORCE ROW LEVEL SECURITY;
CREATE POLICY role_holders_of_organization ON role_holders USING (organization_id = (SELECT current_organization_id()));

-- Only rows whose role or status changed count: a sign-in updates a member from outside of every organization.

CREATE FUNCTION count_role_holders() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT organization_id, role_id, status, 1 AS n FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT organization_id, role_id, status, -1 AS n FROM old_rows'
        ELSE 'SELECT n.organization_id, c.role_id, c.status, c.n FROM old_rows o JOIN new_rows n USING (organization_id, id),
                LATERAL (VALUES (o.role_id, o.status, -1), (n.role_id, n.status, 1)) c (role_id, status, n)
                WHERE (o.role_id, o.status) <> (n.role_id, n.status)'
    END;
BEGIN
    EXECUTE format('INSERT INTO role_holders AS h (organization_id, role_id, active_members, inactive_members, invited_members)
        SELECT organization_id, role_id, coalesce(sum(n) FILTER (WHERE status = ''active''), 0),
            coalesce(sum(n) FILTER (WHERE status = ''inactive''), 0), coalesce(sum(n) FILTER (WHERE status = ''invited''), 0)
        FROM (%s) c GROUP BY organization_id, role_id
        ON CONFLICT ON CONSTRAINT role_holders_pkey DO UPDATE SET active_members = h.active_members + EXCLUDED.active_members,
            inactive_members = h.inactive_members + EXCLUDED.inactive_members,
            invited_members = h.invited_members + EXCLUDED.invited_members, version = h.version + 1', changes);
    RETURN NULL;
END $$;
CREATE TRIGGER members_counted_by_role_insert AFTER INSERT ON members REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_role_holders();
CREATE TRIGGER members_counted_by_role_update AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_role_holders();
CREATE TRIGGER members_counted_by_role_delete AFTER DELETE ON members REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_role_holders();

ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_holders NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_holders (organization_id, role_id, active_members, inactive_members, invited_members)
    SELECT organization_id, role_id, count(*) FILTER (WHERE status = 'active'), count(*) FILTER (WHERE status = 'inactive'),
        count(*) FILTER (WHERE status = 'invited')
    FROM members GROUP BY organization_id, role_id;
ALTER TABLE role_holders FORCE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;

-- Who has left cannot be asked any more what they could have given, so the invitation remembers.

ALTER TABLE invitations
    ADD COLUMN sender_level smallint NOT NULL DEFAULT 100,
    ADD COLUMN sender_permissions text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN invitations.sender_level IS 'The level of who sent it, when they did; 100 for an Owner, and for invitations from before this was kept.';
COMMENT ON COLUMN invitations.sender_permissions IS
    'What its sender held then: the default role is given instead of one that they may give no longer only if it is within that. Empty for an Owner, who holds everything.';
