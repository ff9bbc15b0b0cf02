// Package prepared finds every SQL statement of the house and lets its test hand them to PostgreSQL: a statement that names a
// column that is not there, or a parameter whose type cannot be told, fails the test and not the user.
//
// A statement is a string constant whose name begins with sql, in a package whose name ends in db or in one of others below.
// A constant that begins with white space, that leaves a parenthesis open, or that another constant is put together from, is a
// part of statements, which are tested where they are put together; one that holds a verb of fmt (%s, %d) is a pattern and tested there too.
package prepared

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// others are the packages beside the *db ones that hold SQL.
var others = []string{"internal/audit", "internal/events", "internal/importer", "migrations"}

// Constant is a string constant of the source.
type Constant struct {
	Dir, Name string // directory below the root, and the constant
	Place     string // file:line
	Text      string
	Used      bool // another constant is put together from it
}

// Part tells whether the constant is a part or a pattern of statements rather than one.
func (c Constant) Part() bool {
	return c.Used || c.Text == "" || strings.ContainsAny(c.Text[:1], " \t\n") ||
		strings.Count(c.Text, "(") != strings.Count(c.Text, ")") || verb.MatchString(c.Text)
}

var verb = regexp.MustCompile(`%(\[\d+\])?[sdvq]\b`)

// Find gives the SQL constants below the root of the module, by place.
func Find(root string) ([]Constant, error) {
	var all []Constant
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if name := d.Name(); rel != "." && (name == "node_modules" || name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_') {
			return fs.SkipDir
		}
		if !strings.HasSuffix(rel, "db") && !slices.Contains(others, rel) || rel == "internal/pgdb" {
			return nil
		}
		found, err := inDir(path, rel)
		all = append(all, found...)
		return err
	})
	return all, err
}

// source is the constants of one directory: their expressions by name, for the ones that are put together from others.
type source struct {
	set    *token.FileSet
	values map[string]ast.Expr
	used   map[string]bool
}

func inDir(path, rel string) ([]Constant, error) {
	s := source{set: token.NewFileSet(), values: map[string]ast.Expr{}, used: map[string]bool{}}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var specs []*ast.ValueSpec
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.set, filepath.Join(path, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, spec := range g.Specs {
					specs = append(specs, spec.(*ast.ValueSpec))
				}
			}
			return true
		})
	}
	for _, spec := range specs {
		for i, name := range spec.Names {
			if i < len(spec.Values) {
				s.values[name.Name] = spec.Values[i]
			}
		}
	}
	var out []Constant
	for _, spec := range specs {
		for i, name := range spec.Names {
			if !strings.HasPrefix(name.Name, "sql") || i >= len(spec.Values) {
				continue
			}
			at := s.set.Position(name.Pos())
			text, err := s.text(spec.Values[i], 0)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %s: %w", filepath.Join(rel, filepath.Base(at.Filename)), at.Line, name.Name, err)
			}
			out = append(out, Constant{Dir: rel, Name: name.Name, Place: fmt.Sprintf("%s/%s:%d", rel, filepath.Base(at.Filename), at.Line), Text: text})
		}
	}
	for i := range out {
		out[i].Used = s.used[out[i].Name]
	}
	return out, nil
}

// text evaluates an expression of string literals, constants of the package and +.
func (s source) text(e ast.Expr, depth int) (string, error) {
	if depth > 50 {
		return "", fmt.Errorf("constants in a ring")
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
	case *ast.ParenExpr:
		return s.text(e.X, depth+1)
	case *ast.BinaryExpr:
		left, err := s.text(e.X, depth+1)
		if err != nil {
			return "", err
		}
		right, err := s.text(e.Y, depth+1)
		return left + right, err
	case *ast.Ident:
		if v, ok := s.values[e.Name]; ok {
			s.used[e.Name] = true
			return s.text(v, depth+1)
		}
		return "", fmt.Errorf("%s is no constant of the package", e.Name)
	}
	return "", fmt.Errorf("%T is not put together from string constants", e)
}
