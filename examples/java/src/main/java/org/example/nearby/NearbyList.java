package org.example.nearby;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.example.nearby.schema.types.DepartedFriend;
import org.example.nearby.schema.types.NearbyFriend;
import org.example.nearby.schema.types.NearbyFriendsUpdate;

/** What the messages of nearbyFriends make of the list. */
final class NearbyList {
  private final Map<String, NearbyFriend> friends = new HashMap<>();

  /** @return a line for everybody who came, moved or left. */
  List<String> apply(NearbyFriendsUpdate update) {
    Set<String> gone = update.getLeft().stream().map(DepartedFriend::getFriendId).collect(toSet());
    if (update.getSnapshot()) { // It replaces the list.
      gone = new HashSet<>(friends.keySet());
      for (NearbyFriend each : update.getNearby()) gone.remove(each.getFriend().getId());
    }
    List<String> lines = new ArrayList<>();
    for (String id : gone) {
      NearbyFriend before = friends.remove(id);
      if (before != null) lines.add(before.getFriend().getDisplayName() + " left");
    }
    for (NearbyFriend each : update.getNearby()) {
      NearbyFriend before = friends.put(each.getFriend().getId(), each);
      if (each.equals(before)) continue;
      String name = each.getFriend().getDisplayName();
      String what = before == null ? "came" : "moved";
      lines.add(String.format(Locale.ROOT, "%s %s: %.0f m", name, what, each.getDistanceMeters()));
    }
    return lines;
  }
}
