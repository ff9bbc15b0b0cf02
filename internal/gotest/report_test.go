package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module makes a module of one package and goes there.
func module(t *testing.T, test string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":    "module example\n\ngo 1.26\n",
		"a.go":      "package a\n",
		"a_test.go": "package a\n\nimport \"testing\"\n\n" + test,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("TMPDIR", t.TempDir()) // a shared directory that nobody uses
}

const (
	passing  = "func TestGood(t *testing.T) { t.Log(\"chatter\") }\n"
	skipping = "func TestAbsent(t *testing.T) { t.Skip(\"no database here\") }\n"
	failing  = "func TestBad(t *testing.T) { t.Run(\"part\", func(t *testing.T) { t.Error(\"1 is not 2\") }) }\n"
	panicing = "func TestWild(t *testing.T) { panic(\"out of hand\") }\n"
)

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		strict bool
		code   int
		has    []string
		hasNot []string
	}{
		"good": {passing, true, 0, []string{"ok  \texample", "1 passed, 0 failed, 0 skipped"}, []string{"chatter", "==="}},
		"skip": {passing + skipping, false, 0,
			[]string{"SKIPPED: example TestAbsent: a_test.go:6: no database here", "1 passed, 0 failed, 1 skipped"}, nil},
		"skip, strictly": {passing + skipping, true, 1, []string{"SKIPPED BUT REQUIRED: example TestAbsent"}, nil},
		"bad":            {passing + failing, false, 1, []string{"1 is not 2", "--- FAIL: TestBad", "FAIL\texample", "1 passed, 2 failed"}, []string{"chatter"}},
		"panic":          {panicing, false, 1, []string{"out of hand", "0 passed, 1 failed"}, nil},
		"broken":         {"func TestX(t *testing.T) { undefined() }\n", false, 1, []string{"undefined: undefined", "0 passed, 1 failed"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			module(t, c.source)
			var out bytes.Buffer
			code, err := run([]string{"-vet=off", "./..."}, &out, c.strict)
			if code != c.code || (err != nil) != (name == "skip, strictly") {
				t.Errorf("exit code %d, %v; want %d", code, err, c.code)
			}
			for _, words := range c.has {
				if !strings.Contains(out.String(), words) {
					t.Errorf("%q is not in the output:\n%s", words, out.String())
				}
			}
			for _, words := range c.hasNot {
				if strings.Contains(out.String(), words) {
					t.Errorf("%q is in the output:\n%s", words, out.String())
				}
			}
		})
	}
}

func TestGoIsMissing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	if code, err := run(nil, &bytes.Buffer{}, false); code == 0 || err == nil {
		t.Errorf("without go: exit code %d, %v", code, err)
	}
	if _, err := exec.LookPath("go"); err == nil {
		t.Error("go is found after all")
	}
}
