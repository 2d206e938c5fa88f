package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// Run applies one file after the other. All of them are checked before anything is changed, so that a mistake in the last one does
// not leave half of the work done.
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
	changes, parts := 0, 0
	for _, document := range documents {
		report, err := venuefile.Apply(ctx, server, document, venuefile.Options{DryRun: c.DryRun, Prune: c.Prune})
		if len(report.Items) > 0 {
			fmt.Fprint(streams.Out, report)
		}
		if err != nil {
			return err
		}
		changes += report.Changes()
		parts += report.Parts()
	}
	did := "changed"
	if c.DryRun {
		did = "would change"
	}
	fmt.Fprintf(streams.Out, "%s %d of %d\n", did, changes, parts)
	return nil
}

// parse reads and checks all files, and tells the fileErrors of all of them.
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
