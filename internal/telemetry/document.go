package telemetry

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// head is the part of docs/metrics.md that is not about single metrics.
//
//go:embed metrics.md
var head string

// Document is docs/metrics.md.
func Document() []byte {
	var b bytes.Buffer
	b.WriteString(head)
	section := ""
	for _, d := range Definitions() {
		if d.Section != section {
			section = d.Section
			fmt.Fprintf(&b, "\n## %s\n", section)
		}
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n%s\n", d.Name, strings.Join([]string{"*" + d.Kind, d.Unit() + "*"}, ", "), d.Help)
		if len(d.Labels) > 0 {
			b.WriteString("\n| label | values |\n|---|---|\n")
			for _, l := range d.Labels {
				fmt.Fprintf(&b, "| `%s` | %s |\n", l.Name, l.Values)
			}
		}
		if len(d.Buckets.Bounds) > 0 {
			fmt.Fprintf(&b, "\nBuckets: %s. Why: %s.\n", bounds(d.Buckets.Bounds), d.Buckets.Reason)
		}
	}
	return b.Bytes()
}

func bounds(all []float64) string {
	texts := make([]string, len(all))
	for i, bound := range all {
		texts[i] = strconv.FormatFloat(bound, 'g', -1, 64)
	}
	return strings.Join(texts, ", ")
}
