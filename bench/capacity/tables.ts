/** What was computed, as tables of the document. */
import { PARTITIONS } from '../../src/adapters/redis/partitions.js';
import { alternatives } from './alternatives.js';
import { type Constants, constantsOf } from './constants.js';
import { historyNeeds, onePostgres } from './history.js';
import { type Choices, type Load, onlineFriends, updatesPerSecond } from './load.js';
import { amount, bits, bytes, percent, table } from './markdown.js';
import type { Measured } from './measured.js';
import { clientMicros, type Needs, needsOf, roomFor, serversTold, sum } from './model.js';

export function loadTable(load: Load): string {
  return table(
    ['', '', 'from'],
    [
      ['users in a day', amount(load.users), 'reference'],
      ['users online', amount(load.onlineUsers), 'reference'],
      ['friends of a user', amount(load.friends), 'reference'],
      ['of whom are online, and near', amount(onlineFriends(load)), 'reference: a tenth'],
      ['seconds between two updates of a user', amount(load.secondsBetweenUpdates), 'reference'],
      ['updates a second', amount(updatesPerSecond(load)), 'computed; the reference rounds to 334,000'],
      [
        'changes told a second',
        amount(updatesPerSecond(load) * onlineFriends(load)),
        'computed; the reference rounds to 14 million',
      ],
    ],
  );
}

export function choicesTable(choices: Choices): string {
  return table(
    ['', '', 'why'],
    [
      [
        'core of a server process',
        percent(choices.serverCore),
        `with one of ${choices.zones} zones lost it is ${percent(
          (choices.serverCore * choices.zones) / (choices.zones - 1),
        )}`,
      ],
      [
        'memory of a server process',
        bytes(choices.serverBytes),
        "with the users of a lost zone; Node's own limit of the heap is 4.3 GB on the machine of the benchmark",
      ],
      [
        'a socket',
        `${amount(choices.socketSeconds)} s`,
        '`ACCESS_TOKEN_SECONDS`: then it ends and comes back',
      ],
      ['core of a Redis shard', percent(choices.redisCore), 'Redis does its work on one'],
      ['memory of a Redis shard', bytes(choices.redisBytes), 'what a new replica has to be sent'],
      [
        'rows a second of a PostgreSQL',
        percent(choices.historyShare),
        'of what was measured in bursts of two to five seconds',
      ],
      ['disk of a PostgreSQL', bytes(choices.historyDiskBytes), 'what can be restored in a night'],
      ['history', `${choices.retentionDays} days`, '`HISTORY_RETENTION_DAYS`'],
    ],
  );
}

export function answerTable(load: Load, measured: Measured, choices: Choices): string {
  const constants = constantsOf(measured);
  const needs = needsOf(load, constants, choices);
  const cheap = needsOf(load, constantsOf(measured, 'min'), choices);
  const dear = needsOf(load, constantsOf(measured, 'max'), choices);
  const together = needsOf(load, constantsOf(measured, 'median', 'microsTogether'), choices);
  const { servers, redis } = needs;
  const history = historyNeeds(load, constants, choices);
  return table(
    ['', '', ''],
    [
      [
        'server processes, a core each',
        amount(servers.count),
        `${amount(cheap.servers.count)} by the cheapest repetition, ${amount(dear.servers.count)} by the dearest`,
      ],
      [
        'users of each',
        amount(servers.users),
        `the core has room for ${amount(servers.usersByCpu)}, the memory for ${amount(servers.usersByMemory)}`,
      ],
      [
        'used of each',
        `${percent(servers.core)} of the core, ${bytes(servers.bytes)}`,
        `together ${bytes(servers.count * servers.bytes)}`,
      ],
      [
        'Redis shards, a core each, and a replica of each',
        `${amount(redis.shards)}, of ${PARTITIONS} at most`,
        `${amount(redis.shardsByCpu)} for CPU, ${amount(redis.shardsByMemory)} for memory; ` +
          `${amount(together.redis.shardsByCpu)} for CPU where messages to a server are written a hundred at once`,
      ],
      [
        'memory of Redis, all shards',
        bytes(sum(redis.bytes)),
        `topics ${bytes(redis.bytes.topics)}, subscriptions ${bytes(redis.bytes.subscriptions)}, ` +
          `positions ${bytes(redis.bytes.positions)}`,
      ],
      [
        'CPU of Redis, all shards',
        `${amount(sum(redis.cores))} cores`,
        `updates ${amount(redis.cores.updates)}, telling servers ${amount(redis.cores.pushes)}, ` +
          `clients that come back ${amount(redis.cores.comings)}`,
      ],
      [
        'PostgreSQLs for the history',
        amount(Math.max(history.nodesByRate, history.nodesByDisk)),
        `${amount(history.nodesByRate)} for ${amount(history.rowsPerSecond)} rows a second, ` +
          `${amount(history.nodesByDisk)} for ${bytes(history.bytes)}`,
      ],
    ],
  );
}

