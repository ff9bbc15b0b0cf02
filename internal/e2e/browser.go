// Package e2e drives a real Chromium against the house, for tests: it opens pages, types, clicks, takes pictures and
// asks axe-core for faults of accessibility. One Chromium serves all tests of a process.
package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Variables of the environment.
const (
	// EnvChrome names the browser's binary when it is not in one of the usual places.
	EnvChrome = "MILKRUN_CHROME"
	// EnvRequire set to 1 makes a missing browser a failure instead of a loud skip.
	EnvRequire = "MILKRUN_REQUIRE"
)

var chrome struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

// browser starts Chromium once a process. It lives until the process ends or Close is called.
func browser(t testing.TB) context.Context {
	t.Helper()
	path := binary()
	if path == "" {
		missing(t, "no Chromium found: install chromium, or set "+EnvChrome)
	}
	chrome.once.Do(func() { chrome.ctx, chrome.stop, chrome.err = start(path) })
	if chrome.err != nil {
		t.Fatalf("e2e: start %s: %v", path, chrome.err)
	}
	return chrome.ctx
}

// Close ends Chromium. TestMain calls it after the tests of a package that opens pages.
func Close() {
	if chrome.stop != nil {
		chrome.stop()
	}
}

func start(path string) (context.Context, func(), error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("lang", "zh-CN"),
		chromedp.Flag("accept-lang", "zh-CN"),
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), // Chromium's sandbox refuses to run as root
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopBrowser := chromedp.NewContext(alloc)
	stop := func() {
		stopBrowser()
		stopAlloc()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return ctx, stop, nil
}

// binary finds Chromium: the environment's choice, then the usual names.
func binary() string {
	if p := os.Getenv(EnvChrome); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// missing fails the test when everything must be there, and skips it loudly otherwise.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(EnvRequire) == "1" {
		t.Fatal("e2e: " + what)
	}
	t.Skip("SKIPPED, not tested: " + what)
}

// root gives the module's root: the nearest directory above with a go.mod.
func root() string {
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
		if d == filepath.Dir(d) {
			return dir
		}
	}
}
