-- Refresh tokens that were made from tokens of one generation are the next generation of their session, so that two
-- holders of one session are found out (docs/decisions/060). Tokens of servers before this migration have none.
ALTER TABLE refresh_tokens ADD COLUMN generation integer;
CREATE INDEX ON refresh_tokens (session_id, generation);
DROP INDEX refresh_tokens_session_id_idx;
