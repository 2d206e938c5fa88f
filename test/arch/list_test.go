package arch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath, Name, Dir                 string
	GoFiles, CgoFiles, IgnoredGoFiles     []string
	TestGoFiles, XTestGoFiles, EmbedFiles []string
}

// list asks the go command for the module's packages. It does not ask it for their imports, which would be those of this system
// and these build tags: [read] takes them from the files. Packages that do not build are listed too; the compiler complains of
// them.
func list(ctx context.Context, root string) ([]listed, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-json", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := decoder.Decode(&p); { //nolint:musttag // the go command's names are the fields' own
		case errors.Is(err, io.EOF):
			return packages, watchFolders(root, packages)
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// watchFolders looks at each folder from the packages up to the root. The test cache of the go command replays a result as long as
// the files that a test itself touched are as they were; what a child process reads it does not see. A new file or folder changes
// the folder that it is in.
func watchFolders(root string, packages []listed) error {
	for _, p := range packages {
		for dir := p.Dir; strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
			if _, err := os.Stat(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// read turns what was listed into what [Check] takes, and reports the impurities of value rooms on the way.
func read(packages []listed) (result []Package, impurities []string, err error) {
	positions := token.NewFileSet()
	for _, p := range packages {
		checked := Package{Path: p.ImportPath, Name: p.Name}
		for name, test := range p.files() {
			file, err := parser.ParseFile(positions, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, nil, err
			}
			imports, err := importsOf(file)
			if err != nil {
				return nil, nil, err
			}
			if test {
				checked.TestImports = append(checked.TestImports, imports...)
				continue
			}
			checked.Imports = append(checked.Imports, imports...)
			if isValueRoom(p.ImportPath) {
				impurities = append(impurities, Impurities(positions, file)...)
			}
		}
		result = append(result, checked)
	}
	return result, impurities, nil
}

// files yields the names of the package's Go files, for whatever system and build tag, and whether each is a test.
func (p listed) files() map[string]bool {
	names := make(map[string]bool)
	for _, group := range [][]string{p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles} {
		for _, name := range group {
			names[name] = strings.HasSuffix(name, "_test.go")
		}
	}
	return names
}

func importsOf(file *ast.File) ([]string, error) {
	paths := make([]string, 0, len(file.Imports))
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
