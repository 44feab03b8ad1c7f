"""The live list: what the messages of `nearbyFriends` make of it."""

from collections.abc import Iterator


class NearbyList:
    def __init__(self) -> None:
        self._friends: dict[str, tuple[str, float]] = {}

    def apply(self, update: dict) -> Iterator[str]:
        """Yields a line for everybody who came, moved or left."""
        gone = [each["friendId"] for each in update["left"]]
        if update["snapshot"]:  # It replaces the list.
            gone = self._friends.keys() - {each["friend"]["id"] for each in update["nearby"]}
        for friend_id in gone:
            if friend_id in self._friends:
                name, _ = self._friends.pop(friend_id)
                yield f"{name} left"
        for each in update["nearby"]:
            friend, distance = each["friend"], each["distanceMeters"]
            before = self._friends.get(friend["id"])
            now = self._friends[friend["id"]] = (friend["displayName"], distance)
            if before != now:
                yield f"{now[0]} {'came' if before is None else 'moved'}: {distance:.0f} m"
