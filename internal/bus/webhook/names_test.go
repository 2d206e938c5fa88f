package webhook_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
)

// TestNamesAreAll: an event that is added to package bus can be asked for, but for the one of a test.
func TestNamesAreAll(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../event.go", nil, 0)
	must(t, err)
	var declared []bus.Name
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Name" {
			for _, v := range spec.Values {
				name, err := strconv.Unquote(v.(*ast.BasicLit).Value) //nolint:errcheck // names are literals
				must(t, err)
				declared = append(declared, bus.Name(name))
			}
		}
		return true
	})
	declared = slices.DeleteFunc(declared, func(n bus.Name) bool { return n == bus.WebhookTest })
	if got := webhook.Names(); len(declared) < 10 || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(declared))) {
		t.Errorf("endpoints may ask for %v, and there are %v", got, declared)
	}
}
