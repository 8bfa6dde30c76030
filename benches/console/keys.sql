-- Keys for the organization acme: run with the temporary table wanted_keys (number). Ids and secrets follow from the number, so
-- that the load knows them: see keys.rs. The first one may verify keys.

INSERT INTO keys (organization_id, id, name, name_key, key_type, abilities, secret_hash, role_id, owner_member_id, owner_name,
    created_by_account_id, created_by, created_at)
SELECT m.organization_id, k.id, 'Service ' || k.n, 'service ' || k.n, 'standard',
    CASE WHEN k.n = 0 THEN '{keys.verify}'::text[] ELSE '{members.view,activity.view}' END,
    sha256(uuid_send(k.id) || sha256(convert_to('secret ' || k.n, 'UTF8'))), m.role_id, m.id, m.name, m.account_id, m.name,
    now() - k.n * interval '1 second'
FROM (
    SELECT n, encode(substring(sha256(convert_to('key ' || n, 'UTF8')) FROM 1 FOR 16), 'hex')::uuid AS id
    FROM wanted_keys w, generate_series(0, w.number - 1) n) k,
    members m JOIN organizations o ON o.id = m.organization_id
WHERE o.slug = 'acme' AND m.email = 'dana@acme.example';

-- In use all day.
INSERT INTO key_uses (organization_id, key_id, created_at, idle_since, last_used_at, last_used_network, has_unused_abilities)
SELECT organization_id, id, created_at, date_trunc('day', now(), 'UTC'), now() - interval '1 minute', '127.0.0.0/24', true FROM keys;
