package org.example.nearby;

import java.util.Map;
import java.util.Optional;

/** Prints which friends come near, move and leave: see README.md. */
public final class NearbyFriends {
  public static void main(String[] args) {
    Map<String, String> env = System.getenv();
    String url = env.getOrDefault("NEARBY_URL", "http://127.0.0.1:4000/graphql");
    String[] place = env.getOrDefault("NEARBY_PLACE", "37.9755,23.7348").split(",");
    try {
      Session session = Session.signInOrUp(url, env.get("NEARBY_HANDLE"), env.get("NEARBY_PASSWORD"));
      Optional.ofNullable(env.get("NEARBY_FRIEND")).ifPresent(handle -> Sharing.befriend(session, handle));
      Sharing.start(session, Double.parseDouble(place[0]), Double.parseDouble(place[1]));

      NearbyList friends = new NearbyList();
      LiveList.of(session).doOnNext(update -> friends.apply(update).forEach(System.out::println)).blockLast();
    } catch (SignedOutException | RefusedException failure) {
      System.err.println(failure.getMessage());
      System.exit(1);
    }
  }
}
