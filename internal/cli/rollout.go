package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"vacancy/internal/app"
	"vacancy/internal/config"
	"vacancy/internal/rollout"
)

type rolloutCommand struct {
	Blue  []string `required:"true" placeholder:"URL,..." help:"The nodes that serve now: the address of each one's --admin-listen, as in http://127.0.0.1:9081."`
	Green []string `required:"true" placeholder:"URL,..." help:"The nodes of the version that is to take over, as many as there are of blue."`

	ShiftCommand string `placeholder:"LINE" help:"Run by the shell to move traffic, with BLUE_WEIGHT and GREEN_WEIGHT (0 to 100) in its environment. Not set: the nodes are told their weights, and HAProxy asks their --agent-listen."`
	CheckCommand string `placeholder:"LINE" help:"Run by the shell at the end of each step: a check of your own, such as what the proxy has counted. Traffic goes back if it fails."`
	BlueStop     string `placeholder:"LINE" help:"Run by the shell when green has all of the traffic, to stop blue."`
	GreenStop    string `placeholder:"LINE" help:"Run by the shell after a return to blue, to stop green."`

	Steps            []int         `default:"1,10,50,100" placeholder:"PERCENT,..." help:"Green's shares of the traffic."`
	StepTime         time.Duration `default:"2m" placeholder:"DURATION" help:"How long each step is watched, at least."`
	StepTimeout      time.Duration `default:"15m" placeholder:"DURATION" help:"How long a step may take until green has answered --min-writes."`
	MinWrites        int           `default:"20" help:"Writes that green must have answered in a step. Rounds of its own probe count, one every 5 s."`
	MaxErrorRate     float64       `default:"0.01" help:"Largest share of a call's answers that may be 5xx. A single one is not counted."`
	MaxLatency       time.Duration `default:"500ms" placeholder:"DURATION" help:"Most that 99 of 100 reads, and writes, may take; slower is a fault if it is twice as slow as blue, too."`
	MaxUpdateLatency time.Duration `default:"1s" placeholder:"DURATION" help:"The same for a change's way to readers."`

	Database     string `env:"VACANCY_DATABASE" placeholder:"URL" help:"The database that is checked as by 'vacancy verify', before the first step and after each. It is only read."`
	NoVerify     bool   `help:"Do not check the database: where that takes too long."`
	Key          string `env:"VACANCY_ADMIN_KEY" placeholder:"KEY" help:"The key of nodes on other machines: their VACANCY_ADMIN_KEY."`
	InsecureHTTP bool   `name:"insecure-http" help:"Send the key over plain HTTP to another machine, where whoever is on the way can read it."`
}

// Help says how it ends.
func (*rolloutCommand) Help() string {
	return "Moves traffic from blue to green, step by step, and back when a check fails or it is interrupted. Ends with 0 when green has " +
		"it all, with 1 when blue has it all again or nothing was begun, and with 3 when the way back failed too. See docs/deployment.md."
}

// exitStranded is how the program ends when traffic is somewhere in between.
const exitStranded = 3

// strandedError: a person must look.
type strandedError struct{ error }

func (e strandedError) Unwrap() error { return e.error }
func (strandedError) ExitCode() int   { return exitStranded }

// Run moves the traffic, and prints what it does.
func (c *rolloutCommand) Run(ctx context.Context, streams Streams) error {
	if err := c.validate(); err != nil {
		return err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	blue, green := rollout.NewNodes(client, c.Key, c.Blue...), rollout.NewNodes(client, c.Key, c.Green...)
	plan := rollout.Config{
		Blue: blue, Green: green, Shift: rollout.ByAgents(blue, green), Steps: c.Steps, StepTime: c.StepTime, StepTimeout: c.StepTimeout,
		Limits: rollout.Limits{
			ErrorRate: c.MaxErrorRate, Latency: c.MaxLatency, UpdateLatency: c.MaxUpdateLatency, MinWrites: c.MinWrites,
		},
		Check: shellLine(c.CheckCommand), StopBlue: shellLine(c.BlueStop), StopGreen: shellLine(c.GreenStop),
		Say: func(line string) { _, _ = fmt.Fprintf(streams.Out, "%s %s\n", time.Now().Format(time.TimeOnly), line) },
	}
	if c.ShiftCommand != "" {
		plan.Shift = rollout.ByCommand(c.ShiftCommand)
	}
	if !c.NoVerify {
		plan.Verify = func(ctx context.Context) error { return c.verify(ctx, streams) }
	}
	err := rollout.Run(ctx, plan)
	if errors.Is(err, rollout.ErrStranded) {
		return strandedError{err}
	}
	return err
}

func (c *rolloutCommand) validate() error {
	for _, url := range slices.Concat(c.Blue, c.Green) {
		if err := checkKeyIsSafe(url, c.Key, c.InsecureHTTP); err != nil {
			return err
		}
	}
	if len(c.Blue) != len(c.Green) {
		return fmt.Errorf("--blue has %d nodes and --green %d: the shares would not be what they say", len(c.Blue), len(c.Green))
	}
	last := 0
	for _, share := range c.Steps {
		if share <= last || share > 100 {
			return errors.New("--steps must rise, from 1 or more to 100")
		}
		last = share
	}
	if last != 100 {
		return errors.New("--steps must end with 100")
	}
	if c.StepTimeout < c.StepTime {
		return errors.New("--step-timeout must not be shorter than --step-time")
	}
	if c.Database == "" && !c.NoVerify {
		return errors.New("--database is needed to check the bookings between the steps, or --no-verify")
	}
	return nil
}

// verify is the check of `vacancy verify`.
func (c *rolloutCommand) verify(ctx context.Context, streams Streams) error {
	settings := config.Default()
	settings.Database, settings.LogLevel = c.Database, "warn"
	report, err := app.Verify(ctx, settings, newLogger(streams.Err, settings))
	if err != nil {
		return uncheckedError{err}
	}
	if !report.Clean() {
		return fmt.Errorf("%w:\n%s", errProblems, report)
	}
	return nil
}

// shellLine runs a line of the shell; nil if there is none.
func shellLine(line string) func(context.Context) error {
	if line == "" {
		return nil
	}
	return func(ctx context.Context) error { return rollout.Command(ctx, line) }
}
