package scanner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web"
	"milkrun/web/route"
	"milkrun/web/scanner"
)

// What one worker scanned without the network, and another sends after the change of shifts, is booked under the first.
func TestQueuedCommandsAreBookedUnderWhoMadeThem(t *testing.T) {
	h := openHouse(t)
	var id int64
	h.ask(`insert into access.account (login, name, role) values ('zhaomin', '赵敏', 'warehouse') returning id`, &id)
	second := access.User{ID: access.ID(id), Login: "zhaomin", Name: "赵敏", Role: access.Warehouse, Language: "zh"}
	people := accounts{map[access.ID]access.User{h.worker.ID: h.worker, second.ID: second}}
	sessions := route.NewSessions(memstore.New(), false)
	server, err := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Sessions: sessions, Accounts: people}, scanner.Scanner{
		Ops: h.ops, Sessions: sessions, Clock: time.Now, Parts: scanner.Stock(h.ops), Account: people.User,
		SignIn: func(_ context.Context, login, _ string) (access.User, error) {
			if login == second.Login {
				return second, nil
			}
			return h.worker, nil
		},
		Sites: func(context.Context) ([]catalog.Site, error) {
			return []catalog.Site{{ID: h.site, Code: "JX", Tier: catalog.Regional, Active: true}}, nil
		},
	}.Screens())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	device := &http.Client{Jar: jar}
	post := func(path string, body any) (out map[string]any) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := device.Post(s.URL+path, "application/json", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 || json.Unmarshal(text, &out) != nil {
			t.Fatalf("%s: %s, %v\n%s", path, res.Status, err, text)
		}
		return out
	}
	signIn := func(login string) string {
		t.Helper()
		return fmt.Sprint(post("/scan/login", map[string]string{"login": login, "password": "x"})["user"].(map[string]any)["by"])
	}
	first := signIn("wangqiang")
	made := time.Now().Add(-time.Hour)
	if other := signIn("zhaomin"); other == first || len(other) != 36 {
		t.Fatalf("signs %q and %q", first, other)
	}
	for want, by := range map[string]string{"王强": first, "赵敏": uuid.NewString()} { // a sign that nobody has counts as none
		op := uuid.NewString()
		post("/scan/commands", map[string]any{"device": "hand-1", "site": h.site, "sent_at": time.Now(), "commands": []map[string]any{
			{"op": op, "kind": "scan", "made_at": made, "screen": "move", "verdict": "wrong_bin", "by": by}}})
		if got := h.text(`select actor from warehouse.command where op = $1`, op); got != want {
			t.Errorf("booked under %s, made by %s", got, want)
		}
	}
	h.exec(`insert into warehouse.bin (site_id, code, kind) values ($1, 'A09-09-1', 'pick')`, h.site)
	move := uuid.NewString()
	out := post("/scan/commands", map[string]any{"device": "hand-1", "site": h.site, "sent_at": time.Now(), "commands": []map[string]any{
		{"op": move, "kind": "move.move", "made_at": made, "by": first, "body": map[string]any{"site": h.site, "from": "A07-05-1", "to": "A09-09-1", "sku": h.skus["MR-100002"], "lot": "YR261107", "pieces": 2, "status": "available", "force": true}}}})
	if got := h.text(`select coalesce((select actor from warehouse.operation where id = $1), 'nobody')`, move); got != "王强" {
		t.Errorf("the move is booked under %s: %v", got, out)
	}
}
