package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take to become what a test waits for.
const patience = 30 * time.Second

// Page is a tab with cookies of its own. Every method fails the test when it cannot do its work.
type Page struct {
	t        testing.TB
	ctx      context.Context
	mu       sync.Mutex
	messages []string
	allowed  []string
}

// Open opens a tab of the given size in CSS pixels. When the test ends, errors that the page wrote to the console
// (scripts that failed, files not found, what the content security policy stopped) fail it, unless Allow named them.
func Open(t testing.TB, width, height int) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext())
	p := &Page{t: t, ctx: ctx}
	t.Cleanup(func() {
		p.faults()
		cancel()
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatalf("e2e: open a page: %v", err)
	}
	go p.listen(chromedp.Console(ctx))
	return p
}

func (p *Page) listen(messages func(func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		if err != nil {
			return
		}
		if m.Type == chromedp.ConsoleError || m.IsException() {
			p.mu.Lock()
			p.messages = append(p.messages, m.Text+" "+m.URL)
			p.mu.Unlock()
		}
	}
}

// Allow lets console errors pass that contain the text, for tests that provoke them.
func (p *Page) Allow(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = append(p.allowed, text)
}

func (p *Page) faults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.messages {
		ok := false
		for _, a := range p.allowed {
			ok = ok || strings.Contains(m, a)
		}
		if !ok {
			p.t.Errorf("e2e: the page's console: %s", m)
		}
	}
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Screenshot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
		p.t.Fatalf("e2e: %s: %v", what, err)
	}
}

// Resize changes the size of the viewport.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.do("resize", chromedp.EmulateViewport(int64(width), int64(height)))
}

// Goto opens an address and waits until it has loaded.
func (p *Page) Goto(address string) {
	p.t.Helper()
	p.do("open "+address, chromedp.Navigate(address))
}

// Click clicks the first visible element of a CSS selector. An element that a page draws anew while it is being looked for is looked
// for again: nothing has been pressed by then.
func (p *Page) Click(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	click := chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)
	err := chromedp.Do(ctx, click)
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "Could not find node") {
		err = chromedp.Do(ctx, click)
	}
	if err != nil {
		p.Screenshot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
		p.t.Fatalf("e2e: click %s: %v", selector, err)
	}
}

// Type replaces the content of an input by text.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.Clear(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Choose picks the option of a select by its value.
func (p *Page) Choose(selector, value string) {
	p.t.Helper()
	p.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %[2]q })()`, selector, value))
}

// Press presses keys on what has the focus, one after the other: "j", "a", "\r".
func (p *Page) Press(keys string) {
	p.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		down, up := *events[0], *events[len(events)-1]
		if len(events) == 3 {
			// The character goes with the key, as on a real keyboard, so that a page which keeps the key keeps both.
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		for _, k := range []input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, k); err != nil {
				p.t.Fatalf("e2e: press %q: %v", r, err)
			}
		}
	}
}

// Upload gives a file to a file input.
func (p *Page) Upload(selector string, files ...string) {
	p.t.Helper()
	p.do("upload to "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Wait waits until a CSS selector is visible.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Gone waits until nothing matches a CSS selector.
func (p *Page) Gone(selector string) {
	p.t.Helper()
	p.do("wait until gone "+selector, chromedp.WaitNotPresent(chromedp.CSS(selector)))
}

// WaitText waits until the text of an element contains what is wanted.
func (p *Page) WaitText(selector, text string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`(document.querySelector(%q)?.innerText || "").includes(%q)`, selector, text))
}

// Until waits until a JavaScript expression is true, also across a navigation.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		select { // an error may be of a page that is just being left
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			p.Screenshot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
			p.t.Fatalf("e2e: waiting for %s: %v", expression, err)
		}
	}
}

// Text gives the visible text of the first element of a CSS selector.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf(`document.querySelector(%q).innerText`, selector))
}

// Eval runs a JavaScript expression for its effect; a promise is awaited.
func (p *Page) Eval(expression string) {
	p.t.Helper()
	Eval[any](p, "Promise.resolve("+expression+").then(() => true)")
}

// Eval gives the value of a JavaScript expression; a promise is awaited.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("e2e: evaluate %.200s: %v", expression, err)
	}
	return v
}

// SetCookie gives the tab a cookie for an address.
func (p *Page) SetCookie(address, name, value string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: address})
	if err != nil {
		p.t.Fatalf("e2e: set cookie %s: %v", name, err)
	}
}

// Client gives an HTTP client with the tab's cookies for an address, for downloads.
func (p *Page) Client(address string) *http.Client {
	p.t.Helper()
	res, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{address}})
	if err != nil {
		p.t.Fatalf("e2e: read cookies: %v", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil) // its only error is of a public suffix list, and there is none
	for _, c := range res.Cookies {
		jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: c.Value, Path: c.Path}})
	}
	return &http.Client{Jar: jar, Timeout: patience}
}

// Screenshot takes a picture of the viewport into .milkrun/shots/<name>.png below the module's root, which git
// ignores, and gives its path.
func (p *Page) Screenshot(name string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Errorf("e2e: screenshot %s: %v", name, err)
		return ""
	}
	dir := filepath.Join(root(), ".milkrun", "shots")
	path := filepath.Join(dir, name+".png")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Errorf("e2e: %v", err)
		return ""
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		p.t.Errorf("e2e: %v", err)
	}
	return path
}
