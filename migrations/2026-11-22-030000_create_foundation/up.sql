-- The ground everything stands on: accounts and their sessions, organizations with their roles, members and
-- invitations, the outbox, the activity log and the counters of the rate limits.
--
-- Tenant tables carry organization_id first in their primary key, have composite foreign keys and forced row-level
-- security. Their text columns are plain text with CHECKs: comparisons of enum, citext and LIKE are not leakproof and
-- could not use an index behind the policies.

CREATE FUNCTION current_organization_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid $$;
COMMENT ON FUNCTION current_organization_id() IS 'The organization that this transaction is scoped to; null outside a scope.';

CREATE FUNCTION current_account_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.account_id', true), '')::uuid $$;
COMMENT ON FUNCTION current_account_id() IS 'The account that this transaction reads for; null where nobody is signed in.';

-- Accounts ----------------------------------------------------------------------------------------------------------

CREATE TABLE accounts (
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_confirmed_at timestamptz,
    name text NOT NULL,
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL,
    last_organization_id uuid,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_email_unique UNIQUE (email),
    CONSTRAINT accounts_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT accounts_name_length CHECK (char_length(name) BETWEEN 1 AND 100)
);
COMMENT ON TABLE accounts IS 'A person who signs in. Belongs to no organization by itself: members tie accounts to organizations.';
COMMENT ON COLUMN accounts.email IS 'Canonical address: ASCII lower-case local part, IDNA domain. The application folds it; Postgres never does.';
COMMENT ON COLUMN accounts.email_confirmed_at IS 'When somebody proved to read this mailbox; null until then.';
COMMENT ON COLUMN accounts.last_organization_id IS 'Where / leads to. A hint: the membership is checked on arrival.';

CREATE TABLE account_links (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    email text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT account_links_pkey PRIMARY KEY (id),
    CONSTRAINT account_links_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT account_links_kind CHECK (kind IN ('email_confirmation', 'password_reset'))
);
CREATE INDEX account_links_account ON account_links (account_id, kind);
CREATE INDEX account_links_expiry ON account_links (expires_at);
COMMENT ON TABLE account_links IS 'Single-use links to confirm an address or to set a new password. The link itself is signed, never stored.';
COMMENT ON COLUMN account_links.email IS 'The address that the link proves: for a confirmation possibly a new one that the account does not have yet.';

CREATE TABLE sessions (
    key_hash bytea NOT NULL,
    id uuid NOT NULL,
    account_id uuid,
    kept boolean NOT NULL,
    client text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (key_hash),
    CONSTRAINT sessions_id_unique UNIQUE (id),
    CONSTRAINT sessions_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT sessions_key_hash_length CHECK (octet_length(key_hash) = 32)
);
CREATE INDEX sessions_account ON sessions (account_id, last_seen_at) WHERE account_id IS NOT NULL;
CREATE INDEX sessions_last_seen ON sessions (last_seen_at);
COMMENT ON TABLE sessions IS 'Browser sessions, by SHA-256 of the cookie''s key.';
COMMENT ON COLUMN sessions.kept IS 'Signed in with "Keep me signed in": lives 14 days instead of 24 hours.';
COMMENT ON COLUMN sessions.client IS 'Browser and network as shown in the list of sessions.';
COMMENT ON COLUMN sessions.state IS 'What else rides along (bound invitation, flash message), a JSON object of JSON strings.';

-- Organizations -----------------------------------------------------------------------------------------------------

CREATE TABLE organizations (
    id uuid NOT NULL,
    slug text COLLATE "C" NOT NULL,
    name text NOT NULL,
    member_limit integer NOT NULL DEFAULT 10,
    active_members integer NOT NULL DEFAULT 0,
    inactive_members integer NOT NULL DEFAULT 0,
    invited_members integer NOT NULL DEFAULT 0,
    default_role_id uuid,
    invitations_due_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT organizations_pkey PRIMARY KEY (id),
    CONSTRAINT organizations_slug_unique UNIQUE (slug),
    CONSTRAINT organizations_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 63),
    CONSTRAINT organizations_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT organizations_member_limit_positive CHECK (member_limit >= 1)
);
CREATE INDEX organizations_invitations_due ON organizations (invitations_due_at) WHERE invitations_due_at IS NOT NULL;
COMMENT ON TABLE organizations IS 'A customer. Everything else belongs to exactly one.';
COMMENT ON COLUMN organizations.member_limit IS 'Member slots: active members and pending invitations together never pass it.';
COMMENT ON COLUMN organizations.invitations_due_at IS 'When its next pending invitation expires, or earlier: the upkeep looks no further than this.';
COMMENT ON COLUMN organizations.active_members IS 'Kept by the trigger count_members; so are inactive_members and invited_members.';

