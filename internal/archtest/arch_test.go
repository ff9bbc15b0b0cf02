package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the module's directory. Opening every directory below it tells the
// test cache what this test depends on, which go list does not.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil // a temporary file; a database of another account
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".milkrun", "node_modules", "bin"}, d.Name()):
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func output(t *testing.T, dir, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

func TestImportsFollowThePlan(t *testing.T) {
	dir := root(t)
	list := json.NewDecoder(bytes.NewReader(output(t, dir, "go", "list", "-e", "-deps", "-json=ImportPath,Name,Imports,Standard,Error", "./...")))
	var pkgs []pkg
	for {
		var p pkg
		err := list.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	g := newGraph(pkgs)
	if _, ok := g[module+"/internal/archtest"]; !ok || len(g) < 50 {
		t.Fatalf("go list tells of %d packages", len(g))
	}
	for _, fault := range g.faults() {
		t.Error(fault)
	}
}

func TestTopOfTheTree(t *testing.T) {
	dir := root(t)
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		t.Log("not a git checkout: every entry counts")
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			if !slices.Contains([]string{".milkrun", "node_modules", "bin"}, e.Name()) {
				names = append(names, e.Name())
			}
		}
		for _, fault := range strays(names) {
			t.Error(fault)
		}
		return
	}
	// What is committed counts; somebody's notes beside it do not.
	var names []string
	for line := range strings.Lines(string(output(t, dir, "git", "-c", "safe.directory=*", "ls-files"))) {
		top, _, _ := strings.Cut(strings.TrimSpace(line), "/")
		names = append(names, top)
	}
	slices.Sort(names)
	for _, fault := range strays(slices.Compact(names)) {
		t.Error(fault)
	}
}
