package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// Impurities returns one sentence for each place of a file where a value room starts a goroutine, uses a channel, or asks for the
// time: what its imports do not show. The file may be parsed without resolving its objects.
func Impurities(positions *token.FileSet, file *ast.File) []string {
	clock := nameOf(file, "time")
	var found []string
	report := func(node ast.Node, what string) {
		found = append(found, fmt.Sprintf("%s: %s", positions.Position(node.Pos()), what))
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.GoStmt:
			report(node, "starts a goroutine")
		case *ast.ChanType:
			report(node, "uses a channel")
		case *ast.SelectorExpr:
			from, ok := node.X.(*ast.Ident)
			if ok && clock != "" && from.Name == clock && slices.Contains(clockCalls, node.Sel.Name) {
				report(node, "calls time."+node.Sel.Name)
			}
		}
		return true
	})
	return found
}

// nameOf is the name by which a file knows a package of the standard library, or "" if it does not import it.
func nameOf(file *ast.File, importPath string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != strconv.Quote(importPath) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return importPath
	}
	return ""
}
