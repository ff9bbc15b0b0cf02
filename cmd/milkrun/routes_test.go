package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"milkrun/internal/access"
	"milkrun/internal/demo"
	"milkrun/web/api"
)

// loginOf gives the demo's user of a role whose language is Chinese.
func loginOf(t testing.TB, r access.Role) string {
	t.Helper()
	for _, u := range demo.Users() {
		if u.Role == r {
			return u.Login
		}
	}
	t.Fatalf("the demo has no %s", r)
	return ""
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// somewhere gives an address of a pattern whose parameters lead to nothing.
func somewhere(pattern string) string { return parameter.ReplaceAllString(pattern, "999999999") }

// denied tells whether an answer says that the asker may not. Another site's bounds and unknown things are no denial.
func denied(res *http.Response) bool {
	return res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized ||
		res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/login")
}

// Every declared route lets in exactly those whose role holds its permission.
func TestEveryRouteOfTheHouseAsksForItsPermission(t *testing.T) {
	h := serve(t, demoCopy(t), func(_ *Config, c *ServeCmd) { c.NoJobs = true })
	routes := h.web.Routes()
	if len(routes) < 60 {
		t.Errorf("only %d routes", len(routes))
	}
	for _, r := range append([]access.Role{""}, access.Roles()...) {
		c, u := visitor(t, h.base), access.User{Role: r}
		if r != "" {
			c = signedIn(t, h.base, loginOf(t, r))
		}
		for _, rt := range routes {
			if rt.Stream || rt.Permission == access.Public {
				continue
			}
			res, _ := c.ask(rt.Method, somewhere(rt.Pattern), nil)
			if may := access.Can(u, rt.Permission); denied(res) == may {
				t.Errorf("%s %s (%s) as %q: %s %s", rt.Method, rt.Pattern, rt.Permission, r, res.Status, res.Header.Get("Location"))
			}
			if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests {
				t.Errorf("%s %s as %q: %s", rt.Method, rt.Pattern, r, res.Status)
			}
		}
		for _, m := range h.web.Mounts() {
			if m.Permission == access.Public {
				continue
			}
			res, _ := c.get(strings.TrimSuffix(m.Prefix, "/") + "/")
			if denied(res) == access.Can(u, m.Permission) {
				t.Errorf("%s as %q: %s", m.Prefix, r, res.Status)
			}
		}
	}
}

// What is on the menu of a role opens for it.
func TestTheMenuLeadsSomewhere(t *testing.T) {
	h := readers(t)
	links := regexp.MustCompile(`<nav[^>]*>(?s:.*?)</nav>`)
	hrefs := regexp.MustCompile(`href="(/[^"#]*)"`)
	for _, r := range access.Roles() {
		c := signedIn(t, h.base, loginOf(t, r))
		res, page := c.get(home(r))
		if res.StatusCode != http.StatusOK {
			t.Errorf("the first page of %s: %s %s %.300s", r, home(r), res.Status, plain(page))
			continue
		}
		found := 0
		for _, nav := range links.FindAllString(page, -1) {
			for _, m := range hrefs.FindAllStringSubmatch(nav, -1) {
				found++
				if res, _ := c.get(m[1]); res.StatusCode != http.StatusOK && (res.StatusCode != http.StatusSeeOther || denied(res)) {
					t.Errorf("%s: the menu leads to %s: %s", r, m[1], res.Status)
				}
			}
		}
		if access.Can(access.User{Role: r}, access.Console) && found < 3 {
			t.Errorf("the menu of %s has %d links", r, found)
		}
	}
}

// Nothing changes anything for a page of another site.
func TestNoVerbActsForAnotherSite(t *testing.T) {
	h := readers(t)
	for _, r := range []access.Role{access.Buyer, access.Admin, access.Supplier} {
		c := signedIn(t, h.base, loginOf(t, r))
		for _, rt := range h.web.Routes() {
			if rt.Method == http.MethodGet {
				continue
			}
			for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
				res, _ := c.ask(rt.Method, somewhere(rt.Pattern), nil, headers...)
				if res.StatusCode != http.StatusForbidden {
					t.Errorf("%s %s as %s with %v: %s", rt.Method, rt.Pattern, r, headers, res.Status)
				}
			}
		}
	}
}