/** Friends on other servers, as they come, and friends on the same one, as if somebody had sorted them. */
export function placementTable(load: Load, measured: Measured, choices: Choices): string {
  const constants = constantsOf(measured);
  const { servers, redis } = needsOf(load, constants, choices);
  const { together } = measured.server;
  const micros = together.cpuMicros.median + together.connectMicros.median / choices.socketSeconds;
  const room = roomFor(micros, measured.memory.absent.median, choices);
  const count = Math.ceil(load.onlineUsers / Math.min(room.usersByCpu, room.usersByMemory));
  return table(
    ['', 'friends anywhere', 'friends on the same server'],
    [
      ['CPU of a client, µs a second', amount(clientMicros(load, constants, choices)), amount(micros)],
      ['memory of a client', bytes(servers.bytes / servers.users), bytes(measured.memory.absent.median)],
      ['users a core has room for', amount(servers.usersByCpu), amount(room.usersByCpu)],
      ['users the memory has room for', amount(servers.usersByMemory), amount(room.usersByMemory)],
      ['server processes', amount(servers.count), amount(count)],
      ['servers told of an update', amount(redis.pushesPerUpdate), '1'],
      [
        'messages from Redis to servers, a second',
        amount(redis.pushesPerSecond),
        amount(updatesPerSecond(load)),
      ],
    ],
  );
}

interface Scenario {
  readonly name: string;
  readonly load: Load;
}

/** What each doubling does. */
export function doublingTable(load: Load, constants: Constants, choices: Choices): string {
  return needsTable(
    [
      { name: 'reference', load },
      {
        name: 'twice the users',
        load: { ...load, users: 2 * load.users, onlineUsers: 2 * load.onlineUsers },
      },
      { name: 'twice the friends', load: { ...load, friends: 2 * load.friends } },
      {
        name: 'twice the updates',
        load: { ...load, secondsBetweenUpdates: load.secondsBetweenUpdates / 2 },
      },
    ],
    constants,
    choices,
  );
}

/** The same habits, fewer people. */
export function growthTable(load: Load, constants: Constants, choices: Choices): string {
  const part = (share: number): Scenario => ({
    name: `${amount(load.onlineUsers * share)} online`,
    load: { ...load, users: load.users * share, onlineUsers: load.onlineUsers * share },
  });
  return needsTable([part(0.001), part(0.01), part(0.1), part(1)], constants, choices);
}

function needsTable(scenarios: readonly Scenario[], constants: Constants, choices: Choices): string {
  const all = scenarios.map(({ load }) => ({ load, needs: needsOf(load, constants, choices) }));
  const row = (what: string, value: (needs: Needs, load: Load) => string): string[] => [
    what,
    ...all.map(({ needs, load }) => value(needs, load)),
  ];
  return table(
    ['', ...scenarios.map(({ name }) => name)],
    [
      row('updates a second', (needs) => amount(needs.updatesPerSecond)),
      row('changes told a second', (needs) => amount(needs.changesPerSecond)),
      row('server processes', ({ servers }) => amount(servers.count)),
      row('users of each', ({ servers }) => amount(servers.users)),
      row('servers told of an update', ({ redis }) => amount(redis.pushesPerUpdate)),
      row('messages from Redis to servers, a second', ({ redis }) => amount(redis.pushesPerSecond)),
      row('topics', ({ redis }) => amount(redis.topics)),
      row('subscriptions', ({ redis }) => amount(redis.subscriptions)),
      row('memory of Redis', ({ redis }) => bytes(sum(redis.bytes))),
      row('Redis shards for CPU', ({ redis }) => amount(redis.shardsByCpu)),
      row('Redis shards for memory', ({ redis }) => amount(redis.shardsByMemory)),
      row('history kept', (_, load) => bytes(historyNeeds(load, constants, choices).bytes)),
      row('PostgreSQLs for the rate', (_, load) =>
        amount(historyNeeds(load, constants, choices).nodesByRate),
      ),
      row('PostgreSQLs for the disk', (_, load) =>
        amount(historyNeeds(load, constants, choices).nodesByDisk),
      ),
    ],
  );
}

