package suite

import (
	"fmt"
	"slices"
	"strings"
)

// machineBlock is the name of the block that is not a part.
const machineBlock = "machine"

// Update writes the results into a document: into the block of each part that was measured, and into that of the machine.
func (r *Results) Update(document string) (string, error) {
	document, err := replaceBlock(document, machineBlock, r.machine.String())
	if err != nil {
		return "", err
	}
	for _, p := range r.parts {
		text, err := p.render(r, p)
		if err != nil {
			return "", err
		}
		if document, err = replaceBlock(document, p.name, text); err != nil {
			return "", err
		}
	}
	return document, nil
}

// replaceBlock puts a text into a block of the document, in place of what is there.
func replaceBlock(document, name, text string) (string, error) {
	begin, end := "<!-- measured: "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(document, begin)
	if !found {
		return "", fmt.Errorf("the document has no line %q", strings.TrimSpace(begin))
	}
	_, after, found := strings.Cut(rest, end)
	if !found {
		return "", fmt.Errorf("the document has no line %q after the block's beginning", strings.TrimSpace(end))
	}
	return before + begin + strings.TrimRight(text, "\n") + "\n" + end + after, nil
}

// Check tells whether a document has a place for what is to be measured.
func (o Options) Check(document string) error {
	parts, err := o.chosen()
	if err != nil {
		return err
	}
	for _, name := range append(names(parts), machineBlock) {
		if _, err := replaceBlock(document, name, ""); err != nil {
			return err
		}
	}
	return nil
}

// commands lists the command lines of a part.
func (r *Results) commands(p part) string {
	var lines []string
	for _, t := range p.trials {
		if line := r.options.commandLine(p, t); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return "\n```\n" + strings.Join(lines, "\n") + "\n```\n"
}
