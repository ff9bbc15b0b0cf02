package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/web"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// browser is a client that keeps cookies and does not follow redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (h *house) as(t *testing.T, r access.Role) *http.Client {
	t.Helper()
	c := browser(t)
	if res, _ := h.ask(t, c, "GET", "/enter/"+idOf(r), nil); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in as %s: %s", r, res.Status)
	}
	return c
}

// ask sends a request as a browser would; headers are pairs of name and value.
func (h *house) ask(t *testing.T, c *http.Client, method, path string, form url.Values, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// concrete puts a value into every parameter of a pattern.
func concrete(pattern string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "1"
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteAsksForItsPermission(t *testing.T) {
	h := open(t)
	nobody := browser(t)
	for _, r := range access.Roles() {
		c := h.as(t, r)
		for _, rt := range h.Routes() {
			if rt.Stream || strings.HasPrefix(rt.Pattern, "/enter/") {
				continue
			}
			res, _ := h.ask(t, c, rt.Method, concrete(rt.Pattern), url.Values{})
			may := access.Can(access.User{Role: r}, rt.Permission)
			if refused := res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized; refused == may {
				t.Errorf("%s %s as %s: %s", rt.Method, rt.Pattern, r, res.Status)
			}
		}
	}
	for _, rt := range h.Routes() {
		if rt.Permission == access.Public {
			continue
		}
		res, _ := h.ask(t, nobody, rt.Method, concrete(rt.Pattern), url.Values{})
		if rt.Method == http.MethodGet && (res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/login")) ||
			rt.Method != http.MethodGet && res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s as nobody: %s %s", rt.Method, rt.Pattern, res.Status, res.Header.Get("Location"))
		}
	}
}

func TestErrorsInWords(t *testing.T) {
	h := open(t)
	c := h.as(t, access.Buyer)
	page, body := h.ask(t, c, "GET", "/nowhere", nil)
	if page.StatusCode != http.StatusNotFound || !strings.Contains(body, "这个地址下没有东西") || !strings.Contains(body, `href="/list"`) {
		t.Errorf("404 of a user is not a page of the console: %d", page.StatusCode)
	}
	page, body = h.ask(t, c, "GET", "/broken", nil)
	if page.StatusCode != http.StatusInternalServerError || strings.Contains(body, "secret") || !strings.Contains(body, page.Header.Get("X-Request-Id")) {
		t.Errorf("500: %d %.300s", page.StatusCode, body)
	}
	page, body = h.ask(t, c, "POST", "/panic", url.Values{})
	if page.StatusCode != http.StatusInternalServerError || strings.Contains(body, "goroutine") || !strings.Contains(body, "服务器出错了") || !strings.Contains(body, "mk-shell") {
		t.Errorf("panic: %d %.300s", page.StatusCode, body)
	}
	note, body := h.ask(t, c, "POST", "/reject/1", url.Values{}, "HX-Request", "true", "HX-Current-URL", h.http.URL+"/list?open=1")
	if note.StatusCode != http.StatusConflict || note.Header.Get("Mk-Note") == "" || !strings.Contains(body, `role="alert"`) || !strings.Contains(body, `href="/list"`) || strings.Contains(body, "<html") {
		t.Errorf("note: %d %s", note.StatusCode, body)
	}
	gone, body := h.ask(t, browser(t), "POST", "/approve/1", url.Values{}, "HX-Request", "true", "HX-Current-URL", h.http.URL+"/list?open=1")
	if gone.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "/login?back=%2Flist%3Fopen%3D1") {
		t.Errorf("a session that ended: %d %s", gone.StatusCode, body)
	}
	wrong, _ := h.ask(t, c, "DELETE", "/list", nil)
	if wrong.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("method: %s", wrong.Status)
	}
	large, body := h.ask(t, c, "POST", "/form", url.Values{"x": {strings.Repeat("x", 2<<20)}})
	if large.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(body, "1 MB") {
		t.Errorf("large: %s", large.Status)
	}
	english, body := h.ask(t, browser(t), "GET", "/nowhere", nil, "Accept-Language", "en-GB,en;q=0.8")
	if english.StatusCode != http.StatusNotFound || !strings.Contains(body, "There is nothing at this address") {
		t.Errorf("English: %.200s", body)
	}
}

