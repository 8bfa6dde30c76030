-- What fill.sql builds on.

-- Ids that grow with n, as the console's do.
CREATE FUNCTION pg_temp.numbered_id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
    FROM md5(kind || ' ' || n) h
$$;

-- The other organizations, with the roles of the first one.
INSERT INTO organizations (id, slug, name, member_limit, created_at)
SELECT pg_temp.numbered_id(5, n), 'company-' || n, 'Company ' || n, 1000, now() FROM generate_series(1, 998) n;
INSERT INTO roles (organization_id, id, name, name_key, description, level, starter, permissions, created_at, changed_at)
SELECT o.id, pg_temp.numbered_id(6, row_number() OVER ()), r.name, r.name_key, r.description, r.level, r.starter, r.permissions,
    now(), now()
FROM organizations o, roles r, organizations first
WHERE o.slug LIKE 'company-%' AND first.slug = 'acme' AND r.organization_id = first.id;
UPDATE organizations o SET default_role_id = r.id FROM roles r
WHERE o.slug LIKE 'company-%' AND r.organization_id = o.id AND r.starter = 'member';

CREATE TEMP TABLE wanted (organization_id uuid, domain text, owner_id uuid, owner_name text, members integer);
