package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"

	"vacancy/internal/app"
	"vacancy/internal/config"
)

type serveCommand struct {
	config.Config
	Demo bool `env:"VACANCY_DEMO" help:"Also set up the example venues, with some bookings."`
}

// ballast is memory that is never touched, and so costs none. The garbage collector runs when the heap has doubled; without it, that
// is many times a second for a busy server that has little in memory. More would save more of its time, but lets more garbage lie.
const ballast = 8 << 20

func (c *serveCommand) Run(ctx context.Context, streams Streams) error {
	keep := make([]byte, ballast)
	defer runtime.KeepAlive(keep)
	c.AdminKey = os.Getenv(config.AdminKeyEnv)
	log := newLogger(streams.Err, c.Config)
	server, err := app.New(ctx, c.Config, log)
	if err != nil {
		return err
	}
	// Whatever ends the command, what was accepted is finished and the database is closed.
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx) }()
	if err := c.welcome(ctx, streams.Out, server); err != nil {
		return errors.Join(err, server.Close(), <-served)
	}
	return <-served
}

// welcome sets up the demo, and tells the operator where things are.
func (c *serveCommand) welcome(ctx context.Context, out io.Writer, server *app.App) error {
	if key := server.NewAdminKey(); key != "" {
		fmt.Fprintf(out, "Admin key, shown only this once: %s\n", key)
	}
	fmt.Fprintf(out, "Vacancy is open at %s/\n", server.URL())
	if c.Demo {
		venues, err := setUpDemo(ctx, server)
		if err != nil {
			return fmt.Errorf("set up the demo: %w", err)
		}
		for _, v := range venues {
			fmt.Fprintf(out, "  %s/%s  %s\n", server.URL(), v.ID, v.Name)
		}
		fmt.Fprintln(out, "Open one of them in two browsers side by side, and book.")
	}
	fmt.Fprintf(out, "API reference: %s/docs   Stop: Ctrl-C\n", server.URL())
	return nil
}

func newLogger(w io.Writer, c config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level()}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
