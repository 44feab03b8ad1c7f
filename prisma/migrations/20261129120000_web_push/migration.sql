-- Browsers that may be sent push messages. One belongs to the session that subscribed it last and ends with it.
CREATE TABLE push_subscriptions (
  endpoint   text COLLATE "C" PRIMARY KEY CHECK (length(endpoint) <= 2000),
  session_id uuid NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
  p256dh     text NOT NULL,
  auth       text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX ON push_subscriptions (session_id);

-- Within what distance of which friends users want to be told. In a table of its own, since a column of friendships
-- would need an index, and making that looks through all friendships while nobody can write them.
CREATE TABLE near_alerts (
  user_id       uuid NOT NULL,
  friend_id     uuid NOT NULL,
  radius_meters double precision NOT NULL,
  PRIMARY KEY (user_id, friend_id),
  FOREIGN KEY (user_id, friend_id) REFERENCES friendships (user_id, friend_id) ON DELETE CASCADE
);
