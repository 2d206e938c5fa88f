package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"vacancy/internal/app"
	"vacancy/internal/config"
)

type verifyCommand struct {
	Database string `default:"sqlite:vacancy.db" env:"VACANCY_DATABASE" placeholder:"URL" help:"The database to check: sqlite:FILE, or postgres://USER@HOST/NAME. It is only read."`
	Against  string `placeholder:"URL" help:"Instead, list what this other database has and the first lacks, as a primary that was left after a failover. Both are only read."`
	JSON     bool   `name:"json" help:"Print one JSON object."`
}

// Help says what the exit codes mean.
func (*verifyCommand) Help() string {
	return "Replays the history of every venue and compares it with what is stored. Servers may go on meanwhile. " +
		"Ends with 0 if there are no problems, with 1 if there are, and with 2 if the database could not be checked. " +
		"With --against, 1 means that something is missing."
}

// Run checks the database and prints what it found.
func (c *verifyCommand) Run(ctx context.Context, streams Streams) error {
	settings := config.Default()
	settings.Database, settings.LogLevel = c.Database, "warn"
	if c.Against != "" {
		return c.compare(ctx, streams, settings)
	}
	report, err := app.Verify(ctx, settings, newLogger(streams.Err, settings))
	if err != nil {
		return uncheckedError{err}
	}
	return printVerdict(streams.Out, report, c.JSON)
}

// compare prints what the other database has and this one lacks.
func (c *verifyCommand) compare(ctx context.Context, streams Streams, settings config.Config) error {
	other := settings
	other.Database = c.Against
	loss, err := app.VerifyAgainst(ctx, settings, other, newLogger(streams.Err, settings))
	if err != nil {
		return uncheckedError{err}
	}
	if err := printVerdict(streams.Out, loss, c.JSON); errors.Is(err, errProblems) {
		return errLoss
	} else if err != nil {
		return err
	}
	return nil
}

// errLoss is how a comparison ends that has found something missing. What, was printed.
var errLoss = errors.New("the database lacks what the other has")

// verdict is a report of what is wrong with a database.
type verdict interface {
	fmt.Stringer
	Clean() bool
}

// errProblems is how the command ends when there are any. What they are, was printed.
var errProblems = errors.New("the database contradicts itself")

func printVerdict(out io.Writer, v verdict, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(v); err != nil {
			return uncheckedError{err}
		}
	} else if _, err := fmt.Fprint(out, v); err != nil {
		return uncheckedError{err}
	}
	if !v.Clean() {
		return errProblems
	}
	return nil
}

// exitUnchecked is how the program ends when nothing is known of the database.
const exitUnchecked = 2

// uncheckedError: the check was not made, or nobody could read what it found.
type uncheckedError struct{ err error }

func (e uncheckedError) Error() string { return "not checked: " + e.err.Error() }
func (e uncheckedError) Unwrap() error { return e.err }
func (uncheckedError) ExitCode() int   { return exitUnchecked }
