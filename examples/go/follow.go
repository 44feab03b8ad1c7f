package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"

	"example.org/nearby-friends/api"
)

// tokenEnded is the close code of a socket whose token has ended.
const tokenEnded = 4403

// follow prints every change, through broken connections and ended tokens.
func follow(ctx context.Context, s *session) error {
	friends := nearbyList{}
	for attempt := 0; ; attempt++ {
		token := s.accessToken()
		err := followOnce(ctx, s.webSocketURL, token, func(update *api.NearbyUpdate) {
			attempt = 0
			for _, line := range friends.apply(update) {
				fmt.Println(line)
			}
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if websocket.IsCloseError(err, tokenEnded) {
			err := s.renew(ctx, token)
			if errors.Is(err, errSignedOut) {
				return err
			}
			if err == nil {
				continue
			}
		}
		fmt.Fprintln(os.Stderr, "The list was interrupted. Trying again.")
		pause := min(500*time.Millisecond<<min(attempt, 4), 5*time.Second)
		if err := sleep(ctx, pause/2+rand.N(pause/2)); err != nil {
			return err
		}
	}
}

// followOnce returns when the connection has ended, with the error that says why. A client of genqlient is for one connection.
func followOnce(ctx context.Context, url, token string, onUpdate func(*api.NearbyUpdate)) error {
	dialer := &dialer{}
	defer dialer.close()
	client := graphql.NewClientUsingWebSocket(url, dialer,
		graphql.WithConnectionParams(map[string]any{"authorization": "Bearer " + token}))
	failed, err := client.Start(ctx)
	if err != nil {
		return err
	}
	updates, _, err := api.NearbyFriends(ctx, client)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, dialer.close)()
	for {
		select {
		case err := <-failed:
			return err
		case update, isOpen := <-updates:
			switch {
			case !isOpen: // The server has ended the subscription.
				updates = nil
				dialer.close()
			case len(update.Errors) > 0:
				fmt.Fprintln(os.Stderr, update.Errors)
				dialer.close()
			default:
				onUpdate(&update.Data.NearbyFriends)
			}
		}
	}
}

func sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(duration):
		return nil
	}
}
