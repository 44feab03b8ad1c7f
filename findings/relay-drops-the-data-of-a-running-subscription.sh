#!/usr/bin/env bash
# Guess: what a running Relay subscription has delivered stays in the store as long as the subscription runs, as the data of a
# query stays as long as its screen: a row of the list is there until a message says otherwise.
#
# What happens: requestSubscription retains nothing. Relay's store collects its garbage after the eleventh screen of the app was
# left (ten released queries are kept), and with it goes every record that only messages of a subscription brought, while the
# subscription runs and gets more. The fragment of a row that is shown or mounted after that reads `undefined`, which
# does not even count as missing data. Nothing is reported to the subscription. The next message brings the rows back that it names, and no others.
#
# Versions: relay-runtime and relay-compiler 20.1.1, graphql 16.11.0, default store.
# Source: RelayModernStore marks what is reachable from retained operations; requestSubscription calls
# executeSubscription and never retain. Each message has a root of its own, so no query reaches it either.
#
# For our users: a list that sends changes alone has rows that no message repeats for a long time. With Relay, keep the values of
# a message in a state of the app, as the SDK's list does, instead of references to fragments.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit relay-runtime@20.1.1 relay-compiler@20.1.1 graphql@16.11.0
mkdir -p src/generated
cat >schema.graphql <<'GRAPHQL'
type Query { town(id: ID!): Town! }
type Subscription { nearby: [Friend!]! }
type Friend { id: ID! name: String! }
type Town { id: ID! name: String! }
GRAPHQL
cat >relay.config.json <<'JSON'
{ "src": "./src", "schema": "./schema.graphql", "language": "javascript", "artifactDirectory": "./src/generated", "eagerEsModules": false }
JSON
cat >src/app.js <<'JS'
const { graphql } = require('relay-runtime');
graphql`subscription appListSubscription { nearby { ...appRow_friend } }`;
graphql`fragment appRow_friend on Friend { name }`;
graphql`query appTownQuery($id: ID!) { town(id: $id) { name } }`;
JS
node_modules/.bin/relay-compiler >compiled 2>&1 || { cat compiled; exit 1; }

cat >check.js <<'JS'
const relay = require('relay-runtime');
const [list, row, town] = ['appListSubscription', 'appRow_friend', 'appTownQuery'].map((name) =>
  require(`./src/generated/${name}.graphql`),
);
let messages;
const environment = new relay.Environment({
  store: new relay.Store(new relay.RecordSource()),
  network: relay.Network.create(
    (_, { id }) => relay.Observable.from({ data: { town: { id, name: `Town ${id}` } } }),
    () => relay.Observable.create((sink) => void (messages = sink)),
  ),
});
let rows = [];
let ended = false;
relay.requestSubscription(environment, {
  subscription: list,
  variables: {},
  onNext: ({ nearby }) => void (rows = nearby),
  onCompleted: () => void (ended = true),
  onError: () => void (ended = true),
});
/** As useFragment reads a row. */
function show(when) {
  const { data, isMissingData } = environment.lookup(relay.getSelector(row, rows[0]));
  console.log(`${when}: ${data?.name}, missing: ${isMissingData}, subscription ${ended ? 'ended' : 'runs'}`);
}
const message = { data: { nearby: [{ __typename: 'Friend', id: 'f1', name: 'Ann' }] } };

async function main() {
  messages.next(message);
  show('after a message');
  for (let screen = 1; screen <= 11; screen++) {
    const query = relay.createOperationDescriptor(town, { id: `t${screen}` });
    const retained = environment.retain(query);
    await relay.fetchQuery(environment, town, query.request.variables).toPromise();
    retained.dispose();
    // The garbage is collected later in the same turn of the event loop, or in the next.
    await new Promise((done) => setTimeout(done, 20));
    if (screen >= 10) show(`after ${screen} screens were left`);
  }
  messages.next(message);
  show('after another message');
}
void main();
JS
node check.js | tee seen
cat >expected <<'TEXT'
after a message: Ann, missing: false, subscription runs
after 10 screens were left: Ann, missing: false, subscription runs
after 11 screens were left: undefined, missing: false, subscription runs
after another message: Ann, missing: false, subscription runs
TEXT
diff expected seen
echo 'Relay forgets what a running subscription brought, once eleven screens were left.'
