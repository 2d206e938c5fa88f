package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"vacancy/client"
	"vacancy/client/venuefile"
)

type applyCommand struct {
	File         []string `short:"f" required:"true" sep:"none" placeholder:"FILE" help:"A venue's YAML file; - reads standard input. May be given several times."`
	URL          string   `name:"url" default:"http://127.0.0.1:8080" env:"VACANCY_URL" help:"The server's address."`
	Key          string   `env:"VACANCY_ADMIN_KEY" placeholder:"KEY" help:"A management key. The environment keeps it from other users' eyes."`
	InsecureHTTP bool     `name:"insecure-http" help:"Send the key over plain HTTP to another machine, where whoever is on the way can read it."`
	DryRun       bool     `help:"Show what would change and what would be refused, and change nothing."`
	Prune        bool     `help:"Archive the resources and services that the server has and the file does not."`
}

// Run checks all files, then asks the server about the changes of all of them, and then makes them, one file after the other: a mistake
// in the last one does not leave half of the work done.
func (c *applyCommand) Run(ctx context.Context, streams Streams) error {
	if c.Key == "" && !c.DryRun {
		return errors.New("a management key is needed: set VACANCY_ADMIN_KEY, or give --key")
	}
	if err := checkKeyIsSafe(c.URL, c.Key, c.InsecureHTTP); err != nil {
		return err
	}
	documents, err := c.parse(streams.In)
	if err != nil {
		return err
	}
	server, err := client.New(c.URL, client.WithKey(c.Key))
	if err != nil {
		return err
	}
	plans, err := c.prepare(ctx, server, documents)
	if errors.Is(err, venuefile.ErrKeyRefused) || unreachable(err) {
		return c.explain(err)
	}
	if err != nil || c.DryRun {
		changes, parts := printReports(streams.Out, plans)
		if err == nil {
			fmt.Fprintf(streams.Out, "would change %d of %d\n", changes, parts)
		}
		return err
	}
	return c.run(ctx, streams.Out, plans)
}

// prepare plans all files, and tells what is refused of any. It ends at a server that does not answer or does not know the key.
func (c *applyCommand) prepare(ctx context.Context, server *client.Client, documents []venuefile.Document) ([]*venuefile.Plan, error) {
	plans := make([]*venuefile.Plan, 0, len(documents))
	var refusals []error
	for _, document := range documents {
		plan, err := venuefile.Prepare(ctx, server, document, venuefile.Options{DryRun: c.DryRun, Prune: c.Prune})
		plans = append(plans, plan)
		refusals = append(refusals, err)
		if errors.Is(err, venuefile.ErrKeyRefused) || unreachable(err) {
			break
		}
	}
	return plans, errors.Join(refusals...)
}

// printReports shows what is planned, and counts the changes and the parts.
func printReports(out io.Writer, plans []*venuefile.Plan) (changes, parts int) {
	for _, plan := range plans {
		report := plan.Report()
		if len(report.Items) > 0 {
			fmt.Fprint(out, report)
		}
		changes += report.Changes()
		parts += report.Parts()
	}
	return changes, parts
}

// run makes the changes, and says how far it came.
func (c *applyCommand) run(ctx context.Context, out io.Writer, plans []*venuefile.Plan) error {
	changes, parts := 0, 0
	for _, plan := range plans {
		parts += plan.Report().Parts()
	}
	for _, plan := range plans {
		report, err := plan.Run(ctx)
		changes += report.Changes()
		if len(report.Items) > 0 {
			fmt.Fprint(out, report)
		}
		if err != nil {
			fmt.Fprintf(out, "stopped: %d of %d were changed; apply again to do the rest\n", changes, parts)
			return c.explain(err)
		}
	}
	fmt.Fprintf(out, "changed %d of %d\n", changes, parts)
	return nil
}

// explain adds to an error of a call what the operator can look at.
func (c *applyCommand) explain(err error) error {
	switch {
	case errors.Is(err, venuefile.ErrKeyRefused):
		return fmt.Errorf("%w (%s): see VACANCY_ADMIN_KEY or --key", err, c.URL)
	case unreachable(err):
		return fmt.Errorf("no server answers at %s: is it running? --url names another (%w)", c.URL, err)
	}
	return err
}

// unreachable tells whether no connection to the server could be made.
func unreachable(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// parse reads and checks all files, and tells what is wrong with any of them. A venue may stand in one of them only: the second
// would take what the first has for unlisted.
func (c *applyCommand) parse(in io.Reader) ([]venuefile.Document, error) {
	var documents []venuefile.Document
	var fileErrors []error
	for _, name := range c.File {
		data, err := readFile(name, in)
		if err != nil {
			return nil, err
		}
		if name == stdin {
			name = "standard input"
		}
		document, err := venuefile.Parse(name, data)
		if err == nil {
			err = document.Check()
		}
		fileErrors = append(fileErrors, err)
		for _, other := range documents {
			if id := document.Venue.ID; id != "" && id == other.Venue.ID {
				fileErrors = append(fileErrors, fmt.Errorf("%s: venue %s is in %s already", name, id, other.Name))
			}
		}
		documents = append(documents, document)
	}
	return documents, errors.Join(fileErrors...)
}

// stdin is the name that stands for standard input.
const stdin = "-"

func readFile(name string, in io.Reader) ([]byte, error) {
	if name != stdin {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFile)
	}
	return data, err
}
