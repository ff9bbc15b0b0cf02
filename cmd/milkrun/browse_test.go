package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/demo"
)

// client asks a house by HTTP as a browser would, and does not follow redirects.
type client struct {
	*http.Client
	t    testing.TB
	base string
}

func visitor(t testing.TB, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, base: base, Client: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// entered keeps the cookies of those who have signed in, by house and login: checking a password takes its time.
var entered = map[string]http.CookieJar{}

// signedIn gives a client whose user of the demo has signed in.
func signedIn(t testing.TB, base, login string) *client {
	t.Helper()
	c := visitor(t, base)
	if jar, ok := entered[base+login]; ok {
		c.Jar = jar
		return c
	}
	c.signIn(login, demo.Password)
	entered[base+login] = c.Jar
	return c
}

func (c *client) signIn(login, password string) {
	c.t.Helper()
	res, body := c.post("/login", url.Values{"login": {login}, "password": {password}})
	if res.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("sign in as %s: %s %.300s", login, res.Status, plain(body))
	}
}

// get asks for a page; headers are pairs of name and value.
func (c *client) get(path string, headers ...string) (*http.Response, string) {
	c.t.Helper()
	return c.ask(http.MethodGet, path, nil, headers...)
}

func (c *client) post(path string, form url.Values, headers ...string) (*http.Response, string) {
	c.t.Helper()
	return c.ask(http.MethodPost, path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (c *client) ask(method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res, string(b)
}

// pagesOf lists the addresses without parameters of the whole pages that a role may open.
func pagesOf(h *served, r access.Role) []string {
	var out []string
	for _, rt := range h.web.Routes() {
		if rt.Method != http.MethodGet || rt.Stream || strings.Contains(rt.Pattern, "{") || rt.Pattern == "/favicon.ico" || rt.Permission == access.Public {
			continue
		}
		if access.Can(access.User{Role: r}, rt.Permission) {
			out = append(out, rt.Pattern)
		}
	}
	return out
}

var (
	unread = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// plain gives what a reader sees of a page.
func plain(page string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(unread.ReplaceAllString(page, " "), " ")), " "))
}
