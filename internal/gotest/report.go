package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string
	Output     string
}

// name is a test within its package; an empty test is the package itself.
type name struct{ pkg, test string }

// report turns events into what a person wants to read.
type report struct {
	out                  io.Writer
	output               map[name][]string
	skips                []skip
	passed, failed       int
	packages, badPackage int
}

type skip struct {
	name
	words string
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[name][]string{}}
}

func (r *report) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the output of go test: %w", err)
		}
	}
}

func (r *report) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		_, _ = r.out.Write(line) // words of the go command itself
		return
	}
	n := name{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		_, _ = io.WriteString(r.out, e.Output)
	case "output":
		r.output[n] = append(r.output[n], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageEnds(n, e.Action)
		} else {
			r.testEnds(n, e.Action)
		}
	}
}

func (r *report) testEnds(n name, action string) {
	switch action {
	case "pass":
		r.passed++
	case "skip":
		r.skips = append(r.skips, skip{n, reason(r.output[n])})
	case "fail":
		r.failed++
		r.write(r.output[n])
	}
	delete(r.output, n)
}

// packageEnds prints the package's own line, and after a failure also what
// tests that did not end have said: a panic or a timeout cuts them off.
func (r *report) packageEnds(n name, action string) {
	r.packages++
	if action == "fail" {
		r.badPackage++
		for cut, lines := range r.output {
			if cut.pkg == n.pkg && cut.test != "" {
				r.failed++
				r.write(lines)
				delete(r.output, cut)
			}
		}
	}
	for _, line := range r.output[n] {
		if action == "fail" || isSummary(line) {
			_, _ = io.WriteString(r.out, line)
		}
	}
	delete(r.output, n)
}

// write prints a test's output without the marks of -v.
func (r *report) write(lines []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, "=== ") {
			_, _ = io.WriteString(r.out, line)
		}
	}
}

// isSummary tells the line that go test prints for a package without -v.
func isSummary(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") ||
		strings.HasPrefix(line, "?   \t") || strings.HasPrefix(line, "\t")
}

// reason is what a skipped test said, in one line.
func reason(lines []string) string {
	var words []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// close prints the skipped tests and the counts.
func (r *report) close(strict bool) {
	mark := "SKIPPED"
	if strict {
		mark = "SKIPPED BUT REQUIRED"
	}
	for _, s := range r.skips {
		fmt.Fprintf(r.out, "%s: %s %s: %s\n", mark, s.pkg, s.test, s.words)
	}
	if r.badPackage > 0 {
		fmt.Fprintf(r.out, "%d of %d packages failed\n", r.badPackage, r.packages)
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, max(r.failed, r.badPackage), len(r.skips))
}
