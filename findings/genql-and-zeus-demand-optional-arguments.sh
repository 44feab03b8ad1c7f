#!/usr/bin/env bash
# Guess: an argument that is null by default, or has a default, may be left out, so a schema may get new ones without
# breaking a client, and descriptions change nothing.
#
# What happens: Zeus demands every argument and input field that is not null, default or not. genql demands `__args`
# where a description of an argument has a colon. An app that was written before such an argument or description came
# does not compile when its code is generated anew. Over the wire nothing changes.
#
# Versions: @genql/cli 6.3.4, graphql-zeus 7.2.1, TypeScript 6.0.3, Node 20 or newer.
# Source: @genql/cli, dist/render/requestTypes/objectType.js: `argsOptional = !argsString.match(/[^?]:/)`, over a text
# that has the descriptions in it. GraphQL specification, October 2021, 5.4.2.1: an argument is required if it is not
# null and has no default.
#
# For our users: genql apps write `__args: {}` for `nearbyFriends`, Zeus apps `leaveMarginMeters: 0` and
# `sharingEnabled: true`. New arguments of this schema should be nullable, and their descriptions without colons.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent --ignore-scripts @genql/cli@6.3.4 graphql-zeus@7.2.1 graphql@16.15.0 \
  graphql-ws@6.4.2 typescript@6.0.3 @types/node@20
cat >genql.ts <<'TS'
import { generateQueryOp } from './generated';
generateQueryOp({ near: { id: true } });
TS
cat >zeus.ts <<'TS'
import { Selector } from './generated/zeus';
Selector('Query')({ near: [{}, { id: true }] });
TS

# Prints whether the app compiles. $1: generator, $2: the argument that it leaves out
try() {
  echo "type Query { near($2): Place } type Place { id: ID }" >schema.graphql
  rm -rf generated
  if [ "$1" = genql ]; then
    npx genql --schema schema.graphql --output generated >log 2>&1
  else
    npx zeus - - schema.graphql generated --subscriptions graphql-ws >log 2>&1
  fi
  if npx tsc --noEmit --strict --skipLibCheck --target ES2022 --module ESNext --moduleResolution bundler \
    --lib ES2022,DOM --types node "$1.ts" >log; then answer=compiles; else answer='does not compile'; fi
  echo "$1, without the argument $2: $answer"
  seen+="$answer, "
}

seen=''
try genql '"Metres." a: Int! = 0'
try genql '"Metres: at most 500." a: Int'
try zeus 'a: Int = 0'
try zeus 'a: Int! = 0'
if [ "$seen" = 'compiles, does not compile, compiles, does not compile, ' ]; then
  echo 'as described'
else
  echo 'NO LONGER as described'
  exit 1
fi
