-- Users say how exactly friends see where they are, and may make exceptions for single friends. A friendship's row
-- of the one who sees has the exception of the other, so it ends with the friendship. Servers before this migration
-- know neither: they show a user exactly, and by what is shared with all, until they are replaced.
CREATE TYPE location_precision AS ENUM ('EXACT', 'APPROXIMATE');

ALTER TABLE users ADD COLUMN sharing_precision location_precision NOT NULL DEFAULT 'EXACT';
ALTER TABLE friendships
  ADD COLUMN exception_enabled boolean,
  ADD COLUMN exception_precision location_precision,
  ADD COLUMN exception_until timestamptz(3),
  -- All rows have neither yet: there is nothing to look through while the table is locked.
  ADD CHECK ((exception_enabled IS NULL) = (exception_precision IS NULL)) NOT VALID;

-- A list asks which of its friends may be shown approximately.
CREATE INDEX users_approximate ON users (id) WHERE sharing_precision = 'APPROXIMATE';
