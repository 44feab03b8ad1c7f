"""Prints which friends come near, move and leave: see README.md."""

import asyncio
import os
import random
import sys
from pathlib import Path

from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

from nearby_list import NearbyList

OPERATIONS = gql(Path(__file__).with_name("operations.graphql").read_text())
TOKEN_ENDED = 4403
UNREACHABLE = (TransportError, OSError, TimeoutError)


class SignedOut(Exception):
    """The session has ended: somebody has to sign in."""


class Account:
    """Somebody who is signed in. Everything goes over WebSockets."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("http", "ws", 1)
        self._tokens: dict[str, str] = {}

    async def sign_in_or_up(self, handle: str, password: str) -> None:
        async with self._connect() as session:
            credentials = {"handle": handle, "password": password}
            try:
                answer = await execute(session, "SignIn", credentials)
                self._tokens = answer["signIn"]
            except TransportQueryError as error:
                if code_of(error) != "UNAUTHENTICATED":
                    raise
                # CONFLICT would mean that the account exists and the password is wrong.
                answer = await execute(session, "SignUp", credentials | {"displayName": handle})
                self._tokens = answer["signUp"]

    async def renew(self) -> None:
        """Trades the refresh token for new tokens."""
        async with self._connect() as session:
            try:
                answer = await execute(
                    session, "RefreshToken", {"refreshToken": self._tokens["refreshToken"]}
                )
            except TransportQueryError as error:
                if code_of(error) == "UNAUTHENTICATED":
                    raise SignedOut from error
                raise
            self._tokens = answer["refreshToken"]

    def connect(self) -> Client:
        """One connection. It ends with its token, with close code 4403."""
        return self._connect({"authorization": f"Bearer {self._tokens['accessToken']}"})

    def _connect(self, init_payload: dict[str, str] | None = None) -> Client:
        transport = WebsocketsTransport(
            url=self._url,
            init_payload=init_payload,
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        return Client(transport=transport)


async def follow(account: Account, place: dict[str, float]) -> None:
    """Prints every change, through broken connections and ended tokens."""
    friends = NearbyList()
    attempt = 0
    while True:
        try:
            async with account.connect() as session:
                sharing = asyncio.create_task(share(session, place))
                try:
                    async for answer in session.subscribe(request("NearbyFriends")):
                        attempt = 0
                        for line in friends.apply(answer["nearbyFriends"]):
                            print(line, flush=True)
                finally:
                    sharing.cancel()
                    await asyncio.gather(sharing, return_exceptions=True)
        except UNREACHABLE as error:
            if close_code(error) == TOKEN_ENDED and await renewed(account):
                continue
        print("The list was interrupted. Trying again.", file=sys.stderr)
        await asyncio.sleep(min(0.5 * 2**attempt, 5) * random.uniform(0.5, 1))
        attempt += 1


async def renewed(account: Account) -> bool:
    try:
        await account.renew()
        return True
    except UNREACHABLE:
        return False


async def share(session: AsyncClientSession, place: dict[str, float]) -> None:
    """Reports the place a few times within the life of a location."""
    told = session.transport.payloads["connection_ack"]
    while True:
        try:
            await execute(session, "UpdateLocation", place)
        except TransportQueryError as error:
            print(f"The place was not reported: {code_of(error)}", file=sys.stderr)
        await asyncio.sleep(told["locationTtlSeconds"] / 4)


async def befriend(account: Account, handle: str) -> None:
    async with account.connect() as session:
        user = (await execute(session, "FindUser", {"handle": handle}))["user"]
        if user is None:
            sys.exit(f"Nobody has the handle {handle}.")
        try:
            await execute(session, "SendFriendRequest", {"userId": user["id"]})
        except TransportQueryError as error:
            if code_of(error) != "CONFLICT":  # They are friends already.
                raise


def request(operation: str, variables: dict | None = None) -> GraphQLRequest:
    return GraphQLRequest(OPERATIONS, variable_values=variables, operation_name=operation)


async def execute(session: AsyncClientSession, operation: str, variables: dict | None = None) -> dict:
    return await session.execute(request(operation, variables))


def code_of(error: TransportQueryError) -> str | None:
    return (error.errors or [{}])[0].get("extensions", {}).get("code")


def close_code(error: BaseException | None) -> int | None:
    """gql hands the close frame on as the cause of its error."""
    while error is not None:
        if isinstance(error, ConnectionClosed):
            return error.rcvd.code if error.rcvd else None
        error = error.__cause__
    return None


async def main() -> None:
    account = Account(os.environ.get("NEARBY_URL", "http://127.0.0.1:4000/graphql"))
    latitude, longitude = map(float, os.environ.get("NEARBY_PLACE", "37.9755,23.7348").split(","))
    try:
        await account.sign_in_or_up(os.environ["NEARBY_HANDLE"], os.environ["NEARBY_PASSWORD"])
        if friend := os.environ.get("NEARBY_FRIEND"):
            await befriend(account, friend)
        await follow(account, {"latitude": latitude, "longitude": longitude})
    except SignedOut:
        sys.exit("The session has ended. Sign in again.")
    except TransportQueryError as error:
        sys.exit(error.errors[0]["message"])


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