CREATE TABLE roles (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '',
    level smallint NOT NULL,
    starter text,
    permissions text[] NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT roles_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT roles_name_unique UNIQUE (organization_id, name_key),
    CONSTRAINT roles_level_range CHECK (level BETWEEN 1 AND 99 OR (starter = 'owner' AND level = 100))
);
CREATE INDEX roles_level ON roles (organization_id, level, name_key);
COMMENT ON TABLE roles IS 'Roles of one organization: a level on the ladder and a set of permissions.';
COMMENT ON COLUMN roles.starter IS 'Which starter role this row began as (owner, admin, …); null for a custom one.';
COMMENT ON COLUMN roles.version IS 'Raised by every edit; a form with an older one is refused.';

ALTER TABLE organizations ADD CONSTRAINT organizations_default_role_fkey
    FOREIGN KEY (id, default_role_id) REFERENCES roles (organization_id, id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE members (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid,
    email text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    role_id uuid NOT NULL,
    role_since timestamptz NOT NULL,
    role_given_by text NOT NULL DEFAULT '',
    status text COLLATE "C" NOT NULL,
    invitation_id uuid,
    invitation_expires_at timestamptz,
    invited_by text NOT NULL DEFAULT '',
    joined_at timestamptz,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT members_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT members_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT members_role_fkey FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    CONSTRAINT members_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id),
    CONSTRAINT members_account_unique UNIQUE (account_id, organization_id),
    CONSTRAINT members_email_unique UNIQUE (organization_id, email),
    CONSTRAINT members_status CHECK (
        (status IN ('active', 'inactive') AND account_id IS NOT NULL AND joined_at IS NOT NULL AND invitation_expires_at IS NULL)
        OR (status = 'invited' AND account_id IS NULL AND joined_at IS NULL AND invitation_id IS NOT NULL AND invitation_expires_at IS NOT NULL))
);
CREATE INDEX members_by_name ON members (organization_id, name_key, id);
CREATE INDEX members_by_email ON members (organization_id, email, id);
CREATE INDEX members_by_status ON members (organization_id, status, name_key, id);
-- CASE, because coalesce counts as leaky: behind the policies no index on it could be used.
CREATE INDEX members_by_last_sign_in ON members (organization_id, (CASE WHEN last_sign_in_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE last_sign_in_at END), id);
CREATE INDEX members_by_joined ON members (organization_id, (CASE WHEN joined_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE joined_at END), id);
-- Every filter in every order is served by merging a few of these.
CREATE INDEX members_by_role_and_name ON members (organization_id, role_id, status, name_key, id);
CREATE INDEX members_by_role_and_email ON members (organization_id, role_id, status, email, id);
CREATE INDEX members_by_role_and_last_sign_in ON members (
    organization_id, role_id, status, (CASE WHEN last_sign_in_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE last_sign_in_at END), id);
CREATE INDEX members_by_role_and_joined ON members (
    organization_id, role_id, status, (CASE WHEN joined_at IS NULL THEN '1970-01-01 00:00:00+00'::timestamptz ELSE joined_at END), id);
COMMENT ON TABLE members IS 'Everybody who is in an organization or holds a slot in it: active, inactive and invited people.';
COMMENT ON COLUMN members.name IS 'Copy of the account''s name (of the invitation''s until somebody joins), so that one organization''s list sorts by index.';
COMMENT ON COLUMN members.name_key IS 'Folded name, or the address where no name is known: the order of the list.';
COMMENT ON COLUMN members.invitation_expires_at IS 'When an invited row lets go of its slot; null once somebody joined.';

