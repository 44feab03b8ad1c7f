/** The load that capacity is planned for, and what was chosen where nothing can be measured. */

export interface Load {
  /** Who use the service in a day: friends are any of them. */
  readonly users: number;
  readonly onlineUsers: number;
  readonly friends: number;
  readonly secondsBetweenUpdates: number;
}

/** "System Design Interview", volume 2, chapter 2; of 400 friends a tenth are online. */
export const REFERENCE: Load = {
  users: 100e6,
  onlineUsers: 10e6,
  friends: 400,
  secondsBetweenUpdates: 30,
};

/** Online are as many of one's friends as of everybody. */
export const onlineFriends = ({ users, onlineUsers, friends }: Load): number =>
  (friends * onlineUsers) / users;

export const updatesPerSecond = ({ onlineUsers, secondsBetweenUpdates }: Load): number =>
  onlineUsers / secondsBetweenUpdates;

/** Of a server process, a shard or a database: how much of it is planned to be used. */
export interface Choices {
  /** Of a core, by a server process, while all zones are there. */
  readonly serverCore: number;
  /** One of them may be lost: the others take its users. */
  readonly zones: number;
  /** Resident, with the users of a lost zone. */
  readonly serverBytes: number;
  /** Sockets end with their token, ACCESS_TOKEN_SECONDS, and come back to any server. */
  readonly socketSeconds: number;
  /** Of a core, by a Redis shard. */
  readonly redisCore: number;
  readonly redisBytes: number;
  /** Of the rows a second that were measured. */
  readonly historyShare: number;
  readonly historyDiskBytes: number;
  /** HISTORY_RETENTION_DAYS. */
  readonly retentionDays: number;
}

export const CHOICES: Choices = {
  serverCore: 0.5,
  zones: 3,
  serverBytes: 4e9,
  socketSeconds: 1_800,
  redisCore: 0.5,
  redisBytes: 16e9,
  historyShare: 0.5,
  historyDiskBytes: 8e12,
  retentionDays: 90,
};
