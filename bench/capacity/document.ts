/** docs/capacity.md, whole: the template with every number and table put in. */
import { CITY_SHARE } from './alternatives.js';
import { type Constants, constantsOf, serverMemory } from './constants.js';
import { CHOICES, type Choices, type Load, REFERENCE, updatesPerSecond } from './load.js';
import { DAY_SECONDS } from './history.js';
import { amount, bytes, percent } from './markdown.js';
import type { Measured } from './measured.js';
import { historyTable, redisTable, serverTable } from './measured-tables.js';
import { needsOf } from './model.js';
import { shardLost, zoneLost } from './recovery.js';
import {
  alternativesTable,
  answerTable,
  choicesTable,
  doublingTable,
  estimateTable,
  growthTable,
  loadTable,
  networkTable,
  onePostgresTable,
  placementTable,
} from './tables.js';

const PLACEHOLDER = /\{\{([\w ]+)\}\}/g;

/**
 * @param template Markdown with {{names}} of what is put in their places.
 * @throws Error for a name that stands for nothing, and for what the template does not show.
 */
export function documentOf(template: string, measured: Measured): string {
  const values = valuesOf(measured, REFERENCE, CHOICES);
  const used = new Set<string>();
  const text = template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template of the document asks for "${name}"`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`The template of the document leaves out "${unused.join('", "')}"`);
  return text;
}

function valuesOf(measured: Measured, load: Load, choices: Choices): Readonly<Record<string, string>> {
  const constants = constantsOf(measured);
  const { source } = measured;
  return {
    source: `${source.measuredAt} at revision ${source.gitRevision}, on ${source.machine}, with ${source.versions}`,
    'load table': loadTable(load),
    'choices table': choicesTable(choices),
    'answer table': answerTable(load, measured, choices),
    'server table': serverTable(measured),
    'redis table': redisTable(measured),
    'history table': historyTable(measured),
    'placement table': placementTable(load, measured, choices),
    'doubling table': doublingTable(load, constants, choices),
    'growth table': growthTable(load, constants, choices),
    'network table': networkTable(load, constants, choices),
    'alternatives table': alternativesTable(load, constants, choices),
    'estimate table': estimateTable(load, constants, choices),
    'postgres table': onePostgresTable(load, constants, choices),
    city: amount(load.onlineUsers * CITY_SHARE),
    ...memoryValues(measured),
    ...recoveryValues(load, constants, choices),
    ...databaseValues(load, constants),
  };
}

function memoryValues(measured: Measured): Record<string, string> {
  const { client, topic, friend } = serverMemory(measured);
  return { client: bytes(client), topic: bytes(topic), friend: bytes(friend) };
}

function recoveryValues(load: Load, constants: Constants, choices: Choices): Record<string, string> {
  const needs = needsOf(load, constants, choices);
  const zone = zoneLost(load, needs, constants, choices);
  const shard = shardLost(needs, constants);
  return {
    'zone users': amount(zone.users),
    'zone server seconds': amount(zone.serverSeconds),
    'zone redis seconds': amount(zone.redisSeconds),
    'server core after a zone': percent((needs.servers.core * choices.zones) / (choices.zones - 1)),
    'shard subscriptions': amount(shard.subscriptions),
    'shard seconds': amount(shard.redisSeconds),
    'comings a second': amount(load.onlineUsers / choices.socketSeconds),
  };
}

function databaseValues(load: Load, constants: Constants): Record<string, string> {
  const rowsOfDay = DAY_SECONDS / load.secondsBetweenUpdates;
  return {
    'rows a second': amount(updatesPerSecond(load)),
    'rows a day': amount(rowsOfDay),
    'bytes a day': bytes(rowsOfDay * constants.row),
    'friendship rows': amount(load.users * load.friends),
    'friend reads': amount((load.onlineUsers / CHOICES.socketSeconds) * load.friends),
  };
}
