-- Tokens with which location apps report. The secret is known to the app alone; here is its SHA-256.
CREATE TABLE device_tokens (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         text NOT NULL,
  secret_hash  bytea NOT NULL UNIQUE,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3)
);
CREATE INDEX ON device_tokens (user_id, created_at, id);
