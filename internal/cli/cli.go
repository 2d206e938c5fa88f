// Package cli is the command line: one file for each command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"vacancy/internal/app"
)

// commands is the whole command line.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the booking server."`
	Apply    applyCommand    `cmd:"" help:"Put venues, their resources and services from YAML files through the API."`
	Verify   verifyCommand   `cmd:"" help:"Check a database against itself, also while servers use it."`
	Doctor   doctorCommand   `cmd:"" help:"Say what this installation promises, and what not; it only looks."`
	Failover failoverCommand `cmd:"" help:"Show which database is in charge, and decide it."`
	Outbox   outboxCommand   `cmd:"" help:"Tell and decide whether alerts go to people and events to brokers: those of a copy do not."`
	Rollout  rolloutCommand  `cmd:"" help:"Move traffic to another version step by step, and back when a check fails."`
	Bench    benchCommand    `cmd:"" help:"Measure a server, and count oversells."`
	Openapi  openapiCommand  `cmd:"" name:"openapi" help:"Print the API's OpenAPI document."`
	Metrics  metricsCommand  `cmd:"" help:"Print what each metric of a server means."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run parses and runs one command and returns the program's exit code. Errors are one clear sentence on streams.Err.
func Run(ctx context.Context, args []string, streams Streams) int {
	exited, code := false, exitOK
	parser, err := kong.New(&commands{},
		kong.Name("vacancy"),
		kong.Description("Bookings that are live and never double. Start with: vacancy serve --demo"),
		kong.Writers(streams.Out, streams.Err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fail(streams.Err, err, exitFailed)
	}
	command, err := parser.Parse(args)
	if exited {
		return code // --help
	}
	if err != nil {
		return fail(streams.Err, fmt.Errorf("%w; try --help", err), exitUsage)
	}
	if err := command.Run(); err != nil {
		return fail(streams.Err, err, exitCode(err))
	}
	return exitOK
}

// exitCode is the one that a command's error asks for.
func exitCode(err error) int {
	if coded, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok {
		return coded.ExitCode()
	}
	return exitFailed
}

func fail(w io.Writer, err error, code int) int {
	_, _ = fmt.Fprintf(w, "vacancy: %v\n", err)
	return code
}

type versionCommand struct{}

func (versionCommand) Run(streams Streams) error {
	_, err := fmt.Fprintln(streams.Out, "vacancy", app.Version())
	return err
}
