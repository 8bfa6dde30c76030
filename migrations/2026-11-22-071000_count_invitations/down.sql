DROP TRIGGER invitations_counted_insert ON invitations;
DROP TRIGGER invitations_counted_update ON invitations;
DROP TRIGGER invitations_counted_delete ON invitations;
DROP FUNCTION count_invitations();
ALTER TABLE organizations DROP COLUMN pending_invitations, DROP COLUMN accepted_invitations, DROP COLUMN expired_invitations,
    DROP COLUMN revoked_invitations, DROP COLUMN declined_invitations;
