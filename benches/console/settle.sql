-- The counters that triggers keep otherwise.
UPDATE organizations o SET active_members = c.active, inactive_members = c.inactive, invited_members = c.invited,
    member_limit = greatest(o.member_limit, c.active + c.invited + 100), invitations_due_at = c.due
FROM (
    SELECT organization_id, count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'inactive') AS inactive, count(*) FILTER (WHERE status = 'invited') AS invited,
        min(invitation_expires_at) AS due
    FROM members GROUP BY organization_id) c
WHERE c.organization_id = o.id;
INSERT INTO role_holders (organization_id, role_id, active_members, inactive_members, invited_members)
SELECT organization_id, role_id, count(*) FILTER (WHERE status = 'active'), count(*) FILTER (WHERE status = 'inactive'),
    count(*) FILTER (WHERE status = 'invited')
FROM members GROUP BY organization_id, role_id
ON CONFLICT ON CONSTRAINT role_holders_pkey DO UPDATE SET active_members = EXCLUDED.active_members,
    inactive_members = EXCLUDED.inactive_members, invited_members = EXCLUDED.invited_members;
