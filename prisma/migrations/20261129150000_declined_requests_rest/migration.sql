-- A declined request keeps the next one of the same user back from then on. Servers before this migration do not write
-- the time: for what they answer, the time of the request counts.
ALTER TABLE friend_requests ADD COLUMN answered_at timestamptz(3);
