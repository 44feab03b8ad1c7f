#!/usr/bin/env bash
# Guess: `client.connect_async(reconnecting=True)` of gql for Python, which is documented to retry again and again, knocks
# with the first token until the app ends it, when the server refuses that with 4403.
#
# What happens: it knocks once. The transport counts as connected from the moment at which the WebSocket is open, so
# after a connection that was closed before `connection_ack` each later attempt ends with "already connected" before it
# has begun, for ever, while `session.execute()` waits. The app is told nothing. Only a message that could not be sent
# lets the transport go; the attempt after that takes what `init_payload` holds by then.
#
# Versions: gql 4.4.0, websockets 17.4, Python 3.11.
# Source: gql/transport/common/base.py, `connect`: `_connected = True` stands before `_after_initialize`, and its failure
# closes nothing.
#
# For our users: a socket ends with its token, and a server that drains may close a socket at any moment. The example
# in Python opens a transport for each connection, with a fresh token, instead of `reconnecting=True`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'gql[websockets]==4.4.0' websockets==17.4
cat >app.py <<'PY'
import asyncio, json
from gql import Client, gql
from gql.transport.exceptions import TransportAlreadyConnected
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.server import serve

tokens = []    # of each connection
attempts = []  # how each attempt to connect ended
valid = {"first"}

async def server(socket):
    init = json.loads(await socket.recv())
    tokens.append(init["payload"]["token"])
    if tokens[-1] not in valid:
        return await socket.close(4403, "Forbidden")
    await socket.send('{"type":"connection_ack"}')
    async for text in socket:
        message = json.loads(text)
        if message["type"] != "subscribe":
            continue
        await socket.send(json.dumps({"type": "next", "id": message["id"], "payload": {"data": {"tick": 1}}}))
        if "first" in valid:
            valid.clear()
            return await socket.close(4403, "Forbidden")

class Transport(WebsocketsTransport):
    async def connect(self):
        try:
            await super().connect()
            attempts.append("connected")
        except Exception as error:
            attempts.append(type(error).__name__)
            raise

async def until(condition, seconds):
    for _ in range(seconds * 20):
        if condition(): return True
        await asyncio.sleep(0.05)
    return False

async def main():
    async with serve(server, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"]) as listening:
        payload = {"token": "first"}
        port = listening.sockets[0].getsockname()[1]
        client = Client(transport=Transport(f"ws://127.0.0.1:{port}", init_payload=payload))
        session = await client.connect_async(reconnecting=True)
        told = []
        try:
            async for result in session.subscribe(gql("subscription { tick }")):
                told.append("tick")
        except Exception as error:
            told.append(type(error).__name__)
        print("subscription:", *told)
        await until(lambda: len(attempts) == 2, 10)
        payload["token"] = "second"
        valid.add("second")
        # By the fifth, with waits of 1, 2, 4 and 8 s between them, an attempt with the new token would have come.
        await until(lambda: len(attempts) >= 6, 40)
        print("attempts:", *attempts)
        print("connections:", *tokens)
        answer = asyncio.ensure_future(session.execute(gql("{ tick }")))
        print("after a message that could not be sent:", (await until(lambda: len(tokens) > 2, 60)) and tokens[-1])
        answer.cancel()
        await client.close_async()

asyncio.run(main())
PY
env/bin/python app.py 2>log | tee seen
diff - seen <<'SEEN' || { echo "This has changed."; exit 1; }
subscription: tick TransportConnectionFailed
attempts: connected TransportConnectionFailed TransportAlreadyConnected TransportAlreadyConnected TransportAlreadyConnected TransportAlreadyConnected
connections: first first
after a message that could not be sent: second
SEEN
echo "Seen: refused once, a reconnecting session of gql connects no more until a message fails."
