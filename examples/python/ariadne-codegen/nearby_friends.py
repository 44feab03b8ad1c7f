"""Prints which friends come near, move and leave: see README.md."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException

from nearby_client import Client, GraphQLClientError, GraphQLClientGraphQLMultiError
from nearby_list import NearbyList

TOKEN_ENDED = 4403
UNREACHABLE = (httpx.HTTPError, WebSocketException, GraphQLClientError, OSError, TimeoutError)

T = TypeVar("T")


class SignedOut(Exception):
    """The session has ended: somebody has to sign in."""


class BearerAuth(httpx.Auth):
    """Requests have the newest access token."""

    access_token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self.access_token is not None:
            request.headers["authorization"] = f"Bearer {self.access_token}"
        yield request


class Account:
    """Somebody who is signed in: requests go over HTTP, a subscription over a WebSocket of its own."""

    def __init__(self, url: str) -> None:
        self._auth = BearerAuth()
        self._refresh_token = ""
        self._renewing = asyncio.Lock()
        self.client = Client(
            url=url,
            ws_url=url.replace("http", "ws", 1),
            http_client=httpx.AsyncClient(auth=self._auth),
        )

    async def sign_in_or_up(self, handle: str, password: str) -> None:
        try:
            tokens = (await self.client.sign_in(handle, password)).sign_in
        except GraphQLClientGraphQLMultiError as error:
            if code_of(error) != "UNAUTHENTICATED":
                raise
            # CONFLICT would mean that the account exists and the password is wrong.
            tokens = (await self.client.sign_up(handle, handle, password)).sign_up
        self._keep(tokens.access_token, tokens.refresh_token)

    async def call(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Runs it again with a fresh token if the token has ended."""
        token = self._auth.access_token
        try:
            return await operation()
        except GraphQLClientGraphQLMultiError as error:
            if code_of(error) != "UNAUTHENTICATED":
                raise
            await self.renew(token)
            return await operation()

    async def renew(self, ended_token: str | None) -> None:
        """Trades the refresh token for new tokens, unless that was done since the token was used."""
        async with self._renewing:
            if self._auth.access_token != ended_token:
                return
            try:
                tokens = (await self.client.refresh_token(self._refresh_token)).refresh_token
            except GraphQLClientGraphQLMultiError as error:
                if code_of(error) == "UNAUTHENTICATED":
                    raise SignedOut from error
                raise
            self._keep(tokens.access_token, tokens.refresh_token)

    @property
    def access_token(self) -> str | None:
        return self._auth.access_token

    def _keep(self, access_token: str, refresh_token: str) -> None:
        self._auth.access_token = access_token
        self._refresh_token = refresh_token
        # It is sent at the start of every connection.
        self.client.ws_connection_init_payload = {"authorization": f"Bearer {access_token}"}


async def follow(account: Account) -> None:
    """Prints every change, through broken connections and ended tokens."""
    friends = NearbyList()
    attempt = 0
    while True:
        token = account.access_token
        try:
            async for answer in account.client.nearby_friends():
                attempt = 0
                for line in friends.apply(answer.nearby_friends):
                    print(line, flush=True)
        except ConnectionClosed as closed:
            ended = closed.rcvd is not None and closed.rcvd.code == TOKEN_ENDED
            if ended and await renewed(account, token):
                continue
        except UNREACHABLE:
            pass
        print("The list was interrupted. Trying again.", file=sys.stderr)
        await asyncio.sleep(min(0.5 * 2**attempt, 5) * random.uniform(0.5, 1))
        attempt += 1


async def renewed(account: Account, token: str | None) -> bool:
    try:
        await account.renew(token)
        return True
    except UNREACHABLE:
        return False


async def share(account: Account, latitude: float, longitude: float) -> None:
    """Reports the place a few times within the life of a location."""
    client = account.client
    pause = 5.0
    while True:
        try:
            await account.call(lambda: client.update_location(latitude, longitude))
            pause = (await account.call(client.server)).server.location_ttl_seconds / 4
        except UNREACHABLE as error:
            print(f"The place was not reported: {code_of(error) or 'no answer'}", file=sys.stderr)
        await asyncio.sleep(pause)


async def befriend(account: Account, handle: str) -> None:
    user = (await account.call(lambda: account.client.find_user(handle))).user
    if user is None:
        sys.exit(f"Nobody has the handle {handle}.")
    try:
        await account.call(lambda: account.client.send_friend_request(user.id))
    except GraphQLClientGraphQLMultiError as error:
        if code_of(error) != "CONFLICT":  # They are friends already.
            raise


def code_of(error: Exception) -> object:
    if isinstance(error, GraphQLClientGraphQLMultiError):
        return (error.errors[0].extensions or {}).get("code")
    return None


async def main() -> None:
    account = Account(os.environ.get("NEARBY_URL", "http://127.0.0.1:4000/graphql"))
    latitude, longitude = map(float, os.environ.get("NEARBY_PLACE", "37.9755,23.7348").split(","))
    try:
        await account.sign_in_or_up(os.environ["NEARBY_HANDLE"], os.environ["NEARBY_PASSWORD"])
        if friend := os.environ.get("NEARBY_FRIEND"):
            await befriend(account, friend)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(share(account, latitude, longitude))
            tasks.create_task(follow(account))
    except* SignedOut:
        sys.exit("The session has ended. Sign in again.")
    except* GraphQLClientGraphQLMultiError as group:
        sys.exit(str(group.exceptions[0]))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
