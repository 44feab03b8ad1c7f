#!/usr/bin/env bash
# Guess: a subscription that the server refuses with an `error` message ends alone, and a client of the protocol
# graphql-transport-ws answers `ping` with `pong`. Other subscriptions of the connection go on.
#
# What happens: genqlient's WebSocket client stops reading for good at either. It takes the list of errors, and
# the `ping`, for something that it cannot read, sends one error to the channel of errors, and its reader returns.
# The other subscriptions get nothing more, their channels stay open, and so does the socket; `pong` is never
# sent. Nobody connects again.
#
# Versions: github.com/Khan/genqlient 0.8.1, github.com/gorilla/websocket 1.5.3, Go 1.24 or newer.
# Source: genqlient, graphql/websocket.go, forwardWebSocketData: it knows `complete`, and hands the payload of all
# else to the subscription with the message's id, as a response; listenWebSocket returns at the first error.
#
# For our users: a Go app must take whatever comes from the channel of errors as the end of all subscriptions,
# close the client and start anew. One connection for each subscription keeps them apart. Our server checks
# connections with ping frames, which gorilla answers; gateways in front may send `ping` messages.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
cat >go.mod <<'MOD'
module subscriptions

go 1.24

require (
	github.com/Khan/genqlient v0.8.1
	github.com/gorilla/websocket v1.5.3
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"
)

type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// serve sends a distance every 50 ms to each subscription. It refuses `nope`, and pings when it is asked for `ping`.
func serve(pongs *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		var writing sync.Mutex
		send := func(m message) error {
			writing.Lock()
			defer writing.Unlock()
			return socket.WriteJSON(m)
		}
		for {
			var m message
			if socket.ReadJSON(&m) != nil {
				return
			}
			switch {
			case m.Type == "connection_init":
				send(message{Type: "connection_ack"})
			case m.Type == "pong":
				*pongs++
			case m.Type == "subscribe" && strings.Contains(string(m.Payload), "nope"):
				send(message{ID: m.ID, Type: "error", Payload: json.RawMessage(`[{"message":"no such field"}]`)})
			case m.Type == "subscribe" && strings.Contains(string(m.Payload), "ping"):
				send(message{Type: "ping"})
			case m.Type == "subscribe":
				go func() {
					for send(message{ID: m.ID, Type: "next", Payload: json.RawMessage(`{"data":{"distance":1}}`)}) == nil {
						time.Sleep(50 * time.Millisecond)
					}
				}()
			}
		}
	}
}

type dialer struct{ *websocket.Dialer }

func (d dialer) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	socket, _, err := d.Dialer.DialContext(ctx, url, header)
	return graphql.WSConn(socket), err
}

// The function that genqlient generates for each subscription.
func forward(channel interface{}, payload json.RawMessage) error {
	var response graphql.BaseResponse[map[string]int]
	if err := json.Unmarshal(payload, &response); err != nil {
		return err
	}
	channel.(chan graphql.BaseResponse[map[string]int]) <- response
	return nil
}

// received counts what comes within a second, and tells whether the channel is still open.
func received(channel chan graphql.BaseResponse[map[string]int]) (count int, open bool) {
	for end := time.After(time.Second); ; {
		select {
		case _, open := <-channel:
			if !open {
				return count, false
			}
			count++
		case <-end:
			return count, true
		}
	}
}

func try(second string) string {
	pongs := 0
	server := httptest.NewServer(serve(&pongs))
	defer server.CloseClientConnections()
	client := graphql.NewClientUsingWebSocket(
		"ws"+strings.TrimPrefix(server.URL, "http"), dialer{websocket.DefaultDialer},
	)
	errors, err := client.Start(context.Background())
	if err != nil {
		panic(err)
	}
	distances := make(chan graphql.BaseResponse[map[string]int], 1000)
	others := make(chan graphql.BaseResponse[map[string]int], 1000)
	client.Subscribe(&graphql.Request{Query: "subscription { distance }"}, distances, forward)
	before, _ := received(distances)
	client.Subscribe(&graphql.Request{Query: second}, others, forward)
	told := "nothing"
	select {
	case err := <-errors:
		told = err.Error()
	case <-time.After(time.Second):
	}
	received(distances)
	after, open := received(distances)
	fmt.Printf("%s: told %q; messages in a second: %d before, %d after; channel open: %t; pongs: %d\n",
		second, told, before, after, open, pongs)
	return fmt.Sprintf("%t %d %t %d", before > 5, after, open, pongs)
}

func main() {
	seen := try("subscription { nope }") + "; " + try("subscription { ping }")
	if seen != "true 0 true 0; true 0 true 0" {
		fmt.Println("NO LONGER as described")
		os.Exit(1)
	}
	fmt.Println("as described")
}
GO
go version
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go build -o run .
timeout 60 ./run
