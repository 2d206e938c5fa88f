package venuefile

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
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

	lines map[string]int  // by field, such as "services[0].requires[0].units"
	blank map[string]bool // those of them that have no value
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
	orderAsWritten(&c, d)
	c.cleanTexts()
	return Document{Name: name, Venue: *c.Venue, Resources: c.Resources, Services: c.Services, lines: d.lines, blank: d.blank}, nil
}

// orderAsWritten gives what has no order of its own that of the file: 1, 2, 3, ...
func orderAsWritten(c *contents, d *decoder) {
	given := func(field string) bool {
		_, stands := d.lines[field]
		return stands && !d.blank[field]
	}
	for i := range c.Resources {
		if !given(resourceField(i) + ".order") {
			c.Resources[i].Order = i + 1
		}
	}
	for i := range c.Services {
		if !given(serviceField(i) + ".order") {
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
		return nil, syntaxError(name, data, err)
	}
	if err := reader.Decode(&another); err == nil {
		return nil, &FileError{File: name, Line: another.Line, Message: "one file holds one venue"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(name, data, err)
	}
	return document.Content[0], nil
}

// yamlForm is how the YAML library writes an error; the line is missing for the first one.
var yamlForm = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxError is an error of the YAML library with its place as all others have it. The library names the line of what was begun, or the
// one before; a tab that indents, the usual mistake, is looked for behind it.
func syntaxError(name string, data []byte, err error) error {
	parts := yamlForm.FindStringSubmatch(err.Error())
	if parts == nil {
		return &FileError{name, 1, err.Error()}
	}
	line, _ := strconv.Atoi(parts[1]) // none: the first
	line = max(line, 1)
	for i, text := range strings.Split(string(data), "\n") {
		indent := text[:len(text)-len(strings.TrimLeft(text, " \t"))]
		if i+1 >= line && strings.Contains(indent, "\t") && tabForm.MatchString(parts[2]) {
			return &FileError{name, i + 1, "a tab cannot indent: use spaces"}
		}
	}
	return &FileError{name, line, "this is not YAML: " + parts[2]}
}

// tabForm are the errors that a tab in an indentation makes.
var tabForm = regexp.MustCompile(`tab character|cannot start any token`)

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

// has tells whether the file gives the field a value.
func (d Document) has(field string) bool {
	_, ok := d.lines[field]
	return ok && !d.blank[field]
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