// messageIDs gives the first parts of all message ids: what a leaked id begins with.
func messageIDs(t testing.TB) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	files, err := filepath.Glob("../../web/ui/words/*.toml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files of words: %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(b, &tree); err != nil {
			t.Fatal(err)
		}
		collect(ids, "", tree)
	}
	return ids
}

func collect(ids map[string]bool, prefix string, tree map[string]any) {
	for k, v := range tree {
		ids[prefix+k] = true
		if sub, ok := v.(map[string]any); ok {
			collect(ids, prefix+k+".", sub)
		}
	}
}

var dotted = regexp.MustCompile(`[a-z_]+(?:\.[a-z0-9_]+)+`)

// faultsOfText finds what a reader must never see: ids of messages, broken formats, gaps of templates.
func faultsOfText(text string, ids map[string]bool) []string {
	var out []string
	for _, w := range dotted.FindAllString(text, -1) {
		head, _, _ := strings.Cut(w, ".")
		if ids[w] || ids[head] && !strings.HasSuffix(w, ".xlsx") && !strings.HasSuffix(w, ".csv") {
			out = append(out, w)
		}
	}
	for _, bad := range []string{"%!", "<no value>", "<nil>", "[object Object]", "NaN", "undefined", "{{", "0001-01-01", "1970-01-01", "+Inf"} {
		if strings.Contains(text, bad) {
			i := strings.Index(text, bad)
			out = append(out, strings.ToValidUTF8(text[max(0, i-40):min(len(text), i+40)], ""))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sentence finds Chinese prose. On an English page short Chinese texts are names of goods and people.
var sentence = regexp.MustCompile(`[\p{Han}，。；：]{24,}`)

// Every page opens for a role that may, in both languages, on the demo business and says everything in words.
func TestEveryPageOpensInBothLanguages(t *testing.T) {
	h := readers(t)
	ids := messageIDs(t)
	for _, r := range access.Roles() {
		c := signedIn(t, h.base, loginOf(t, r))
		for _, language := range []string{"zh", "en"} {
			if res, _ := c.post("/preferences", url.Values{"language": {language}}); res.StatusCode != http.StatusSeeOther {
				t.Fatalf("language: %s", res.Status)
			}
			for _, path := range pagesOf(h, r) {
				res, body := c.get(path)
				at := fmt.Sprintf("%s as %s in %s", path, r, language)
				switch {
				case res.StatusCode == http.StatusSeeOther && !denied(res), strings.HasSuffix(path, ".xlsx") && res.StatusCode == http.StatusOK:
					continue
				case res.StatusCode != http.StatusOK:
					t.Errorf("%s: %s %.300s", at, res.Status, plain(body))
					continue
				case !strings.Contains(body, "<html"):
					continue // a part of a page
				}
				if !strings.Contains(body, `lang="`+language) {
					t.Errorf("%s: another language", at)
				}
				text := plain(body)
				for _, fault := range faultsOfText(text, ids) {
					t.Errorf("%s: shows %q", at, fault)
				}
				if language == "en" {
					if s := sentence.FindString(text); s != "" {
						t.Errorf("%s: a Chinese sentence: %s", at, s)
					}
				}
			}
		}
	}
}

// Strange queries get a page or a refusal in words, never a fault of the house.
func TestPagesBearStrangeQueries(t *testing.T) {
	h := readers(t)
	c := signedIn(t, h.base, loginOf(t, access.Admin))
	strange := []string{
		"q=%00", "q=" + url.QueryEscape("'; drop table forecast.sale; --"), "q=%ff%fe", "q=" + strings.Repeat("x", 3000), "sort=-nonsense&by=x", "page=-3", "page=99999999999999999999",
		"site=NOWHERE&category=-1", "after=%27&before=%27", "open=abc", "state=%F0%9F%8D%BC&view=x", "from=2026-13-45&to=x", "supplier=999999999999", "day=0",
	}
	for _, path := range pagesOf(h, access.Admin) {
		if strings.HasSuffix(path, ".xlsx") {
			continue // limited to thirty a minute; their lists read the same queries
		}
		for _, q := range strange {
			if res, body := c.get(path + "?" + q); res.StatusCode >= 500 {
				t.Errorf("GET %s?%.80s: %s %.200s", path, q, res.Status, plain(body))
			}
		}
	}
}

// After the sign-in one is where one wanted to go, but never on another site.
func TestSignInLeadsToWhereOneWanted(t *testing.T) {
	h := readers(t)
	c := visitor(t, h.base)
	res, _ := c.get("/suggestions?kind=buy")
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Fatalf("%s %s", res.Status, to)
	}
	_, form := c.get(to)
	fields := url.Values{"login": {"zhoumin"}, "password": {demo.Password}}
	main := form[strings.Index(form, `class="mk-stack"`):]
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(main[:strings.Index(main, "</form>")], -1) {
		fields.Set(m[1], strings.ReplaceAll(m[2], "&amp;", "&"))
	}
	if res, _ = c.post("/login", fields); res.Header.Get("Location") != "/suggestions?kind=buy" {
		t.Errorf("after the sign-in: %s %q", res.Status, res.Header.Get("Location"))
	}
	for _, away := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		c := visitor(t, h.base)
		if res, _ := c.post("/login", url.Values{"login": {"zhoumin"}, "password": {demo.Password}, "back": {away}, "next": {away}}); res.Header.Get("Location") != "/today" {
			t.Errorf("%q leads to %q", away, res.Header.Get("Location"))
		}
	}
	if res, body := visitor(t, h.base).post("/login", url.Values{"login": {"zhoumin"}, "password": {"wrong"}}); res.StatusCode != http.StatusUnprocessableEntity || strings.Contains(body, "wrong\"") {
		t.Errorf("a wrong password: %s", res.Status)
	}
}

// Every operation of the API lets in the keys and users that hold its permission, and describes itself.
func TestEveryOperationOfTheAPI(t *testing.T) {
	h := readers(t)
	c := visitor(t, h.base)
	res, body := c.get(api.Prefix+"/openapi.json", "Accept", "application/json")
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string              `json:"operationId"`
			Summary     string              `json:"summary"`
			Permissions []access.Permission `json:"x-permissions"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || res.StatusCode != 200 || len(doc.Paths) < 5 {
		t.Fatalf("%s: %d paths, %v", res.Status, len(doc.Paths), err)
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if op.OperationID == "" || op.Summary == "" {
				t.Errorf("%s %s is not described", method, path)
			}
			method, at := strings.ToUpper(method), api.Prefix+somewhere(path)
			usual := access.ReadData
			if method != http.MethodGet {
				usual = access.PushData
			}
			signed := slices.Contains(op.Permissions, access.Public) // by a signature, not by a key
			if !signed && !slices.Contains(op.Permissions, usual) {
				t.Errorf("%s %s opens to %v, not to %s", method, path, op.Permissions, usual)
			}
			may := func(r access.Role) bool {
				return slices.ContainsFunc(op.Permissions, func(p access.Permission) bool { return access.Can(access.User{Role: r}, p) })
			}
			ask := func(who *client, headers ...string) *http.Response {
				res, body := who.ask(method, at, strings.NewReader(`{}`), append(headers, "Content-Type", "application/json", "Accept", "application/json")...)
				if res.StatusCode >= 400 && !strings.Contains(res.Header.Get("Content-Type"), "problem+json") || res.StatusCode >= 500 {
					t.Errorf("%s %s: %s %s %.200s", method, path, res.Status, res.Header.Get("Content-Type"), body)
				}
				return res
			}
			if res := ask(c); res.StatusCode != http.StatusUnauthorized || !signed && res.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s without a key: %s", method, path, res.Status)
			}
			if signed {
				continue
			}
			if res := ask(c, "Authorization", "Bearer mk_wrong_wrong"); res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s with a wrong key: %s", method, path, res.Status)
			}
			if res := ask(c, "Authorization", "Bearer "+sample.key); denied(res) == may(access.Integrator) {
				t.Errorf("%s %s with the integrator's key: %s", method, path, res.Status)
			}
			for _, r := range []access.Role{access.Courier, access.Supplier, access.Warehouse, access.Buyer} {
				if res := ask(signedIn(t, h.base, loginOf(t, r))); denied(res) == may(r) {
					t.Errorf("%s %s as %s: %s", method, path, r, res.Status)
				}
			}
		}
	}
	if res, body := c.get(api.Prefix + "/docs"); res.StatusCode != 200 || strings.Contains(body, "//unpkg") || strings.Contains(body, "//cdn") {
		t.Errorf("docs: %s", res.Status)
	}
}
