package main

import (
	"context"
	"net/http"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"
)

// silence is how long a connection may be silent. The server pings after 30 s.
const silence = 75 * time.Second

// dialer connects once. It implements graphql.Dialer.
type dialer struct{ connection *websocket.Conn }

func (d *dialer) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	connection, _, err := websocket.DefaultDialer.DialContext(ctx, url, header)
	if err != nil {
		return nil, err
	}
	d.connection = connection
	answerPing := connection.PingHandler()
	connection.SetPingHandler(func(data string) error {
		_ = connection.SetReadDeadline(time.Now().Add(silence))
		return answerPing(data)
	})
	return watchedConnection{connection}, nil
}

// close ends the connection. The client's own Close leaves it open when the server has closed it and while there is a
// subscription: it says complete after the close frame, which is an error, and returns.
func (d *dialer) close() {
	if d.connection != nil {
		_ = d.connection.Close()
	}
}

// watchedConnection fails when it was silent for too long.
type watchedConnection struct{ *websocket.Conn }

func (c watchedConnection) ReadMessage() (int, []byte, error) {
	_ = c.SetReadDeadline(time.Now().Add(silence))
	return c.Conn.ReadMessage()
}
