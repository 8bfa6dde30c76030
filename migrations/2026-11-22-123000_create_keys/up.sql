-- API keys: who asks by a key is looked up by the key's id, before any organization is known.

-- An object, since its members are found without going through all of them: a transaction may be scoped to thousands.
CREATE FUNCTION current_key_ids() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.key_ids', true), '')::jsonb $$;
COMMENT ON FUNCTION current_key_ids() IS 'The keys that this transaction is scoped to, of whatever organization, as members of an object; null outside such a scope.';

CREATE TABLE keys (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    key_type text COLLATE "C" NOT NULL,
    abilities text[] NOT NULL,
    networks text[] NOT NULL DEFAULT '{}',
    minute_limit integer,
    day_limit integer,
    secret_hash bytea NOT NULL,
    previous_secret_hash bytea,
    previous_secret_until timestamptz,
    rotated_at timestamptz,
    status text COLLATE "C" NOT NULL DEFAULT 'active',
    role_id uuid NOT NULL,
    owner_member_id uuid,
    owner_name text NOT NULL,
    created_by_account_id uuid NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    reminder_at timestamptz,
    ended_at timestamptz,
    ended_by text NOT NULL DEFAULT '',
    CONSTRAINT keys_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT keys_id_unique UNIQUE (id),
    CONSTRAINT keys_name_unique UNIQUE (organization_id, name_key),
    CONSTRAINT keys_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT keys_role_fkey FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    CONSTRAINT keys_owner_fkey FOREIGN KEY (organization_id, owner_member_id) REFERENCES members (organization_id, id),
    CONSTRAINT keys_secret_hash_length CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT keys_previous_secret CHECK ((previous_secret_hash IS NULL) = (previous_secret_until IS NULL)),
    CONSTRAINT keys_type_limits CHECK (
        (key_type = 'standard' AND minute_limit IS NULL AND day_limit IS NULL)
        OR (key_type = 'ai_agent' AND minute_limit > 0 AND day_limit > 0)),
    CONSTRAINT keys_status CHECK (status IN ('active', 'paused', 'revoked', 'expired')),
    CONSTRAINT keys_ended CHECK ((status IN ('revoked', 'expired')) = (ended_at IS NOT NULL))
);
CREATE INDEX keys_by_created ON keys (organization_id, created_at, id);
-- Every filter is served by merging a few of these.
CREATE INDEX keys_by_type_and_status ON keys (organization_id, key_type, status, created_at, id);
CREATE INDEX keys_by_creator ON keys (organization_id, created_by_account_id, key_type, status, created_at, id);
CREATE INDEX keys_by_owner ON keys (organization_id, owner_member_id, created_at, id);
CREATE INDEX keys_by_role ON keys (organization_id, role_id);
CREATE INDEX keys_ending ON keys (organization_id, expires_at, id) WHERE status IN ('active', 'paused') AND expires_at IS NOT NULL;
CREATE INDEX keys_reminders ON keys (organization_id, reminder_at) WHERE reminder_at IS NOT NULL;
CREATE INDEX keys_without_owner ON keys (organization_id, created_at, id) WHERE owner_member_id IS NULL AND status IN ('active', 'paused');
COMMENT ON TABLE keys IS 'API keys of an organization. What one may do is its abilities, cut by what its role allows at that moment.';
COMMENT ON COLUMN keys.name IS 'Unique in the organization, for ever: it names the key in the activity log.';
COMMENT ON COLUMN keys.secret_hash IS 'SHA-256 of id and secret. The secret itself stood in one response and is kept nowhere.';
COMMENT ON COLUMN keys.previous_secret_hash IS 'The secret before the last rotation, which works until previous_secret_until.';
COMMENT ON COLUMN keys.role_id IS 'The role of its owner, kept by the trigger keys_follow_members; the last one, once the owner has left.';
COMMENT ON COLUMN keys.owner_member_id IS 'Who answers for it: its creator, or who it was handed over to; null once they have left.';
COMMENT ON COLUMN keys.reminder_at IS 'When the next mail about its end is due; the last one is that it has ended.';
COMMENT ON COLUMN keys.ended_at IS 'When it was revoked, or when it expired.';

-- A key goes by the role that its owner has, and by the name that they bear.
CREATE FUNCTION keys_follow_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE keys k SET role_id = n.role_id, owner_name = n.name
    FROM old_rows o JOIN new_rows n USING (organization_id, id)
    WHERE (o.role_id, o.name) <> (n.role_id, n.name) AND k.organization_id = n.organization_id AND k.owner_member_id = n.id;
    RETURN NULL;
END $$;
CREATE TRIGGER members_followed_by_keys AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keys_follow_members();

-- A key outlives its owner, with the role that they had last.
CREATE FUNCTION keys_outlive_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE keys SET owner_member_id = NULL WHERE organization_id = OLD.organization_id AND owner_member_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER members_outlived_by_keys BEFORE DELETE ON members FOR EACH ROW EXECUTE FUNCTION keys_outlive_members();