export function networkTable(load: Load, constants: Constants, choices: Choices): string {
  const { servers, redis } = needsOf(load, constants, choices);
  const row = (what: string, each: number, count: number): string[] => [what, bits(each), bits(each * count)];
  const fromRedis = redis.pushesPerSecond * constants.push;
  return table(
    ['', 'each', 'together'],
    [
      row('a server to its clients', servers.sentBytesPerSecond, servers.count),
      row('Redis to a server', servers.heardBytesPerSecond, servers.count),
      row('a shard to all servers', fromRedis / redis.shards, redis.shards),
    ],
  );
}

export function alternativesTable(load: Load, constants: Constants, choices: Choices): string {
  const needs = needsOf(load, constants, choices);
  return table(
    [
      '',
      'PUBLISH a second',
      'messages to servers a second',
      'subscriptions',
      'cores of Redis',
      'memory of a client',
    ],
    alternatives(load, needs, constants).map((way) => [
      way.name,
      amount(way.publishesPerSecond),
      amount(way.pushesPerSecond),
      way.subscriptions === null ? '' : amount(way.subscriptions),
      amount(way.redisCores),
      way.bytesPerClient === null ? '' : bytes(way.bytesPerClient),
    ]),
  );
}

/** The reference's estimate of the same, and what comes of the measured costs. */
export function estimateTable(load: Load, constants: Constants, choices: Choices): string {
  const { redis, servers } = needsOf(load, constants, choices);
  const pushesOfCore = 1e6 / constants.pushMicros;
  return table(
    ['', 'reference', 'here'],
    [
      ['channels', '100 million', `${amount(redis.topics)}: those that somebody watches`],
      [
        'who are counted as subscribers of a channel',
        '100 friends',
        `${amount(redis.subscriptions / redis.topics)} servers of ${amount(servers.count)}`,
      ],
      [
        'memory of a subscriber of a channel',
        '20 bytes',
        `${amount(constants.subscription)} bytes, and ${amount(constants.channel)} for the channel and the first`,
      ],
      ['memory of all', '200 GB', bytes(redis.bytes.topics + redis.bytes.subscriptions)],
      ['messages to subscribers, a second', '14 million', amount(redis.pushesPerSecond)],
      ['of which a Redis can send', '100,000', `${amount(pushesOfCore)} with all of a core`],
      [
        'Redis servers for them',
        '140',
        `${amount(Math.ceil(redis.cores.pushes / choices.redisCore))} with ${percent(choices.redisCore)} of a core`,
      ],
      [
        'servers told of an update of a user with as many friends online',
        '40',
        amount(serversTold(load, servers.count)),
      ],
    ],
  );
}

export function onePostgresTable(load: Load, constants: Constants, choices: Choices): string {
  const { usersByRate, usersByDisk } = onePostgres(load, constants, choices);
  const {
    bytesPerDay,
    bytes: kept,
    logBytesPerSecond,
    rowsPerSecond,
  } = historyNeeds(load, constants, choices);
  return table(
    ['', ''],
    [
      ['rows a second', amount(rowsPerSecond)],
      ['bytes a day', bytes(bytesPerDay)],
      [`kept for ${choices.retentionDays} days`, bytes(kept)],
      ['log, a second', bytes(logBytesPerSecond)],
      ['one PostgreSQL is enough for the rate of', `${amount(usersByRate)} users online all day`],
      ['and for the disk of', amount(usersByDisk)],
    ],
  );
}
