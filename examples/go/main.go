// Prints which friends come near, move and leave: see README.md.
package main

//go:generate go tool genqlient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx); {
	case ctx.Err() != nil: // Ctrl-C.
	case errors.Is(err, errSignedOut):
		fmt.Fprintln(os.Stderr, "The session has ended. Sign in again.")
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var place place
	if _, err := fmt.Sscanf(cmp.Or(os.Getenv("NEARBY_PLACE"), "37.9755,23.7348"), "%g,%g", &place.latitude, &place.longitude); err != nil {
		return fmt.Errorf("NEARBY_PLACE: %w", err)
	}
	url := cmp.Or(os.Getenv("NEARBY_URL"), "http://127.0.0.1:4000/graphql")
	session, err := signInOrUp(ctx, url, os.Getenv("NEARBY_HANDLE"), os.Getenv("NEARBY_PASSWORD"))
	if err != nil {
		return err
	}
	if handle := os.Getenv("NEARBY_FRIEND"); handle != "" {
		if err := befriend(ctx, session, handle); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return share(ctx, session, place) })
	group.Go(func() error { return follow(ctx, session) })
	return group.Wait()
}
