#!/usr/bin/env bash
# Guess: with `keepAlive(1 s)` Spring's WebSocketGraphQlClient sends a ping every second, and takes a server that answers
# none of them for lost: the subscription ends with an error after a few seconds. When the connection has ended, so
# have its pings.
#
# What happens: nothing looks for answers. A server that neither reads nor writes for 12 s ends no subscription, and gets
# all pings when it reads again, two each second. Nor does the interval end with its connection: of 20 connections that
# the server closed the client keeps 20 sessions in memory, and none without `keepAlive`. A ReadTimeoutHandler of Netty
# finds the silent server.
#
# Versions: spring-graphql 2.0.4, reactor-netty-http 1.3.6, Java 17, ws 8.18.3.
# Source: spring-graphql, WebSocketGraphQlTransport.java, GraphQlSessionHandler.handle: an interval is merged into what is
# received, a second one is subscribed to by nobody who could end it, and `pong` is read and forgotten.
#
# For our users: a phone whose network has gone, or a server behind a load balancer that was switched off, leaves a
# list that stands still until TCP gives up, a quarter of an hour later. Servers ping a silent socket after 30 s, so
# whoever hears nothing for 75 s is alone. A client that connects anew for each token collects sessions, two in an hour.
set -euo pipefail
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>4.0.7</version><relativePath/>
  </parent>
  <groupId>example</groupId><artifactId>check</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.springframework.graphql</groupId><artifactId>spring-graphql</artifactId><version>2.0.4</version></dependency>
    <dependency><groupId>org.springframework</groupId><artifactId>spring-webflux</artifactId></dependency>
    <dependency><groupId>io.projectreactor.netty</groupId><artifactId>reactor-netty-http</artifactId><version>1.3.6</version></dependency>
    <dependency><groupId>tools.jackson.core</groupId><artifactId>jackson-databind</artifactId></dependency>
  </dependencies>
</project>
XML
cat >Check.java <<'JAVA'
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.ObjectName;
import java.lang.management.ManagementFactory;
import org.springframework.graphql.client.WebSocketGraphQlClient;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.netty.http.client.HttpClient;

public class Check {
  public static void main(String[] args) throws Exception {
    String url = args[0];
    System.out.println("silent for 10 s, with keepAlive: " + silent(url, HttpClient.create()));
    HttpClient impatient =
        HttpClient.create().doOnConnected(connection -> connection.addHandlerLast(new ReadTimeoutHandler(3)));
    System.out.println("and with a read timeout of 3 s: " + silent(url, impatient));

    System.out.println("sessions left by 20 connections, with keepAlive: " + sessionsLeft(url, Duration.ofMinutes(5)));
    System.out.println("and without: " + sessionsLeft(url, null));
    System.exit(0);
  }

  static WebSocketGraphQlClient client(String url, HttpClient http, Duration keepAlive) {
    var builder = WebSocketGraphQlClient.builder(URI.create(url), new ReactorNettyWebSocketClient(http));
    return (keepAlive == null ? builder : builder.keepAlive(keepAlive)).build();
  }

  static String silent(String url, HttpClient http) throws Exception {
    AtomicReference<String> end = new AtomicReference<>("goes on");
    client(url, http, Duration.ofSeconds(1))
        .document("subscription { silent }")
        .retrieveSubscription("silent")
        .toEntity(String.class)
        .subscribe(value -> {}, error -> end.set(error.getClass().getSimpleName()), () -> end.set("complete"));
    Thread.sleep(10_000);
    return end.get();
  }

  /** How many sessions a client keeps of 20 connections that the server closed. */
  static long sessionsLeft(String url, Duration keepAlive) throws Exception {
    long before = sessions();
    WebSocketGraphQlClient client = client(url, HttpClient.create(), keepAlive);
    for (int connection = 0; connection < 20; connection++) {
      try {
        client.document("subscription { closed }").retrieveSubscription("closed").toEntity(String.class).blockLast();
      } catch (RuntimeException closed) {
        Thread.sleep(500);
      }
    }
    return sessions() - before;
  }

  /** How many sessions are in memory, after a collection of garbage. */
  static long sessions() throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    return histogram
        .lines()
        .filter(line -> line.endsWith("WebSocketGraphQlTransport$GraphQlSession"))
        .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[1]))
        .sum();
  }
}
JAVA
mvn -q dependency:build-classpath -Dmdep.outputFile=classpath >/dev/null
javac -cp "$(cat classpath)" Check.java
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent ws@8.18.3
cat >server.js <<'JS'
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
server.on('listening', () => console.log(server.address().port));
server.on('connection', (socket) => {
  let pings = 0;
  socket.on('message', (data) => {
    const { type, id, payload } = JSON.parse(data);
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type === 'ping') pings += 1;
    if (type !== 'subscribe') return;
    if (payload.query.includes('closed')) return socket.close(1012);
    socket.send(JSON.stringify({ type: 'next', id, payload: { data: { silent: 'first' } } }));
    // It neither reads nor writes, as if the network were gone.
    socket._socket.pause();
    setTimeout(() => socket._socket.resume(), 12_000);
    setTimeout(() => console.log('pings of the silent time:', pings), 12_500);
  });
});
JS
node server.js >server &
pid=$!
while [ ! -s server ]; do sleep 0.05; done
java -cp "$(cat classpath):." Check "ws://127.0.0.1:$(head -1 server)/graphql" 2>/dev/null | tee client
sed -n 2p server
grep -qx 'silent for 10 s, with keepAlive: goes on' client &&
  grep -qx 'and with a read timeout of 3 s: WebSocketDisconnectedException' client &&
  [ "$(sed -n 's/^sessions left.*: //p' client)" -eq 20 ] && [ "$(sed -n 's/^and without: //p' client)" -le 1 ] &&
  [ "$(sed -n '2s/.*: //p' server)" -ge 15 ] || { echo 'NO LONGER as described'; exit 1; }
echo 'as described'
