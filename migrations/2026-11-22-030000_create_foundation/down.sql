DROP TABLE rate_limits, account_events, events, mails, invitation_events, invitations, member_terms, members CASCADE;
ALTER TABLE organizations DROP CONSTRAINT organizations_default_role_fkey;
DROP TABLE roles, organizations, sessions, account_links, accounts;
DROP FUNCTION count_members(), refuse_change_from_outside(), refuse_change(), current_account_id(), current_organization_id();
