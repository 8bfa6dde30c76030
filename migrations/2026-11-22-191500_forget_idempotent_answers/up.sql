-- Answers that were kept for their day are deleted wherever they are, and not only when their organization asks again.

CREATE INDEX idempotent_answers_ended ON idempotent_answers (created_at);
DROP INDEX idempotent_answers_by_age;

CREATE POLICY idempotent_answers_ended ON idempotent_answers
    USING ((SELECT current_organization_id()) IS NULL AND created_at <= now() - interval '24 hours') WITH CHECK (false);
COMMENT ON POLICY idempotent_answers_ended ON idempotent_answers IS 'Outside every organization the upkeep sees what it deletes.';
