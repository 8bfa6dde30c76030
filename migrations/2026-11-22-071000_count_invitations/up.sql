-- The counts on the tabs of the list of invitations, kept as those of members are.

ALTER TABLE organizations
    ADD COLUMN pending_invitations integer NOT NULL DEFAULT 0,
    ADD COLUMN accepted_invitations integer NOT NULL DEFAULT 0,
    ADD COLUMN expired_invitations integer NOT NULL DEFAULT 0,
    ADD COLUMN revoked_invitations integer NOT NULL DEFAULT 0,
    ADD COLUMN declined_invitations integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN organizations.pending_invitations IS
    'Kept by the trigger count_invitations, as are the other counts of invitations. Holds those past their time until the upkeep comes by.';

CREATE FUNCTION count_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT organization_id, status, 1 AS n FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT organization_id, status, -1 AS n FROM old_rows'
        ELSE 'SELECT n.organization_id, c.status, c.n FROM old_rows o JOIN new_rows n USING (organization_id, id),
                LATERAL (VALUES (o.status, -1), (n.status, 1)) c (status, n) WHERE o.status <> n.status'
    END;
BEGIN
    EXECUTE format('UPDATE organizations o SET pending_invitations = o.pending_invitations + d.pending,
            accepted_invitations = o.accepted_invitations + d.accepted, expired_invitations = o.expired_invitations + d.expired,
            revoked_invitations = o.revoked_invitations + d.revoked, declined_invitations = o.declined_invitations + d.declined
        FROM (SELECT organization_id, coalesce(sum(n) FILTER (WHERE status = ''pending''), 0) AS pending,
                coalesce(sum(n) FILTER (WHERE status = ''accepted''), 0) AS accepted,
                coalesce(sum(n) FILTER (WHERE status = ''expired''), 0) AS expired,
                coalesce(sum(n) FILTER (WHERE status = ''revoked''), 0) AS revoked,
                coalesce(sum(n) FILTER (WHERE status = ''declined''), 0) AS declined
            FROM (%s) c GROUP BY organization_id) d
        WHERE o.id = d.organization_id', changes);
    RETURN NULL;
END $$;
CREATE TRIGGER invitations_counted_insert AFTER INSERT ON invitations REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();
CREATE TRIGGER invitations_counted_update AFTER UPDATE ON invitations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();
CREATE TRIGGER invitations_counted_delete AFTER DELETE ON invitations REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();

ALTER TABLE invitations NO FORCE ROW LEVEL SECURITY;
UPDATE organizations o SET pending_invitations = c.pending, accepted_invitations = c.accepted, expired_invitations = c.expired,
        revoked_invitations = c.revoked, declined_invitations = c.declined
    FROM (SELECT organization_id, count(*) FILTER (WHERE status = 'pending') AS pending,
            count(*) FILTER (WHERE status = 'accepted') AS accepted, count(*) FILTER (WHERE status = 'expired') AS expired,
            count(*) FILTER (WHERE status = 'revoked') AS revoked, count(*) FILTER (WHERE status = 'declined') AS declined
        FROM invitations GROUP BY organization_id) c
    WHERE o.id = c.organization_id;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
