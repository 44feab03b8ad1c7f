package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"example.org/nearby-friends/api"
)

// errSignedOut says that the session has ended: somebody has to sign in.
var errSignedOut = errors.New("the session has ended")

// session is somebody who is signed in. Requests go over HTTP, the subscription over a WebSocket.
type session struct {
	client       graphql.Client
	webSocketURL string

	renewing sync.Mutex
	mutex    sync.Mutex
	tokens   api.Tokens
}

// signInOrUp makes the account if there is none.
func signInOrUp(ctx context.Context, url, handle, password string) (*session, error) {
	s := &session{webSocketURL: strings.Replace(url, "http", "ws", 1)}
	s.client = graphql.NewClient(url, &http.Client{Transport: s, Timeout: 10 * time.Second})
	signedIn, err := api.SignIn(ctx, s.client, handle, password)
	if err == nil {
		s.keep(signedIn.SignIn)
		return s, nil
	}
	if codeOf(err) != "UNAUTHENTICATED" {
		return nil, err
	}
	// CONFLICT means that the account exists and the password is wrong.
	signedUp, err := api.SignUp(ctx, s.client, handle, handle, password)
	if err != nil {
		return nil, err
	}
	s.keep(signedUp.SignUp)
	return s, nil
}

// RoundTrip sends the newest access token.
func (s *session) RoundTrip(request *http.Request) (*http.Response, error) {
	if token := s.accessToken(); token != "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return http.DefaultTransport.RoundTrip(request)
}

// call runs an operation, and again with a fresh token if the token has ended.
func call[T any](ctx context.Context, s *session, operation func() (T, error)) (T, error) {
	token := s.accessToken()
	answer, err := operation()
	if codeOf(err) != "UNAUTHENTICATED" {
		return answer, err
	}
	if err := s.renew(ctx, token); err != nil {
		return answer, err
	}
	return operation()
}

// renew trades the refresh token for new tokens, unless that was done since the token was used.
func (s *session) renew(ctx context.Context, ended string) error {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if s.accessToken() != ended {
		return nil
	}
	renewed, err := api.RefreshToken(ctx, s.client, s.tokens.RefreshToken)
	if codeOf(err) == "UNAUTHENTICATED" {
		return errSignedOut
	}
	if err != nil {
		return err
	}
	s.keep(renewed.RefreshToken)
	return nil
}

func (s *session) accessToken() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.tokens.AccessToken
}

func (s *session) keep(tokens api.Tokens) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tokens = tokens
}

// codeOf returns the documented code of an error that the server answered, and "" for others.
func codeOf(err error) string {
	var list gqlerror.List
	var answer *graphql.HTTPError
	if errors.As(err, &answer) {
		list = answer.Response.Errors
	} else if !errors.As(err, &list) {
		return ""
	}
	if len(list) == 0 {
		return ""
	}
	code, _ := list[0].Extensions["code"].(string)
	return code
}
