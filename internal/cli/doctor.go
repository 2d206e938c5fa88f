package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"vacancy/internal/app"
	"vacancy/internal/config"
)

type doctorCommand struct {
	config.Config
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Help says what the exit codes mean.
func (*doctorCommand) Help() string {
	return "Looks at the database with all its hosts, at this machine and at the settings, given by the flags and environment of 'vacancy " +
		"serve', and says what they promise and what not: what is lost on a failover, what stops, what nobody would notice. Nothing is " +
		"changed, and servers may go on meanwhile. Ends with 0 if there are no warnings and no problems, with 1 if there are, and with 2 if " +
		"the database could not be looked at."
}

// errFindings is how the command ends when something is to be done. What, was printed.
var errFindings = errors.New("there are warnings or problems")

// Run looks, and prints what it found.
func (c *doctorCommand) Run(ctx context.Context, streams Streams) error {
	c.AdminKey = os.Getenv(config.AdminKeyEnv)
	report, err := app.Doctor(ctx, c.Config, newLogger(streams.Err, c.Config))
	if err != nil {
		return uncheckedError{err}
	}
	err = printVerdict(streams.Out, report, c.JSON)
	if len(report.Unseen) > 0 {
		return uncheckedError{errors.New(strings.Join(report.Unseen, "; "))}
	}
	if errors.Is(err, errProblems) {
		return errFindings
	}
	return err
}
