// Command gotest runs `go test` for the whole house and sees to it that what
// should be tested is.
//
//	go run ./internal/gotest [arguments of go test]
//
// It prints what `go test` prints without -v, then every skipped test with its
// reason, then a closing line with the counts. With MILKRUN_REQUIRE=1 a
// skipped test is a failure. While it runs, the shared test database stays up
// between packages; it returns when that is down.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"milkrun/internal/dbtest/cluster"
)

func main() {
	code, err := run(os.Args[1:], os.Stdout, os.Getenv("MILKRUN_REQUIRE") == "1")
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
	}
	os.Exit(code)
}

// run returns the exit code: that of go test, or 1 for tests that must not be
// skipped.
func run(args []string, out io.Writer, strict bool) (int, error) {
	release, err := cluster.Hold(context.Background())
	if err != nil {
		return 1, err
	}
	defer release(30 * time.Second)
	// A Ctrl-C reaches go test too; wait for its end instead of leaving first.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)

	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	report := newReport(out)
	readErr := report.read(events)
	err = cmd.Wait()
	report.close(strict)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return max(1, exit.ExitCode()), nil
	case err != nil:
		return 1, err
	case readErr != nil:
		return 1, readErr
	case strict && len(report.skips) > 0:
		return 1, errors.New("tests were skipped, which MILKRUN_REQUIRE=1 forbids")
	}
	return 0, nil
}
