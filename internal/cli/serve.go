package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"vacancy/internal/app"
	"vacancy/internal/config"
	"vacancy/internal/supervisor"
)

type serveCommand struct {
	config.Config
	Demo bool `env:"VACANCY_DEMO" help:"Also set up the example venues, with some bookings; without --database in a database of their own, vacancy-demo.db."`

	// demoDatabase tells that the demo has a database of its own.
	demoDatabase bool
}

func (c *serveCommand) Run(ctx context.Context, streams Streams) error {
	unused := make([]byte, ballastBytes)
	defer runtime.KeepAlive(unused)
	c.AdminKey = os.Getenv(config.AdminKeyEnv)
	c.MakeAdminKey = streams.Terminal // a key that is printed into a log is everybody's who reads logs
	log := newLogger(streams.Err, c.Config)
	c.RequestLog = newRequestLogger(streams.Err)
	supervised, err := supervisor.FromEnvironment()
	if err != nil {
		return err
	}
	server, err := app.New(ctx, c.Config, log, app.WithSupervisor(supervised))
	if errors.Is(err, app.ErrStopped) {
		log.Info("stopped while waiting for the database")
		return nil
	}
	if err != nil {
		return err
	}
	if key := server.NewAdminKey(); key != "" {
		fmt.Fprintf(streams.Out, "Admin key, shown only this once: %s\n", key)
	}
	// Whatever ends the command, what was accepted is finished and the database is closed.
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx) }()
	stopReloading := reloadOnSignal(ctx, streams, server.Reload)
	defer stopReloading()
	if err := c.welcome(ctx, c.announcer(streams.Out, log), server); err != nil {
		if ctx.Err() != nil { // it was told to stop, and does
			log.Info("stopped before all was set up")
			return <-served
		}
		return errors.Join(err, server.Close(), <-served)
	}
	select {
	case err := <-served:
		return err
	case err := <-server.Failed():
		return err
	}
}

// reloadOnSignal calls reload at each SIGHUP, as services expect it, until the function returned is called. On a terminal the signal means
// that the terminal is gone, and ends the program as ever.
func reloadOnSignal(ctx context.Context, streams Streams, reload func(context.Context)) (stop func()) {
	if streams.Terminal || signal.Ignored(syscall.SIGHUP) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-signals:
				reload(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		signal.Stop(signals)
		cancel()
		running.Wait()
	}
}

// announcer prints lines for people. Where the log is for programs the lines go there, so that all output can be parsed.
func (c *serveCommand) announcer(out io.Writer, log *slog.Logger) func(line string) {
	if c.LogFormat == "json" {
		return func(line string) { log.Info(line) } //nolint:sloglint // lines for people
	}
	return func(line string) { fmt.Fprintln(out, line) }
}

// welcome sets up the demo, and tells the operator where things are.
func (c *serveCommand) welcome(ctx context.Context, say func(line string), server *app.App) error {
	public := server.PublicURL()
	say("Vacancy is open at " + public + "/")
	if local := server.URL(); local != public {
		say("It listens at " + local)
	}
	if admin := server.AdminURL(); admin != "" {
		say("Metrics and health are at " + admin + "/metrics and /readyz")
	}
	if c.Demo {
		venues, err := setUpDemo(ctx, server)
		if err != nil {
			return fmt.Errorf("set up the demo: %w", err)
		}
		for _, v := range venues {
			say(fmt.Sprintf("  %s/%s  %s", public, v.ID, v.Name))
		}
		say("Open one of them in two browsers side by side, and book.")
		if path, _ := c.SQLitePath(); c.demoDatabase {
			say("They are in a database of their own, " + path + "; without --demo, the server uses that of --database.")
		}
	}
	say("API reference: " + public + "/docs   Stop: Ctrl-C")
	return nil
}

// newLogger writes what the configuration asks for. Durations have their unit in either form: "12.5ms".
func newLogger(w io.Writer, c config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level()}
	if c.LogFormat != "json" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	options.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.StringValue(a.Value.Duration().String())
		}
		return a
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// newRequestLogger writes lines of JSON: an access log is read by programs.
func newRequestLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}
