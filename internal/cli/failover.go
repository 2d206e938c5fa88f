package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"

	"vacancy/internal/app"
	"vacancy/internal/config"
)

type failoverCommand struct {
	Status failoverStatusCommand `cmd:"" help:"Show what each host of a PostgreSQL database is, and what its database says it is."`
	Allow  failoverAllowCommand  `cmd:"" help:"Have all servers go on with a database that they refuse, or would not go back to."`
}

type failoverStatusCommand struct {
	Database string `required:"true" env:"VACANCY_DATABASE" placeholder:"URL" help:"The database, with all its hosts: postgres://USER@HOST,HOST/NAME."`
}

// Run prints what each host is. It ends with 1 if none can be written to.
func (c *failoverStatusCommand) Run(ctx context.Context, streams Streams) error {
	hosts, err := app.FailoverStatus(ctx, databaseAt(c.Database))
	if err != nil {
		return err
	}
	inCharge := 0
	for _, h := range hosts {
		if h.InCharge() {
			inCharge++
		}
		if _, err := io.WriteString(streams.Out, h.String()); err != nil {
			return err
		}
	}
	if inCharge == 0 {
		return errNoneInCharge
	}
	return nil
}

var errNoneInCharge = errors.New("none of these databases can be written to")

type failoverAllowCommand struct {
	Database string `required:"true" env:"VACANCY_DATABASE" placeholder:"URL" help:"The one database to go on with: postgres://USER@HOST/NAME, with one host."`
	Reason   string `placeholder:"TEXT" help:"Why, for whoever looks later."`
	Above    int64  `placeholder:"TERM" help:"The term of the database that is left, if that is higher: a server that refuses to go back names it."`
	Copy     bool   `help:"The database is a copy that goes its own way, as for a test: it becomes an installation of its own, and its servers tell nobody of their alerts until vacancy outbox resume."`
}

// Help says when it is needed.
func (*failoverAllowCommand) Help() string {
	return "Begins a term in the database, which every server that reaches it adopts within a second, whatever it has seen before: after a " +
		"restore, pg_upgrade or a move, after a failover that has lost something, to go back to a database that was left, or to choose " +
		"one of two histories. What only the other database has is lost: see vacancy verify --against. docs/failover.md has the cases."
}

// Run prints what the database was and is.
func (c *failoverAllowCommand) Run(ctx context.Context, streams Streams) error {
	before, after, err := app.FailoverAllow(ctx, databaseAt(c.Database), app.FailoverPermission{
		Who: whoRuns(), Reason: c.Reason, Above: c.Above, Copy: c.Copy,
	})
	if err != nil {
		return err
	}
	const text = "It was\n%sand is\n%sServers go on with it within a second. Close or stop the one that is left.\n"
	if _, err = fmt.Fprintf(streams.Out, text, before, after); err != nil || !c.Copy {
		return err
	}
	_, err = fmt.Fprintln(streams.Out, "Its servers tell nobody of their alerts until you run vacancy outbox resume.")
	return err
}

func databaseAt(url string) config.Config {
	settings := config.Default()
	settings.Database = url
	return settings
}

// whoRuns is the user of the machine, for the record.
func whoRuns() string {
	name, machine := "somebody", "an unknown machine"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		machine = host
	}
	return name + " on " + machine
}
