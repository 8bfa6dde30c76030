-- Pages ask for all roles of an organization again and again: with a version they are read once a change.

ALTER TABLE organizations ADD COLUMN roles_version uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN organizations.roles_version IS
    'Another one after every change of its roles. Random, so that no number comes back with a restored backup.';

CREATE FUNCTION version_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organizations SET roles_version = gen_random_uuid() WHERE id IN (SELECT organization_id FROM changed_rows);
    RETURN NULL;
END $$;
CREATE TRIGGER roles_versioned_insert AFTER INSERT ON roles REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION version_roles();
CREATE TRIGGER roles_versioned_update AFTER UPDATE ON roles REFERENCING NEW TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION version_roles();
CREATE TRIGGER roles_versioned_delete AFTER DELETE ON roles REFERENCING OLD TABLE AS changed_rows
    FOR EACH STATEMENT EXECUTE FUNCTION version_roles();
