package org.example.nearby;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.example.nearby.schema.types.FriendRequest;
import org.example.nearby.schema.types.ServerInfo;
import org.example.nearby.schema.types.UpdateLocationPayload;
import org.example.nearby.schema.types.User;

/** Makes friends, and lets them see the place. */
final class Sharing {
  private Sharing() {}

  /** Reports the place a few times within the life of a location, until the program or the session ends. */
  static void start(Session session, double latitude, double longitude) {
    ServerInfo server = session.call("server", Map.of(), ServerInfo.class);
    long pause = server.getLocationTtlSeconds() * 1000L / 4;
    Map<String, Object> variables = Map.of("input", Map.of("latitude", latitude, "longitude", longitude));
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "sharing");
              thread.setDaemon(true);
              return thread;
            });
    timer.scheduleWithFixedDelay(
        () -> {
          try {
            session.call("updateLocation", variables, UpdateLocationPayload.class);
          } catch (SignedOutException failure) {
            timer.shutdown();
          } catch (RuntimeException failure) { // One that gets out would end the timer.
            System.err.println("The place was not reported: " + failure.getMessage());
          }
        },
        0,
        pause,
        MILLISECONDS);
  }

  static void befriend(Session session, String handle) {
    User user = session.call("user", Map.of("handle", handle), User.class);
    if (user == null) throw new IllegalArgumentException("Nobody has the handle " + handle + ".");
    try {
      session.call("sendFriendRequest", Map.of("userId", user.getId()), FriendRequest.class);
    } catch (RefusedException refused) {
      if (!refused.hasCode("CONFLICT")) throw refused; // They are friends already.
    }
  }
}