func TestAPIAnswersProblems(t *testing.T) {
	h := open(t)
	res, body := h.ask(t, browser(t), "GET", "/api/v1/stock", nil, "Accept", "*/*")
	var doc struct {
		Status int
		Detail string
		Code   string
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || res.StatusCode != http.StatusUnauthorized || doc.Status != 401 || doc.Code != "error.signedout" {
		t.Errorf("without a key: %s %s", res.Status, body)
	}
	if ct := res.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %s", ct)
	}
	for key, want := range map[string]int{"mk_integrator": 200, "mk_courier": 403, "mk_nobody": 401} {
		res, _ := h.ask(t, browser(t), "GET", "/api/v1/stock", nil, "Authorization", "Bearer "+key)
		if res.StatusCode != want {
			t.Errorf("key %s: %s", key, res.Status)
		}
	}
	if res, _ := h.ask(t, browser(t), "GET", "/small", nil, "Authorization", "Bearer mk_admin"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("a key opens pages: %s", res.Status)
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	h := open(t)
	c := h.as(t, access.Buyer)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		res, body := h.ask(t, c, "POST", "/approve/1", url.Values{}, header...)
		if res.StatusCode != http.StatusForbidden || !strings.Contains(body, "别的网站") {
			t.Errorf("%v: %s", header, res.Status)
		}
	}
}

