DROP TRIGGER roles_versioned_insert ON roles;
DROP TRIGGER roles_versioned_update ON roles;
DROP TRIGGER roles_versioned_delete ON roles;
DROP FUNCTION version_roles();
ALTER TABLE organizations DROP COLUMN roles_version;