CREATE TABLE key_terms (
    organization_id uuid NOT NULL,
    key_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    CONSTRAINT key_terms_pkey PRIMARY KEY (organization_id, term, key_id),
    CONSTRAINT key_terms_key_fkey FOREIGN KEY (organization_id, key_id) REFERENCES keys (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX key_terms_key ON key_terms (organization_id, key_id, term);
COMMENT ON TABLE key_terms IS 'Words by which a key is found: every word of its name, and its prefix.';

CREATE TABLE key_uses (
    organization_id uuid NOT NULL,
    key_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    idle_since timestamptz NOT NULL,
    last_used_at timestamptz,
    last_used_network text NOT NULL DEFAULT '',
    previous_used_at timestamptz,
    previous_used_network text NOT NULL DEFAULT '',
    used_abilities text[] NOT NULL DEFAULT '{}',
    has_unused_abilities boolean NOT NULL,
    is_live boolean NOT NULL DEFAULT true,
    CONSTRAINT key_uses_pkey PRIMARY KEY (organization_id, key_id),
    CONSTRAINT key_uses_key_fkey FOREIGN KEY (organization_id, key_id) REFERENCES keys (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX key_uses_idle ON key_uses (organization_id, idle_since, key_id) WHERE is_live;
CREATE INDEX key_uses_unused_abilities ON key_uses (organization_id, created_at, key_id) WHERE is_live AND has_unused_abilities;
COMMENT ON TABLE key_uses IS 'When, whence and for what a key was used, exact to ten seconds. Apart from the keys, so that writing it down does not touch the rows that every request reads.';
COMMENT ON COLUMN key_uses.idle_since IS 'The day of the last use, or of the creation before the first one. By the day, so that writing a use down changes no index, in a page that has room for it.';
COMMENT ON COLUMN key_uses.last_used_network IS 'Where the current secret came from last.';
COMMENT ON COLUMN key_uses.previous_used_at IS 'When the secret before the last rotation was used last, since then.';
COMMENT ON COLUMN key_uses.has_unused_abilities IS 'Whether it was used, and never for all of its abilities.';
COMMENT ON COLUMN key_uses.is_live IS 'False once the key is revoked or has expired: nobody needs to look after it any more.';

CREATE TABLE key_meters (
    organization_id uuid NOT NULL,
    key_id uuid NOT NULL,
    minute_count integer NOT NULL,
    minute_ends_at timestamptz NOT NULL,
    day_count integer NOT NULL,
    day_ends_at timestamptz NOT NULL,
    CONSTRAINT key_meters_pkey PRIMARY KEY (organization_id, key_id),
    CONSTRAINT key_meters_key_fkey FOREIGN KEY (organization_id, key_id) REFERENCES keys (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE key_meters IS 'What keys with limits of their own have spent in the current minute and day, counted by all nodes together.';

CREATE TABLE idempotent_answers (
    organization_id uuid NOT NULL,
    key_id uuid NOT NULL,
    idempotency_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    answer text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotent_answers_pkey PRIMARY KEY (organization_id, key_id, idempotency_hash),
    CONSTRAINT idempotent_answers_key_fkey FOREIGN KEY (organization_id, key_id) REFERENCES keys (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (organization_id, created_at);
COMMENT ON TABLE idempotent_answers IS 'What the API answered to a POST with an Idempotency-Key, kept for a day, so that sending it again does not do it again.';
COMMENT ON COLUMN idempotent_answers.request_hash IS 'Path and body; another one under the same Idempotency-Key is refused.';

ALTER TABLE organizations ADD COLUMN keys_due_at timestamptz;
CREATE INDEX organizations_keys_due ON organizations (keys_due_at) WHERE keys_due_at IS NOT NULL;
COMMENT ON COLUMN organizations.keys_due_at IS 'When the next mail about the end of one of its keys is due, or earlier: the upkeep looks no further than this.';

ALTER TABLE invitations ADD COLUMN invited_by_key_id uuid;
COMMENT ON COLUMN invitations.invited_by_key_id IS 'The key that sent it last: the key answers for it then, not its creator.';

ALTER TABLE events ADD COLUMN actor_key_id uuid;
CREATE INDEX events_by_key ON events (organization_id, actor_key_id, at, id) WHERE actor_key_id IS NOT NULL;
COMMENT ON COLUMN events.actor_key_id IS 'The key by which it was done over the API.';

-- Row-level security: a transaction sees the keys of its organization, or those that it names, to authenticate who asks.

ALTER TABLE keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE keys FORCE ROW LEVEL SECURITY;
CREATE POLICY keys_select ON keys FOR SELECT USING (
    CASE WHEN organization_id = (SELECT current_organization_id()) THEN true ELSE (SELECT current_key_ids()) ? id::text END);
CREATE POLICY keys_insert ON keys FOR INSERT WITH CHECK (organization_id = (SELECT current_organization_id()));
CREATE POLICY keys_update ON keys FOR UPDATE USING (organization_id = (SELECT current_organization_id()));
CREATE POLICY keys_delete ON keys FOR DELETE USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE key_uses ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_uses FORCE ROW LEVEL SECURITY;
CREATE POLICY key_uses_select ON key_uses FOR SELECT USING (
    CASE WHEN organization_id = (SELECT current_organization_id()) THEN true ELSE (SELECT current_key_ids()) ? key_id::text END);
CREATE POLICY key_uses_update ON key_uses FOR UPDATE USING (
    CASE WHEN organization_id = (SELECT current_organization_id()) THEN true ELSE (SELECT current_key_ids()) ? key_id::text END);
CREATE POLICY key_uses_insert ON key_uses FOR INSERT WITH CHECK (organization_id = (SELECT current_organization_id()));
CREATE POLICY key_uses_delete ON key_uses FOR DELETE USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE key_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_terms FORCE ROW LEVEL SECURITY;
CREATE POLICY key_terms_of_organization ON key_terms USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE key_meters ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_meters FORCE ROW LEVEL SECURITY;
CREATE POLICY key_meters_of_organization ON key_meters USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE idempotent_answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotent_answers FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotent_answers_of_organization ON idempotent_answers USING (organization_id = (SELECT current_organization_id()));
