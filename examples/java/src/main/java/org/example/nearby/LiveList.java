package org.example.nearby;

import io.netty.handler.timeout.ReadTimeoutHandler;
import java.time.Duration;
import java.util.Map;
import org.example.nearby.schema.types.NearbyFriendsUpdate;
import org.springframework.graphql.client.WebSocketDisconnectedException;
import org.springframework.graphql.client.WebSocketGraphQlClient;
import org.springframework.graphql.client.WebSocketGraphQlClientInterceptor;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.util.retry.Retry;

/** The messages of nearbyFriends, through broken connections and ended tokens. */
final class LiveList {
  /** The close code of a socket whose token has ended. */
  private static final int TOKEN_ENDED = 4403;

  /** So long a connection may be silent. The server pings after 30 s. The client's keepAlive() waits for no answers. */
  private static final int SILENCE_SECONDS = 75;

  private LiveList() {}

  /** Fails with SignedOutException alone. */
  static Flux<NearbyFriendsUpdate> of(Session session) {
    ConnectionToken token = new ConnectionToken(session);
    HttpClient http =
        HttpClient.create()
            .doOnConnected(connection -> connection.addHandlerLast(new ReadTimeoutHandler(SILENCE_SECONDS)));
    WebSocketGraphQlClient client =
        WebSocketGraphQlClient.builder(session.webSocketUrl(), new ReactorNettyWebSocketClient(http))
            .interceptor(token)
            .build();
    Retry retry =
        Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(500))
            .maxBackoff(Duration.ofSeconds(5))
            .transientErrors(true)
            .filter(failure -> !(failure instanceof SignedOutException))
            .doBeforeRetryAsync(signal -> renewIfEnded(session, token, signal.failure()));
    return client
        .documentName("nearbyFriends")
        .retrieveSubscription("nearbyFriends")
        .toEntity(NearbyFriendsUpdate.class)
        .repeat()
        .retryWhen(retry);
  }

  private static Mono<Void> renewIfEnded(Session session, ConnectionToken token, Throwable failure) {
    boolean hasEnded =
        failure instanceof WebSocketDisconnectedException disconnected
            && disconnected.getCloseStatus().getCode() == TOKEN_ENDED;
    if (!hasEnded) {
      System.err.println("The list was interrupted. Trying again.");
      return Mono.empty();
    }
    return Mono.<Void>fromRunnable(() -> session.renew(token.used))
        .subscribeOn(Schedulers.boundedElastic())
        .onErrorComplete(unreachable -> !(unreachable instanceof SignedOutException));
  }

  /** Each connection begins with the newest token. */
  private static final class ConnectionToken implements WebSocketGraphQlClientInterceptor {
    private final Session session;
    private volatile String used = "";

    ConnectionToken(Session session) {
      this.session = session;
    }

    @Override
    public Mono<Object> connectionInitPayload() {
      return Mono.fromCallable(
          () -> {
            used = session.accessToken();
            return Map.of("authorization", "Bearer " + used);
          });
    }
  }
}
