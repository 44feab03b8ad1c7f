package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"example.org/nearby-friends/api"
)

type place struct{ latitude, longitude float64 }

// share reports the place a few times within the life of a location.
func share(ctx context.Context, s *session, place place) error {
	pause := 5 * time.Second
	for {
		_, err := call(ctx, s, func() (*api.UpdateLocationResponse, error) {
			return api.UpdateLocation(ctx, s.client, place.latitude, place.longitude)
		})
		if err == nil {
			var told *api.ServerResponse
			told, err = call(ctx, s, func() (*api.ServerResponse, error) { return api.Server(ctx, s.client) })
			if err == nil {
				pause = time.Duration(told.Server.LocationTtlSeconds) * time.Second / 4
			}
		}
		if errors.Is(err, errSignedOut) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "The place was not reported:", err)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func befriend(ctx context.Context, s *session, handle string) error {
	found, err := call(ctx, s, func() (*api.FindUserResponse, error) { return api.FindUser(ctx, s.client, handle) })
	if err != nil {
		return err
	}
	if found.User == nil {
		return fmt.Errorf("nobody has the handle %s", handle)
	}
	_, err = call(ctx, s, func() (*api.SendFriendRequestResponse, error) {
		return api.SendFriendRequest(ctx, s.client, found.User.Id)
	})
	if codeOf(err) == "CONFLICT" { // They are friends already.
		return nil
	}
	return err
}
