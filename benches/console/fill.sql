-- People for organizations: run with the temporary table wanted (organization_id, domain, owner_id, owner_name, members).
-- Keeps the search terms by the console's rule for these plain names; the caller compares a sample with that rule.

CREATE TEMP TABLE people AS
WITH numbered AS (
    SELECT w.*, row_number() OVER () + (SELECT count(*) FROM accounts) * 2 AS n
    FROM wanted w, generate_series(1, w.members)
), drawn AS (
    SELECT *, hashint8extended(n, 1) & 2147483647 AS a, hashint8extended(n, 2) & 2147483647 AS b,
        hashint8extended(n, 3) & 2147483647 AS c
    FROM numbered
), named AS (
    -- Some names are more common than others.
    SELECT *, first_names[1 + floor(power(a / 2147483648.0, 1.5) * cardinality(first_names))::integer] AS first,
        last_names[1 + floor(power(b / 2147483648.0, 1.5) * cardinality(last_names))::integer] AS last,
        CASE WHEN c % 10 = 0 THEN 'invited' WHEN c % 25 = 1 THEN 'inactive' ELSE 'active' END AS status
    FROM drawn, names
)
SELECT organization_id, domain, owner_id, owner_name, n, c, status, first, last,
    pg_temp.numbered_id(1, n) AS member_id, pg_temp.numbered_id(2, n) AS account_id, pg_temp.numbered_id(3, n) AS invitation_id,
    -- Half of the invited have no name yet.
    CASE WHEN status = 'invited' AND c % 20 = 0 THEN '' ELSE first || ' ' || last END AS name,
    lower(first) || '.' || lower(last) || n || '@' || domain || '.example' AS email,
    CASE WHEN c % 100 < 2 THEN 'admin' WHEN c % 100 < 7 THEN 'manager' WHEN c % 100 < 15 THEN 'viewer' ELSE 'member' END AS starter,
    now() - c % 1000000 * interval '1 minute' AS joined_at
FROM named;
ANALYZE people;

INSERT INTO accounts (id, email, email_confirmed_at, name, password_hash, password_changed_at, last_organization_id, created_at)
SELECT p.account_id, p.email, p.joined_at, p.name, s.password_hash, p.joined_at, p.organization_id, p.joined_at
FROM people p, settings s WHERE p.status <> 'invited' ORDER BY p.n;

INSERT INTO members (organization_id, id, account_id, email, name, name_key, role_id, role_since, role_given_by, status,
    invitation_id, invitation_expires_at, invited_by, joined_at, last_sign_in_at, created_at)
SELECT p.organization_id, p.member_id, CASE WHEN p.status <> 'invited' THEN p.account_id END, p.email, p.name,
    CASE WHEN p.name = '' THEN p.email ELSE lower(p.name) END, r.id, p.joined_at, p.owner_name, p.status, p.invitation_id,
    CASE WHEN p.status = 'invited' THEN now() + c % 10000 * interval '1 minute' END, p.owner_name,
    CASE WHEN p.status <> 'invited' THEN p.joined_at END,
    CASE WHEN p.status <> 'invited' AND c % 5 > 0 THEN now() - c % 100000 * interval '1 minute' END, p.joined_at
FROM people p JOIN roles r ON r.organization_id = p.organization_id AND r.starter = p.starter
ORDER BY p.n;

INSERT INTO member_terms (organization_id, member_id, term, name_key)
SELECT p.organization_id, p.member_id, t.term, CASE WHEN p.name = '' THEN p.email ELSE lower(p.name) END
FROM people p, LATERAL (VALUES (lower(split_part(p.name, ' ', 1))), (lower(split_part(p.name, ' ', 2))), (p.email),
    (substr(p.email, strpos(p.email, '.') + 1)), (p.domain || '.example'), ('example')) t (term)
WHERE t.term <> ''
ORDER BY p.organization_id, t.term, p.member_id;

INSERT INTO invitations (organization_id, id, email, name, role_id, status, invited_by_account_id, invited_by, created_at,
    sent_at, expires_at, ended_at, accepted_by_account_id)
SELECT m.organization_id, m.invitation_id, m.email, m.name, m.role_id,
    CASE m.status WHEN 'invited' THEN 'pending' ELSE 'accepted' END, p.owner_id, p.owner_name, p.joined_at, p.joined_at,
    coalesce(m.invitation_expires_at, p.joined_at + interval '7 days'), m.joined_at, m.account_id
FROM people p JOIN members m ON m.organization_id = p.organization_id AND m.id = p.member_id
ORDER BY p.n;

INSERT INTO invitation_events (organization_id, id, invitation_id, at, kind)
SELECT organization_id, pg_temp.numbered_id(4, n), invitation_id, joined_at, 'created' FROM people ORDER BY n;

DROP TABLE people;
