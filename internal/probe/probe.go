package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Config is what a probe needs. All fields are needed.
type Config struct {
	// URL is where the server can be reached from its own machine, and Host the name that it is to be asked by.
	URL, Host string
	Client    *http.Client
	// Header and Token are what the probe shows itself by.
	Header, Token string
	// Venue and Service are booked, whose starts are Step apart.
	Venue, Service string
	Step           time.Duration
	// Prepare makes the venue, if it is not there.
	Prepare func(context.Context) error
	// Interval is the time between two rounds.
	Interval time.Duration
	Meter    Meter
	Alerts   Alerts
	Log      *slog.Logger
}

// Meter is told of each round.
type Meter interface {
	// Probe: a hold and its cancellation succeeded or not, and took so long.
	Probe(ok bool, took time.Duration)
}

// Alerts tells the operator of what needs a person.
type Alerts interface {
	Critical(key, text string)
	Resolve(key string)
}

// Alert is the key of the alert that bookings fail.
const Alert = "probe_failing"

// Probe tries again and again whether a booking succeeds.
type Probe struct {
	config   Config
	prepared bool
	failures int
}

// New makes a probe.
func New(c Config) *Probe { return &Probe{config: c} }

// Run tries once in each interval until ctx ends. A round that takes longer delays the next.
func (p *Probe) Run(ctx context.Context) {
	defer p.config.Client.CloseIdleConnections()
	ticker := time.NewTicker(p.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		began := time.Now()
		err := p.try(ctx)
		if ctx.Err() != nil {
			return // the server stops; that says nothing of bookings
		}
		p.note(err, time.Since(began))
	}
}

// note counts a round. The log has the first failure of several, and their end.
func (p *Probe) note(err error, took time.Duration) {
	p.config.Meter.Probe(err == nil, took)
	if err == nil {
		if p.failures > 0 {
			p.config.Log.Info("the probe can book again", "failures", p.failures)
		}
		p.failures = 0
		p.config.Alerts.Resolve(Alert)
		return
	}
	p.failures++
	if p.failures == 1 {
		p.config.Log.Warn("the probe could not book", "error", err)
	}
	if p.failures >= failuresToAlert {
		p.config.Alerts.Critical(Alert, fmt.Sprintf("the server cannot book: its own probe has failed %d times in a row: %v", p.failures, err))
	}
}

// try makes a hold and cancels it, on a connection of its own.
func (p *Probe) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundTimeout)
	defer cancel()
	defer p.config.Client.CloseIdleConnections()
	if !p.prepared {
		if err := p.config.Prepare(ctx); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		p.prepared = true
	}
	var held struct {
		ID          string `json:"id"`
		ManageToken string `json:"manage_token"`
	}
	start := time.Now().Add(startDelay).Truncate(p.config.Step).UTC()
	bookings := p.config.URL + "/v1/venues/" + p.config.Venue + "/bookings"
	err := p.call(ctx, bookings, "", http.StatusCreated, map[string]any{
		"service": p.config.Service, "start": start.Format(time.RFC3339), "party_size": 1, "hold": true,
	}, &held)
	if refused, ok := errors.AsType[*statusError](err); ok && refused.status < http.StatusInternalServerError {
		p.prepared = false // somebody has changed the venue, or restored a database without it
	}
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	if err := p.call(ctx, bookings+"/"+held.ID+"/cancel", held.ManageToken, http.StatusOK, struct{}{}, nil); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return nil
}

// statusError is an answer with another status than is due.
type statusError struct {
	status int
	code   string
}

func (e *statusError) Error() string { return fmt.Sprintf("the answer is %d %s", e.status, e.code) }

// call posts a value, and reads the answer into another, if that is not nil.
func (p *Probe) call(ctx context.Context, url, token string, want int, send, receive any) error {
	body, err := json.Marshal(send)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Host = p.config.Host
	r.Header.Set(p.config.Header, p.config.Token)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := p.config.Client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes))
	if err != nil {
		return err
	}
	if res.StatusCode != want {
		var problem struct{ Code string }
		_ = json.Unmarshal(answer, &problem) // what is no problem has no code
		return &statusError{res.StatusCode, problem.Code}
	}
	if receive == nil {
		return nil
	}
	return json.Unmarshal(answer, receive)
}
