DROP POLICY idempotent_answers_ended ON idempotent_answers;
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (organization_id, created_at);
DROP INDEX idempotent_answers_ended;
