/** The data of one operation over plain HTTP, as for signing up. */
export async function post<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data | null; errors?: unknown };
  if (data == null) throw new Error(JSON.stringify(errors));
  return data;
}

export const newUser = (handle: string) => ({
  handle,
  displayName: handle,
  password: 'correct horse battery',
});