CREATE TABLE member_terms (
    organization_id uuid NOT NULL,
    member_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    CONSTRAINT member_terms_pkey PRIMARY KEY (organization_id, term, member_id),
    CONSTRAINT member_terms_member_fkey FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX member_terms_member ON member_terms (organization_id, member_id, term);
COMMENT ON TABLE member_terms IS 'Words by which a member is found: every word of the name and the address from each of its parts on.';

-- Invitations -------------------------------------------------------------------------------------------------------

CREATE TABLE invitations (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    role_id uuid NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    status text COLLATE "C" NOT NULL DEFAULT 'pending',
    invited_by_account_id uuid NOT NULL,
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    accepted_by_account_id uuid,
    CONSTRAINT invitations_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT invitations_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT invitations_role_fkey FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    CONSTRAINT invitations_status CHECK (status IN ('pending', 'accepted', 'declined', 'revoked', 'expired')),
    CONSTRAINT invitations_ended CHECK ((status = 'pending') = (ended_at IS NULL)),
    CONSTRAINT invitations_accepted CHECK ((status = 'accepted') = (accepted_by_account_id IS NOT NULL))
);
CREATE UNIQUE INDEX invitations_pending_email_unique ON invitations (organization_id, email) WHERE status = 'pending';
CREATE INDEX invitations_by_sent ON invitations (organization_id, sent_at, id);
CREATE INDEX invitations_by_status ON invitations (organization_id, status, sent_at, id);
CREATE INDEX invitations_due ON invitations (organization_id, expires_at) WHERE status = 'pending';
CREATE INDEX invitations_waiting ON invitations (email) WHERE status = 'pending';
COMMENT ON TABLE invitations IS 'An address asked to join with a role. Links are a MAC over id, generation and kind, so no token is stored.';
COMMENT ON COLUMN invitations.generation IS 'Raised by Resend: links of an earlier one are dead.';
COMMENT ON COLUMN invitations.ended_at IS 'When it was accepted, declined, revoked or expired.';

CREATE TABLE invitation_events (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    invitation_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    detail text NOT NULL DEFAULT '',
    CONSTRAINT invitation_events_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT invitation_events_invitation_fkey FOREIGN KEY (organization_id, invitation_id)
        REFERENCES invitations (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX invitation_events_story ON invitation_events (organization_id, invitation_id, at, id);
COMMENT ON TABLE invitation_events IS 'The story of an invitation: created, queued, taken by the mail server, refused, opened, accepted.';

-- Mail --------------------------------------------------------------------------------------------------------------

CREATE TABLE mails (
    id uuid NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    message jsonb NOT NULL,
    organization_id uuid,
    invitation_id uuid,
    account_id uuid,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    sent_at timestamptz,
    failed_at timestamptz,
    dropped_at timestamptz,
    trouble text NOT NULL DEFAULT '',
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_account_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT mails_state CHECK ((next_attempt_at IS NULL) = (num_nonnulls(sent_at, failed_at, dropped_at) = 1))
);
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX mails_of_invitation ON mails (organization_id, invitation_id, created_at) WHERE invitation_id IS NOT NULL;
CREATE INDEX mails_created ON mails (created_at, id);
COMMENT ON TABLE mails IS 'The outbox: one row a mail and recipient, committed with the change that causes it. Holds no token: links are made when the mail is rendered.';
COMMENT ON COLUMN mails.message IS 'Which mail and the ids to render it from.';
COMMENT ON COLUMN mails.dropped_at IS 'When it was found to be no longer wanted (revoked, expired, used) right before sending.';
COMMENT ON COLUMN mails.trouble IS 'What the mail server said last, when it did not take the mail.';

-- Activity ----------------------------------------------------------------------------------------------------------

CREATE TABLE events (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    actor_account_id uuid,
    actor_name text NOT NULL,
    subject_id uuid,
    data jsonb NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX events_by_time ON events (organization_id, at, id);
CREATE INDEX events_by_actor ON events (organization_id, actor_account_id, at, id);
CREATE INDEX events_by_actor_and_kind ON events (organization_id, actor_account_id, kind, at, id);
CREATE INDEX events_by_kind ON events (organization_id, kind, at, id);
CREATE INDEX events_by_subject ON events (organization_id, subject_id, at, id);
COMMENT ON TABLE events IS 'The activity log: append-only, one row a change, committed with it.';
COMMENT ON COLUMN events.actor_name IS 'The name at the time, so that the sentence survives the account.';

CREATE TABLE account_events (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT account_events_pkey PRIMARY KEY (account_id, id)
);
CREATE INDEX account_events_by_time ON account_events (account_id, at, id);
COMMENT ON TABLE account_events IS 'What happened to an account itself: sign-ins, changes of password and address.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the activity log is append-only'; END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events EXECUTE FUNCTION refuse_change();
CREATE TRIGGER account_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_events EXECUTE FUNCTION refuse_change();

-- Limits ------------------------------------------------------------------------------------------------------------

CREATE TABLE rate_limits (
    bucket bytea NOT NULL,
    count integer NOT NULL,
    resets_at timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (bucket)
);
CREATE INDEX rate_limits_expiry ON rate_limits (resets_at);
COMMENT ON TABLE rate_limits IS 'Attempts counted in fixed windows, shared by every node. The bucket is a hash of what is limited and for whom.';

-- Counters ----------------------------------------------------------------------------------------------------------

-- Only rows whose status changed count: a sign-in updates a member without touching, and so locking, the organization.

CREATE FUNCTION count_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT organization_id, status, 1 AS n FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT organization_id, status, -1 AS n FROM old_rows'
        ELSE 'SELECT n.organization_id, c.status, c.n FROM old_rows o JOIN new_rows n USING (organization_id, id),
                LATERAL (VALUES (o.status, -1), (n.status, 1)) c (status, n) WHERE o.status <> n.status'
    END;
BEGIN
    EXECUTE format('UPDATE organizations o SET active_members = o.active_members + d.active,
            inactive_members = o.inactive_members + d.inactive, invited_members = o.invited_members + d.invited
        FROM (SELECT organization_id, coalesce(sum(n) FILTER (WHERE status = ''active''), 0) AS active,
                coalesce(sum(n) FILTER (WHERE status = ''inactive''), 0) AS inactive,
                coalesce(sum(n) FILTER (WHERE status = ''invited''), 0) AS invited
            FROM (%s) c GROUP BY organization_id) d
        WHERE o.id = d.organization_id', changes);
    RETURN NULL;
END $$;
CREATE TRIGGER members_counted_insert AFTER INSERT ON members REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members();
CREATE TRIGGER members_counted_update AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members();
CREATE TRIGGER members_counted_delete AFTER DELETE ON members REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members();

CREATE FUNCTION refuse_change_from_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_organization_id() IS DISTINCT FROM OLD.organization_id THEN
        OLD.last_sign_in_at := NEW.last_sign_in_at;
        IF NEW IS DISTINCT FROM OLD THEN
            RAISE EXCEPTION 'outside its organization only the last sign-in of a member may change';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_changed_from_inside BEFORE UPDATE ON members
    FOR EACH ROW EXECUTE FUNCTION refuse_change_from_outside();

-- Row-level security: the second wall -------------------------------------------------------------------------------
-- The sub-selects make the setting an init plan, evaluated once a query instead of once a row. What is seen for two reasons
-- has one policy with a CASE: of two policies, or an OR, the planner would make a bitmap of all rows seen for either
-- reason, and read a whole organization for each page of its list. Behind a CASE it keeps to the statement's own
-- condition, and so to the index that has the rows in order.

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY roles_of_organization ON roles USING (organization_id = (SELECT current_organization_id()));
CREATE POLICY roles_of_account ON roles FOR SELECT USING (EXISTS (
    SELECT FROM members m WHERE m.organization_id = roles.organization_id AND m.role_id = roles.id
        AND m.account_id = (SELECT current_account_id())));

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY members_select ON members FOR SELECT USING (
    CASE WHEN organization_id = (SELECT current_organization_id()) THEN true ELSE account_id = (SELECT current_account_id()) END);
CREATE POLICY members_insert ON members FOR INSERT WITH CHECK (organization_id = (SELECT current_organization_id()));
CREATE POLICY members_update ON members FOR UPDATE USING (organization_id = (SELECT current_organization_id()));
CREATE POLICY members_delete ON members FOR DELETE USING (organization_id = (SELECT current_organization_id()));
CREATE POLICY members_sign_in ON members FOR UPDATE USING (account_id = (SELECT current_account_id()));

ALTER TABLE member_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_terms FORCE ROW LEVEL SECURITY;
CREATE POLICY member_terms_of_organization ON member_terms USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY invitations_select ON invitations FOR SELECT USING (
    CASE WHEN organization_id = (SELECT current_organization_id()) THEN true
    ELSE email = (SELECT a.email FROM accounts a WHERE a.id = current_account_id() AND a.email_confirmed_at IS NOT NULL) END);
CREATE POLICY invitations_insert ON invitations FOR INSERT WITH CHECK (organization_id = (SELECT current_organization_id()));
CREATE POLICY invitations_update ON invitations FOR UPDATE USING (organization_id = (SELECT current_organization_id()));
CREATE POLICY invitations_delete ON invitations FOR DELETE USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE invitation_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation_events FORCE ROW LEVEL SECURITY;
CREATE POLICY invitation_events_of_organization ON invitation_events USING (organization_id = (SELECT current_organization_id()));

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_of_organization ON events USING (organization_id = (SELECT current_organization_id()));
