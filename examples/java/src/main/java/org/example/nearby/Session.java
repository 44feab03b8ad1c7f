package org.example.nearby;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.example.nearby.schema.types.AuthPayload;
import org.springframework.graphql.client.ClientGraphQlResponse;
import org.springframework.graphql.client.HttpSyncGraphQlClient;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** Somebody who is signed in. Requests go over HTTP, the subscription over a WebSocket. */
public final class Session {
  private final String url;
  private final HttpSyncGraphQlClient client;
  private volatile AuthPayload tokens;

  private Session(String url) {
    this.url = url;
    JdkClientHttpRequestFactory connections = new JdkClientHttpRequestFactory();
    connections.setReadTimeout(Duration.ofSeconds(10));
    RestClient http =
        RestClient.builder()
            .baseUrl(url)
            .requestFactory(connections)
            .requestInterceptor(
                (request, body, execution) -> {
                  if (tokens != null) request.getHeaders().setBearerAuth(accessToken());
                  return execution.execute(request, body);
                })
            .build();
    client = HttpSyncGraphQlClient.create(http);
  }

  /** Makes the account if there is none. */
  public static Session signInOrUp(String url, String handle, String password) {
    Session session = new Session(url);
    try {
      Map<String, Object> variables = Map.of("handle", handle, "password", password);
      session.tokens = session.execute("signIn", variables, AuthPayload.class);
    } catch (RefusedException refused) {
      if (!refused.hasCode("UNAUTHENTICATED")) throw refused;
      // CONFLICT would mean that the account exists and the password is wrong.
      Map<String, Object> variables = Map.of("handle", handle, "displayName", handle, "password", password);
      session.tokens = session.execute("signUp", variables, AuthPayload.class);
    }
    return session;
  }

  /** Runs the document of that name, and again with a fresh token if the token has ended. */
  public <T> T call(String name, Map<String, Object> variables, Class<T> type) {
    String token = accessToken();
    Supplier<T> operation = () -> execute(name, variables, type);
    try {
      return operation.get();
    } catch (RefusedException refused) {
      if (!refused.hasCode("UNAUTHENTICATED")) throw refused;
      renew(token);
      return operation.get();
    }
  }

  /** Trades the refresh token for new tokens, unless that was done since the token was used. */
  public synchronized void renew(String ended) {
    if (!accessToken().equals(ended)) return;
    try {
      tokens = execute("refreshToken", Map.of("refreshToken", tokens.getRefreshToken()), AuthPayload.class);
    } catch (RefusedException refused) {
      throw refused.hasCode("UNAUTHENTICATED") ? new SignedOutException() : refused;
    }
  }

  public String accessToken() {
    return tokens.getAccessToken();
  }

  public String webSocketUrl() {
    return url.replaceFirst("^http", "ws");
  }

  /** @return the field of the document's name, null where the answer says null. */
  private <T> T execute(String name, Map<String, Object> variables, Class<T> type) {
    ClientGraphQlResponse response = client.documentName(name).variables(variables).executeSync();
    if (!response.getErrors().isEmpty()) throw new RefusedException(response.getErrors().get(0));
    return response.field(name).toEntity(type);
  }
}
