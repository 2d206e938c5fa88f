package cli

import (
	"context"
	"fmt"

	"vacancy/internal/app"
)

type outboxCommand struct {
	Status outboxStatusCommand `cmd:"" help:"Tell whether this database's servers tell of alerts by command and webhook, and send events."`
	Pause  outboxPauseCommand  `cmd:"" help:"Have nothing told and no events sent: a database that is a copy begins so."`
	Resume outboxResumeCommand `cmd:"" help:"Have alerts told again, and events sent from where they stopped."`
}

// outboxDatabase is the database that a command is about.
type outboxDatabase struct {
	Database string `default:"sqlite:vacancy.db" env:"VACANCY_DATABASE" placeholder:"URL" help:"The database: sqlite:FILE, or postgres://USER@HOST/NAME. Servers may be using it."`
}

type outboxStatusCommand struct{ outboxDatabase }

// Run prints how it is, since when, by whom and why.
func (c *outboxStatusCommand) Run(ctx context.Context, streams Streams) error {
	return printOutbox(streams, func() (app.OutboxState, error) { return app.Outbox(ctx, databaseAt(c.Database)) })
}

type outboxPauseCommand struct {
	outboxDatabase
	Reason string `placeholder:"TEXT" help:"Why, for whoever looks later."`
}

// Run pauses.
func (c *outboxPauseCommand) Run(ctx context.Context, streams Streams) error {
	return printOutbox(streams, func() (app.OutboxState, error) {
		return app.SwitchOutbox(ctx, databaseAt(c.Database), true, whoRuns(), c.Reason)
	})
}

type outboxResumeCommand struct {
	outboxDatabase
	Reason string `placeholder:"TEXT" help:"Why, for whoever looks later."`
}

// Help says when it is needed.
func (*outboxResumeCommand) Help() string {
	return "A database that was copied or restored tells nobody of its alerts and sends no events until then, so that a copy for a test " +
		"neither wakes the people of the original nor tells its consumers of bookings that are none. docs/alerts.md says what counts as a copy."
}

// Run resumes.
func (c *outboxResumeCommand) Run(ctx context.Context, streams Streams) error {
	return printOutbox(streams, func() (app.OutboxState, error) {
		return app.SwitchOutbox(ctx, databaseAt(c.Database), false, whoRuns(), c.Reason)
	})
}

func printOutbox(streams Streams, ask func() (app.OutboxState, error)) error {
	state, err := ask()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(streams.Out, "outbox: %s\n", state)
	return err
}
