/**
 * Gives location updates an id before they are sent, so that one that is sent again after a lost answer is
 * recorded once. It finds them as variables of the type UpdateLocationInput and as lists of it, whatever
 * their names, and as objects that are written into the document.
 */

/** Returns the variables with an id for each update that has none. */
export function withLocationIds(
  document: string,
  variables: Readonly<Record<string, unknown>> | undefined,
  newId: () => string,
): Readonly<Record<string, unknown>> | undefined {
  if (variables === undefined) return undefined;
  const withId = (update: unknown): unknown => (needsId(update) ? { ...update, id: newId() } : update);
  const filled = { ...variables };
  for (const [, name = ''] of document.matchAll(LOCATION_VARIABLE)) {
    const value = filled[name];
    if (Array.isArray(value)) filled[name] = value.map(withId);
    else if (value !== undefined) filled[name] = withId(value);
  }
  return filled;
}

/** Returns the document with an id for each update that is written into it and has none. */
export function withInlineIds(document: string, newId: () => string): string {
  if (!document.includes('updateLocation')) return document;
  // What strings and comments hold is hidden, and everything stays at its place.
  const bare = document.replace(TEXT_OR_COMMENT, (text) => ' '.repeat(text.length));
  let filled = '';
  let takenTo = 0;
  for (const { 0: object, index } of bare.matchAll(INNERMOST_BRACES)) {
    if (!LATITUDE.test(object) || ID.test(object)) continue;
    filled += `${document.slice(takenTo, index + 1)}id: "${newId()}" `;
    takenTo = index + 1;
  }
  return filled + document.slice(takenTo);
}

const LOCATION_VARIABLE = /\$(\w+)[\s,]*:[\s,]*\[?[\s,]*UpdateLocationInput\b/g;

const TEXT_OR_COMMENT = /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|#.*/g;
const INNERMOST_BRACES = /\{[^{}]*\}/g;
/** A latitude with a value: no other input has one, and after the alias of a field comes a name. */
const LATITUDE = /\blatitude[\s,]*:[\s,]*[-\d$]/;
const ID = /\bid[\s,]*:/;

const needsId = (update: unknown): update is object =>
  typeof update === 'object' && update !== null && (update as { id?: unknown }).id == null;
