/** Asks a server for the number of everybody's neighbourhood, as apps keep it from an earlier visit. */
import type { LoadUser } from '../crowd.js';

const AT_ONCE = 100;
const QUERY = 'mutation($input:UpdateLocationInput!){updateLocation(input:$input){near}}';

/** @returns null for a server that knows no neighbourhoods. */
export async function askForNears(url: string, users: readonly LoadUser[]): Promise<string[] | null> {
  const nears: string[] = [];
  while (nears.length < users.length) {
    const some = users.slice(nears.length, nears.length + AT_ONCE);
    for (const near of await Promise.all(some.map((user) => askForNear(url, user)))) {
      if (near === null) return null;
      nears.push(near);
    }
  }
  return nears;
}

async function askForNear(url: string, { token, latitude, longitude }: LoadUser): Promise<string | null> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: QUERY, variables: { input: { latitude, longitude } } }),
  });
  const { data } = (await response.json()) as { data?: { updateLocation?: { near?: string } } | null };
  return data?.updateLocation?.near ?? null;
}
