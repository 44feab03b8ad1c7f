-- Users may say from how far away friends see them (metres; null for no limit of their own). Servers before this
-- migration neither read nor write it, so they show a user to friends who are farther away until they are replaced.
ALTER TABLE users ADD COLUMN sharing_max_radius_meters double precision;
