package venuefile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"vacancy/client"
)

// Document is what one file says.
type Document struct {
	// Name is the file's, for messages.
	Name      string
	Venue     client.Venue
	Resources []client.Resource
	Services  []client.Service

	lines map[string]int // by field, such as "services[0].requires[0].units"
}

// FileError is something wrong at a place of a file.
type FileError struct {
	File string
	// Line counts from 1.
	Line    int
	Message string
}

func (m *FileError) Error() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Message) }

// contents is the form of a file.
type contents struct {
	Venue     *client.Venue     `json:"venue"`
	Resources []client.Resource `json:"resources"`
	Services  []client.Service  `json:"services"`
}

// Parse reads a file; its name is for messages. The error joins a [*FileError] for each thing that is wrong with the form. Whether
// the values make sense is for [Document.Check] to say, and in the end for the server.
func Parse(name string, data []byte) (Document, error) { return parse(name, data, maxNodes) }

func parse(name string, data []byte, nodes int) (Document, error) {
	root, err := parseYAML(name, data)
	if err != nil {
		return Document{}, err
	}
	var c contents
	d := newDecoder(name, nodes)
	d.decode(root, &c)
	if c.Venue == nil {
		d.errorf(root, "there is no venue")
	} else {
		d.requireID("venue", c.Venue.ID)
	}
	seen := make(map[string]bool)
	for i, r := range c.Resources {
		d.requireUnique(seen, fmt.Sprintf("resources[%d]", i), "resource", r.ID)
	}
	for i, s := range c.Services {
		d.requireUnique(seen, fmt.Sprintf("services[%d]", i), "service", s.ID)
	}
	if err := d.err(); err != nil {
		return Document{}, err
	}
	orderAsWritten(&c, d.lines)
	c.cleanTexts()
	return Document{Name: name, Venue: *c.Venue, Resources: c.Resources, Services: c.Services, lines: d.lines}, nil
}

// orderAsWritten gives what has no order of its own that of the file: 1, 2, 3, ...
func orderAsWritten(c *contents, lines map[string]int) {
	for i := range c.Resources {
		if _, given := lines[fmt.Sprintf("resources[%d].order", i)]; !given {
			c.Resources[i].Order = i + 1
		}
	}
	for i := range c.Services {
		if _, given := lines[fmt.Sprintf("services[%d].order", i)]; !given {
			c.Services[i].Order = i + 1
		}
	}
}

// parseYAML returns the only document of a file.
func parseYAML(name string, data []byte) (*yaml.Node, error) {
	reader := yaml.NewDecoder(strings.NewReader(string(data)))
	var document, another yaml.Node
	if err := reader.Decode(&document); errors.Is(err, io.EOF) {
		return nil, &FileError{File: name, Line: 1, Message: "the file is empty"}
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := reader.Decode(&another); err == nil {
		return nil, &FileError{File: name, Line: another.Line, Message: "one file holds one venue"}
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return document.Content[0], nil
}

func (d *decoder) requireID(field, id string) {
	if id == "" {
		d.errs = append(d.errs, &FileError{d.file, d.lines[field], field + " has no id"})
	}
}

func (d *decoder) requireUnique(seen map[string]bool, field, kind, id string) {
	d.requireID(field, id)
	if key := kind + " " + id; id != "" && seen[key] {
		d.errs = append(d.errs, &FileError{d.file, d.lines[field+".id"], fmt.Sprintf("a second %s with the id %q", kind, id)})
	} else {
		seen[key] = true
	}
}

// has tells whether the file has the field.
func (d Document) has(field string) bool {
	_, ok := d.lines[field]
	return ok
}

// line is where a field stands, or the nearest field around it that the file has.
func (d Document) line(field string) int {
	for field != "" {
		if line, ok := d.lines[field]; ok {
			return line
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 1
}
