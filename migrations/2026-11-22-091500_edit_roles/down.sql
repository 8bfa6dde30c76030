ALTER TABLE invitations DROP COLUMN sender_permissions, DROP COLUMN sender_level;

DROP TRIGGER members_counted_by_role_delete ON members;
DROP TRIGGER members_counted_by_role_update ON members;
DROP TRIGGER members_counted_by_role_insert ON members;
DROP FUNCTION count_role_holders();
DROP TABLE role_holders;

-- A name may have been given again: the deleted roles step aside.
ALTER TABLE roles NO FORCE ROW LEVEL SECURITY;
UPDATE roles SET name_key = name_key || ' ' || id WHERE deleted_at IS NOT NULL;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
DROP INDEX roles_name_unique;
ALTER TABLE roles ADD CONSTRAINT roles_name_unique UNIQUE (organization_id, name_key);
COMMENT ON COLUMN roles.permissions IS NULL;
ALTER TABLE roles DROP COLUMN deleted_at, DROP COLUMN changed_at, DROP COLUMN changed_by, DROP COLUMN withheld;