func TestHeaders(t *testing.T) {
	h := open(t, func(c *web.Config) { c.Secure = true })
	res, body := h.ask(t, browser(t), "GET", "/login", nil)
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "script-src 'self' 'unsafe") {
		t.Errorf("policy is open: %s", policy)
	}
	for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security", "X-Request-Id"} {
		if res.Header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if strings.Contains(body, "onclick=") || strings.Contains(body, "<style") {
		t.Error("inline scripts or styles")
	}
	asset := ui.Asset("app.css")
	css, _ := h.ask(t, browser(t), "GET", asset, nil, "Accept-Encoding", "gzip")
	if css.StatusCode != http.StatusOK || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") || css.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("asset: %s %v", css.Status, css.Header)
	}
	old, _ := h.ask(t, browser(t), "GET", "/static/0123456789ab/app.css", nil)
	if old.StatusCode != http.StatusOK || strings.Contains(old.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("asset of an old page: %s %v", old.Status, old.Header)
	}
	for _, path := range []string{"/static/x/../../go.mod", "/static/x/", "/static/x/nothing.css"} {
		if res, _ := h.ask(t, browser(t), "GET", path, nil); res.StatusCode == http.StatusOK {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

func TestPreferences(t *testing.T) {
	h := open(t)
	c := browser(t)
	if _, body := h.ask(t, c, "GET", "/login", nil); !strings.Contains(body, `lang="zh-CN"`) {
		t.Error("Chinese is not the default")
	}
	res, _ := h.ask(t, c, "POST", "/preferences", url.Values{"language": {"en"}, "back": {"/login?x=1"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/login?x=1" {
		t.Errorf("back: %s %s", res.Status, res.Header.Get("Location"))
	}
	if _, body := h.ask(t, c, "GET", "/login", nil, "Accept-Language", "zh-CN"); !strings.Contains(body, `lang="en"`) {
		t.Error("the cookie does not win over the browser's language")
	}
	for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "x"} {
		res, _ := h.ask(t, c, "POST", "/preferences", url.Values{"theme": {"dark"}, "back": {evil}})
		if res.Header.Get("Location") != "/" {
			t.Errorf("back to %q leads to %q", evil, res.Header.Get("Location"))
		}
	}
	buyer := h.as(t, access.Buyer)
	h.ask(t, buyer, "POST", "/preferences", url.Values{"language": {"en"}, "theme": {"dark"}, "keys": {"off"}, "site": {"XH"}, "back": {"/small"}})
	u, err := h.accounts.User(t.Context(), 1)
	if err != nil || u.Language != "en" || u.Theme != "dark" || !u.KeysOff {
		t.Errorf("the account keeps %+v, %v", u, err)
	}
	_, body := h.ask(t, buyer, "GET", "/small", nil)
	for _, want := range []string{`lang="en"`, `data-bs-theme="dark"`, `data-keys="off"`, "上海徐汇"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	h.ask(t, buyer, "POST", "/preferences", url.Values{"language": {"xx"}, "theme": {"<b>"}, "site": {"NOWHERE"}})
	if u, _ := h.accounts.User(t.Context(), 1); u.Language != "en" || u.Theme != "dark" {
		t.Errorf("nonsense was kept: %+v", u)
	}
}

func TestMenuShowsOnlyWhatOneMayOpen(t *testing.T) {
	h := open(t)
	_, warehouse := h.ask(t, h.as(t, access.Warehouse), "GET", "/small", nil)
	_, admin := h.ask(t, h.as(t, access.Admin), "GET", "/small", nil)
	_, buyer := h.ask(t, h.as(t, access.Buyer), "GET", "/small", nil)
	if strings.Contains(warehouse, `href="/demand" data-go`) || strings.Contains(warehouse, "工厂订单") {
		t.Error("warehouse sees areas it may not open, or that nobody has built")
	}
	if !strings.Contains(admin, `href="/users"`) || !strings.Contains(buyer, `href="/audit"`) || strings.Contains(buyer, `href="/users"`) {
		t.Error("system does not lead to the first page one may open")
	}
}

func TestFlashIsToldOnce(t *testing.T) {
	h := open(t)
	c := h.as(t, access.Buyer)
	h.ask(t, c, "POST", "/tell", url.Values{"back": {"/small"}})
	_, first := h.ask(t, c, "GET", "/small", nil)
	_, second := h.ask(t, c, "GET", "/small", nil)
	if !strings.Contains(first, "已批准 3 条") || !strings.Contains(first, `hx-post="/undo"`) || strings.Contains(second, "已批准 3 条") {
		t.Error("the note was not told exactly once")
	}
}

func TestRateLimit(t *testing.T) {
	h := open(t)
	c := h.as(t, access.Buyer)
	for range 2 {
		if res, _ := h.ask(t, c, "POST", "/slowly", url.Values{}); res.StatusCode != http.StatusNoContent {
			t.Fatal(res.Status)
		}
	}
	res, body := h.ask(t, c, "POST", "/slowly", url.Values{})
	if res.StatusCode != http.StatusTooManyRequests || !strings.Contains(body, "操作太快") || res.Header.Get("Retry-After") == "" {
		t.Errorf("third: %s", res.Status)
	}
	if res, _ := h.ask(t, h.as(t, access.Planner), "POST", "/slowly", url.Values{}); res.StatusCode != http.StatusNoContent {
		t.Errorf("another user is counted too: %s", res.Status)
	}
}

func TestLive(t *testing.T) {
	h := open(t)
	supplier := h.as(t, access.Supplier)
	if res, _ := h.ask(t, supplier, "GET", "/live?topic=suggestions", nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a supplier hears the house: %s", res.Status)
	}
	for _, bad := range []string{"/live", "/live?topic=A%0Ab"} {
		if res, _ := h.ask(t, h.as(t, access.Buyer), "GET", bad, nil); res.StatusCode < 400 {
			t.Errorf("%s: %s", bad, res.Status)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.http.URL+"/live?topic=suggestions", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := h.as(t, access.Buyer).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/event-stream") {
		t.Fatal(ct)
	}
	go func() { h.live.told <- "a body that stays in the house" }()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "a body") {
			t.Fatal("bodies are for servers")
		}
		if lines.Text() == "event: suggestions" {
			return
		}
	}
	t.Fatal("nothing was told", lines.Err())
}

func TestProbesAndMetrics(t *testing.T) {
	fault := errors.New("the database sleeps")
	h := open(t, func(c *web.Config) {
		c.Ready = func(context.Context) error { return fault }
		c.MetricsToken = "collector"
	})
	if res, _ := h.ask(t, browser(t), "GET", "/healthz", nil); res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
	res, body := h.ask(t, browser(t), "GET", "/readyz", nil)
	if res.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "database") {
		t.Error(res.Status, body)
	}
	h.ask(t, h.as(t, access.Buyer), "GET", "/drawer/1", nil)
	res, body = h.ask(t, browser(t), "GET", "/metrics", nil, "Authorization", "Bearer collector")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, `route="/drawer/{id}",status="200"`) {
		t.Error(res.Status, body)
	}
	if res, _ := h.ask(t, browser(t), "GET", "/metrics", nil, "Authorization", "Bearer guess"); res.StatusCode == http.StatusOK {
		t.Error("a wrong token reads the metrics")
	}
}

func TestDeclarationsAreChecked(t *testing.T) {
	cfg := web.Config{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Accounts: newAccounts()}
	for name, sc := range map[string]route.Screens{
		"no permission": {Routes: []route.Route{{Method: "GET", Pattern: "/x", Handler: done}}},
		"twice":         {Routes: []route.Route{route.GET("/x", access.Public, done), route.GET("/x", access.Public, done)}},
		"unknown area":  {Menu: []ui.MenuItem{{Key: "stonks", Path: "/x", Permission: access.Public}}},
		"bare mount":    {Mounts: []route.Mount{{Prefix: "/jobs"}}},
	} {
		if _, err := web.New(cfg, sc); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := web.New(web.Config{}); err == nil {
		t.Error("an empty configuration is accepted")
	}
}
