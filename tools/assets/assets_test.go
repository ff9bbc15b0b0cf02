package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const milk = `<svg
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
>
  <path stroke="none" d="M0 0h24v24H0z" fill="none" />
  <path d="M8 6h8" />
  <path d="M10 10h4" fill="currentColor" />
</svg>`

func TestSprite(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "milk.svg"), milk)
	write(t, filepath.Join(dir, "arrow-left.svg"), strings.ReplaceAll(milk, "\n", ""))
	got, err := sprite([]byte("# our mark\nmilk\r\n\narrow-left # back\nmilk\n"), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := `<svg xmlns="http://www.w3.org/2000/svg">
<symbol id="arrow-left" viewBox="0 0 24 24"><path d="M8 6h8"/><path d="M10 10h4" fill="currentColor"/></symbol>
<symbol id="milk" viewBox="0 0 24 24"><path d="M8 6h8"/><path d="M10 10h4" fill="currentColor"/></symbol>
</svg>
`
	if string(got) != want {
		t.Errorf("sprite:\n%s\nwant:\n%s", got, want)
	}
}

func TestSpriteNamesEveryFault(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "wide.svg"), strings.Replace(milk, "0 0 24 24", "0 0 48 24", 1))
	_, err := sprite([]byte("wide\nlost\ngone"), dir)
	for _, words := range []string{`"lost"`, `"gone"`, "icon wide"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v lacks %s", err, words)
		}
	}
	for _, list := range []string{"two names", "../x", "Milk", "-x"} {
		if _, err := iconNames([]byte("milk\n" + list)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v, want the line of the fault", list, err)
		}
	}
}

func TestLayMakesTheDirectoryWhatItShouldBe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vendor")
	files := map[string][]byte{"a.js": []byte("a"), "b.css": []byte("b")}
	n, err := lay(dir, files)
	if err != nil || n != 2 {
		t.Fatalf("%d written, %v; want 2", n, err)
	}
	write(t, filepath.Join(dir, ".gitkeep"), "")
	write(t, filepath.Join(dir, "old.js"), "old")
	files["b.css"] = []byte("c")
	n, err = lay(dir, files)
	if err != nil || n != 1 {
		t.Fatalf("%d written, %v; want 1", n, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{".gitkeep", "a.js", "b.css"}; !slices.Equal(names, want) {
		t.Errorf("the directory holds %q, want %q", names, want)
	}
}

func TestNodeMajor(t *testing.T) {
	for text, want := range map[string]int{"v20.20.2\n": 20, "v4.0.0": 4, "v100": 100} {
		if got, err := nodeMajor([]byte(text)); got != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "20.1", "node", "vx"} {
		if _, err := nodeMajor([]byte(text)); err == nil {
			t.Errorf("%q is taken for a version", text)
		}
	}
}

func TestOldNodeIsNamed(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if err := checkNode(); err == nil || !strings.Contains(err.Error(), "Node.js 20 or newer") {
		t.Errorf("without Node.js: %v", err)
	}
	program(t, filepath.Join(bin, "node"), "#!/bin/sh\necho v18.19.0\n")
	program(t, filepath.Join(bin, "npm"), "#!/bin/sh\n")
	if err := checkNode(); err == nil || !strings.Contains(err.Error(), "v18.19.0") {
		t.Errorf("with an old Node.js: %v", err)
	}
	program(t, filepath.Join(bin, "node"), "#!/bin/sh\necho v24.1.0\n")
	if err := checkNode(); err != nil {
		t.Errorf("with a new Node.js: %v", err)
	}
}

// npm runs once for one lock file, and again when it changes or a run failed.
func TestInstallRunsOnlyForANewLock(t *testing.T) {
	bin, root := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	program(t, filepath.Join(bin, "node"), "#!/bin/sh\necho v20.0.0\n")
	program(t, filepath.Join(bin, "npm"), "#!/bin/sh\necho run >> runs\nmkdir -p node_modules\ntest ! -e fail\n")
	write(t, filepath.Join(root, "package.json"), "{}")
	runs := func() int {
		text, _ := os.ReadFile(filepath.Join(root, "runs"))
		return strings.Count(string(text), "run")
	}
	for i, step := range []struct {
		lock string
		fail bool
		want int
	}{{"1", false, 1}, {"1", false, 1}, {"2", true, 2}, {"2", false, 3}, {"2", false, 3}} {
		write(t, filepath.Join(root, "package-lock.json"), step.lock)
		_ = os.Remove(filepath.Join(root, "fail"))
		if step.fail {
			write(t, filepath.Join(root, "fail"), "")
		}
		if err := install(root); (err != nil) != step.fail {
			t.Errorf("step %d: %v", i, err)
		}
		if got := runs(); got != step.want {
			t.Errorf("step %d: npm ran %d times, want %d", i, got, step.want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func program(t *testing.T, path, text string) {
	t.Helper()
	write(t, path, text)
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
