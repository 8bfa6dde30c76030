-- A search finds members in the order of their words and shows them in the order of their names: with the name in the
-- index of the words, only the members of one page are looked up.

ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
ALTER TABLE member_terms NO FORCE ROW LEVEL SECURITY;

ALTER TABLE member_terms ADD COLUMN name_key text COLLATE "C";
UPDATE member_terms t SET name_key = m.name_key FROM members m
    WHERE m.organization_id = t.organization_id AND m.id = t.member_id;
ALTER TABLE member_terms ALTER COLUMN name_key SET NOT NULL;
ALTER TABLE member_terms DROP CONSTRAINT member_terms_pkey;
ALTER TABLE member_terms ADD CONSTRAINT member_terms_pkey PRIMARY KEY (organization_id, term, member_id) INCLUDE (name_key);
COMMENT ON COLUMN member_terms.name_key IS 'Copy of the member''s: the words are written anew with every change of the name.';

ALTER TABLE members FORCE ROW LEVEL SECURITY;
ALTER TABLE member_terms FORCE ROW LEVEL SECURITY;
