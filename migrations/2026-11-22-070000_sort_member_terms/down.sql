ALTER TABLE member_terms DROP CONSTRAINT member_terms_pkey;
ALTER TABLE member_terms ADD CONSTRAINT member_terms_pkey PRIMARY KEY (organization_id, term, member_id);
ALTER TABLE member_terms DROP COLUMN name_key;
