package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// answer is what came back: any status below 400.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send tries the call until it has an answer, a refusal, or no tries left.
func (c *Client) send(ctx context.Context, r *call) (answer, error) {
	for try := 1; ; try++ {
		a, err := c.once(ctx, r)
		if err == nil || try == maxTries || ctx.Err() != nil {
			return a, err
		}
		wait, again := r.retry(err, try)
		if !again {
			return a, err
		}
		if stopped := c.pause(ctx, wait); stopped != nil {
			return a, errors.Join(err, stopped)
		}
	}
}

// retry tells how long to wait before the next try after err, and whether there may be one.
func (r *call) retry(err error, try int) (time.Duration, bool) {
	wait := backoff(try)
	if problem, ok := errors.AsType[*Problem](err); ok {
		busy := problem.Status == http.StatusServiceUnavailable || problem.Status == http.StatusTooManyRequests
		return max(wait, problem.RetryAfter), busy && r.repeatable() && problem.RetryAfter <= maxRetryAfter
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "dial" {
		return wait, true // nothing was sent
	}
	return wait, r.repeatable()
}

// backoff is a random time below firstBackoff after the first failure, below twice that after the second, and so on, up to maxBackoff.
// Chance keeps many clients that lost the same server from returning all at once.
func backoff(failures int) time.Duration {
	most := min(firstBackoff<<min(failures-1, 6), maxBackoff)
	return most/4 + rand.N(most*3/4)
}

// once sends the call a single time.
func (c *Client) once(ctx context.Context, r *call) (answer, error) {
	request, err := c.request(ctx, r)
	if err != nil {
		return answer{}, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("%s %s: read the answer: %w", r.method, request.URL.Path, err)
	case len(body) > maxBody:
		return answer{}, fmt.Errorf("%s %s: the answer has more than %d bytes", r.method, request.URL.Path, maxBody)
	case response.StatusCode >= http.StatusBadRequest:
		return answer{}, newProblem(response, body)
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

func (c *Client) request(ctx context.Context, r *call) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	request.Header = r.header.Clone()
	request.Header.Set("Accept", "application/json, application/problem+json")
	if r.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.idempotencyKey != "" {
		request.Header.Set("Idempotency-Key", r.idempotencyKey)
	}
	if token := r.bearer(c.key); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

func (r *call) bearer(key string) string {
	if r.token != "" {
		return r.token
	}
	return key
}

// read sends a call and decodes its answer into a T.
func read[T any](ctx context.Context, c *Client, r *call) (T, answer, error) {
	a, err := c.send(ctx, r)
	if err != nil {
		var none T
		return none, a, err
	}
	v, err := decode[T](r, a)
	return v, a, err
}

// write is [read] with a body.
func write[T any](ctx context.Context, c *Client, r *call, body any) (T, error) {
	var err error
	if r.body, err = json.Marshal(body); err != nil {
		var none T
		return none, err
	}
	v, _, err := read[T](ctx, c, r)
	return v, err
}

func decode[T any](r *call, a answer) (T, error) {
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		return v, fmt.Errorf("%s %s: the answer is not what it should be: %w", r.method, r.path, err)
	}
	return v, nil
}
