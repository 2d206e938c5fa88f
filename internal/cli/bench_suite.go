package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"vacancy/internal/bench/suite"
)

type benchSuiteCommand struct {
	Database  string   `required:"true" placeholder:"URL" help:"A PostgreSQL database, postgres://USER@HOST/NAME. Each run has a schema of its own in it, dropped at the end."`
	Document  string   `required:"true" placeholder:"FILE" type:"existingfile" help:"A Markdown file with a block for each part, which is written anew."`
	Directory string   `placeholder:"DIR" type:"existingdir" help:"Where SQLite's files live; its disk is measured too."`
	Seconds   float64  `default:"10" help:"How long each load runs."`
	Rounds    int      `default:"3" help:"How often the loads that are compared run, in turn."`
	Bookings  int      `default:"1000000" help:"How many bookings the large database holds."`
	Few       int      `default:"10000" help:"How many the small one holds."`
	Only      []string `placeholder:"PART" help:"Measure these parts only: bookings, locking, live, churn, large."`
}

func (c *benchSuiteCommand) Run(ctx context.Context, streams Streams) error {
	options := suite.Options{
		Database: c.Database, Directory: c.Directory, Seconds: c.Seconds, Rounds: c.Rounds, Few: c.Few, Many: c.Bookings, Only: c.Only,
		Run: benchProcess(streams.Err), Log: streams.Err,
	}
	document, err := os.ReadFile(c.Document)
	if err != nil {
		return err
	}
	if err := options.Check(string(document)); err != nil {
		return fmt.Errorf("%s: %w", c.Document, err)
	}
	results, err := suite.Measure(ctx, options)
	if err != nil {
		return err
	}
	if document, err = os.ReadFile(c.Document); err != nil { // it may have been edited meanwhile
		return err
	}
	updated, err := results.Update(string(document))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Document, err)
	}
	return os.WriteFile(c.Document, []byte(updated), 0o644) //nolint:gosec // a document is for everybody to read
}

// benchProcess runs one benchmark of this program in a process of its own, so that none inherits the memory of those before it.
func benchProcess(problems io.Writer) func(context.Context, []string) ([]byte, error) {
	return func(ctx context.Context, args []string) ([]byte, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command := exec.CommandContext(ctx, self, append([]string{"bench"}, args...)...) //nolint:gosec // this program itself
		command.Stderr = problems
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it cleans up after itself
		return command.Output()
	}
}
