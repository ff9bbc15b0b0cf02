package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/web/api"
)

// books is a house that accounts with two suppliers and answers over HTTP; callers are told apart by a header instead of their keys.
type books struct {
	*httptest.Server
	t          *testing.T
	pool       *pgxpool.Pool
	orders     *c2mops.Ops
	statements *statementops.Ops
	finance    *financeops.Ops
	buyer      context.Context
	boss       context.Context
	firms      map[string]catalog.Supplier
	site       catalog.SiteID
	sku        catalog.SKUID

	mu  sync.Mutex
	now time.Time
}

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func (b *books) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *books) at(y int, m time.Month, d int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = time.Date(y, m, d, 10, 0, 0, 0, shanghai)
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// The catalog as the API asks it.
func (b *books) SKUsByCode(context.Context, ...string) (map[string]catalog.SKU, error) {
	return nil, nil
}
func (b *books) SKUs(context.Context, ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error) {
	return map[catalog.SKUID]catalog.SKU{b.sku: {ID: b.sku, Code: "MR-1"}}, nil
}
func (b *books) Sites(context.Context) ([]catalog.Site, error) { return nil, nil }
func (b *books) SupplierByCode(_ context.Context, code string) (catalog.Supplier, error) {
	if s, ok := b.firms[code]; ok {
		return s, nil
	}
	return catalog.Supplier{}, catalog.ErrUnknown
}
func (b *books) Suppliers(context.Context, ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error) {
	out := map[catalog.SupplierID]catalog.Supplier{}
	for _, s := range b.firms {
		out[s.ID] = s
	}
	return out, nil
}
func (b *books) Suggestions(context.Context, pgdb.Querier, []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return nil, nil
}

// Ask lets the payment provider answer later.
func (b *books) Ask(context.Context, financeops.PaymentRequest) (financeops.PaymentAnswer, error) {
	return financeops.PaymentAnswer{Outcome: financeops.Later, Reference: "P-1"}, nil
}

func newBooks(t *testing.T) *books {
	ctx := t.Context()
	b := &books{t: t, pool: dbtest.Pool(t), firms: map[string]catalog.Supplier{}}
	b.at(2026, 9, 1)
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := b.pool.QueryRow(ctx, sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	var category, n int
	one(&b.site, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('JX', '嘉兴', 'regional', 30.7, 120.7) returning id`)
	one(&category, `insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`)
	one(&b.sku, `insert into catalog.sku (code, name_zh, category_id, weight_grams, price_fen) values ('MR-1', '牙胶', $1, 100, 2990) returning id`, category)
	for _, code := range []string{"S-BEILI", "S-OTHER"} {
		var id catalog.SupplierID
		one(&id, `insert into catalog.supplier (code, name_zh) values ($1, $1) returning id`, code)
		one(&n, `insert into catalog.term (supplier_id, sku_id, moq, pack, lead_mean_days, breaks) values ($1, $2, 60, 60, 10, '[{"from":1,"price":1000}]') returning 1`, id, b.sku)
		b.firms[code] = catalog.Supplier{ID: id, Code: code}
	}
	person := func(login string, role access.Role) context.Context {
		var id int64
		one(&id, `insert into access.account (login, name, role) values ($1, $1, $2) returning id`, login, string(role))
		return access.WithUser(ctx, access.User{ID: access.ID(id), Login: login, Name: login, Role: role, Language: "zh"})
	}
	b.buyer, b.boss = person("zhoumin", access.Buyer), person("boss", access.Admin)
	log, bus := slog.New(slog.DiscardHandler), events.NewBus()
	client, err := river.NewClient(riverpgxv5.New(b.pool), &river.Config{Logger: log, TestOnly: true})
	b.must(err)
	bus.Bind(client)
	b.orders = c2mops.New(c2mops.Deps{Pool: b.pool, Bus: bus, Clock: b.clock, Log: log, Zone: shanghai, Suggestions: b})
	judges := supplierops.New(supplierops.Deps{Pool: b.pool, Clock: b.clock, Log: log, Zone: shanghai})
	b.finance = financeops.New(financeops.Deps{Pool: b.pool, Clock: b.clock, Log: log, Zone: shanghai, Suppliers: judges, Payments: b, Secret: []byte("secret")})
	b.statements = statementops.New(statementops.Deps{Pool: b.pool, Clock: b.clock, Log: log, Zone: shanghai, Settler: b.finance})
	campaigns := campaignops.New(campaignops.Deps{Pool: b.pool, Bus: bus, Clock: b.clock, Log: log, Secret: []byte("secret"), Zone: shanghai})
	h := api.API{Catalog: b, Campaigns: campaigns, Statements: b.statements, Finance: b.finance}.Handler()
	b.Server = httptest.NewServer(http.StripPrefix(api.Prefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		users := map[string]access.User{"erp": {Name: "ERP", Role: access.Integrator}, "beili": {Name: "贝栗 ERP", Role: access.Supplier, Supplier: b.firms["S-BEILI"].ID},
			"other": {Name: "别家", Role: access.Supplier, Supplier: b.firms["S-OTHER"].ID}, "rider": {Name: "骑手", Role: access.Courier}}
		if u, ok := users[r.Header.Get("As")]; ok {
			r = r.WithContext(access.WithUser(r.Context(), u))
		}
		h.ServeHTTP(w, r)
	})))
	t.Cleanup(b.Close)
	return b
}

// delivered lets Beili deliver an order in full on its day.
func (b *books) delivered(pieces quantity.Pieces, sent, due calendar.Day) {
	b.t.Helper()
	b.mu.Lock()
	b.now = sent.In(shanghai).Add(10 * time.Hour)
	b.mu.Unlock()
	supplier := access.WithUser(b.t.Context(), access.User{Name: "王姐", Role: access.Supplier, Supplier: b.firms["S-BEILI"].ID, Language: "zh"})
	o, err := b.orders.CreateDraft(b.buyer, c2mops.NewOrder{Supplier: b.firms["S-BEILI"].ID, ShipTo: b.site, Lines: []c2mops.NewLine{{SKU: b.sku, Pieces: pieces, Due: &due}}})
	b.must(err)
	o, err = b.orders.Send(b.buyer, o.ID, c2mops.Sending{Revision: o.Revision})
	b.must(err)
	o, _, _, err = b.orders.AnswerOnline(supplier, o.ID, o.Version(), []c2m.Reply{{Line: 1, SKU: b.sku, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &due}}}})
	b.must(err)
	b.mu.Lock()
	b.now = due.In(shanghai).Add(10 * time.Hour)
	b.mu.Unlock()
	_, err = b.orders.Receive(b.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: pieces}})
	b.must(err)
}

// ask calls the API as somebody and reads the answer into out.
func (b *books) ask(as, method, path, body string, out any, headers ...string) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+api.Prefix+path, strings.NewReader(body))
	b.must(err)
	req.Header.Set("As", as)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	if res.StatusCode >= 500 {
		b.t.Fatalf("%s %s as %s: %d %s", method, path, as, res.StatusCode, text)
	}
	if out != nil && json.Unmarshal(text, out) != nil {
		b.t.Fatalf("%s %s as %s: %s", method, path, as, text)
	}
	return res.StatusCode
}

// refused calls the API and wants a refusal with this code at this place.
func (b *books) refused(as, method, path, body string, status int, pointer, code string, headers ...string) {
	b.t.Helper()
	var p api.Problem
	if got := b.ask(as, method, path, body, &p, headers...); got != status || p.Detail == "" || code != "" && (len(p.Errors) == 0 || p.Errors[0].Code != code || p.Errors[0].Pointer != pointer) {
		b.t.Errorf("%s %s as %s: %d %+v, want %d %s %s", method, path, as, got, p, status, pointer, code)
	}
}

func TestStatementsOverTheAPI(t *testing.T) {
	b := newBooks(t)
	b.delivered(300, calendar.Date(2026, 9, 2), calendar.Date(2026, 9, 10))
	b.delivered(60, calendar.Date(2026, 9, 12), calendar.Date(2026, 9, 20))
	b.at(2026, 10, 2)
	s, err := b.statements.Make(b.buyer, b.firms["S-BEILI"].ID, calendar.Date(2026, 9, 1), calendar.Date(2026, 9, 30))
	b.must(err)
	at := "/statements/" + s.Number
	b.refused("erp", "GET", at, "", 404, "", "") // a draft is the house's own business
	_, err = b.statements.Send(b.buyer, s.Number, 0)
	b.must(err)

	var list struct{ Statements []api.StatementOut }
	for as, want := range map[string]int{"erp": 1, "beili": 1, "other": 0} {
		if status := b.ask(as, "GET", "/statements?state=sent", "", &list); status != 200 || len(list.Statements) != want {
			t.Errorf("%s: %d %+v", as, status, list)
		}
	}
	if b.ask("erp", "GET", "/statements?supplier=S-BEILI", "", &list); len(list.Statements) != 1 || list.Statements[0].TotalFen != 360_000 || list.Statements[0].Supplier != "S-BEILI" {
		t.Errorf("%+v", list)
	}
	b.refused("beili", "GET", "/statements?supplier=S-OTHER", "", 404, "", "")
	b.refused("other", "GET", at, "", 404, "", "")
	b.refused("rider", "GET", at, "", 403, "", "")
	b.refused("", "GET", at, "", 401, "", "")

	var one api.StatementDetailOut
	if b.ask("beili", "GET", at, "", &one); len(one.Detail) != 2 || one.Detail[0].SKU != "MR-1" || one.Detail[0].AmountFen != 300_000 || one.Detail[0].Word != "open" || one.TaxFen == 0 {
		t.Fatalf("%+v", one)
	}
	b.refused("beili", "POST", at+"/words", `{"lines":[{"line":1,"agree":true},{"line":2,"agree":false}]}`, 422, "/lines/1/reason", "missing")
	b.refused("beili", "POST", at+"/words", `{"lines":[{"line":2,"agree":false,"reason":"少一箱","claim_fen":-5}]}`, 422, "/lines/0/claim_fen", "range")
	b.refused("beili", "POST", at+"/words", `{"lines":[{"line":7,"agree":true}]}`, 422, "/lines/0/line", "unknown")
	b.refused("beili", "POST", at+"/words", `{"lines":[{"line":1,"agree":true},{"line":1,"agree":true}]}`, 422, "/lines/1/line", "twice")
	b.refused("beili", "POST", at+"/words", `{"revision":1,"lines":[{"line":1,"agree":true}]}`, 409, "", "stale")
	if b.ask("beili", "GET", at, "", &one); one.Detail[0].Word != "open" || one.State != "sent" {
		t.Errorf("a refused word was taken: %+v", one)
	}
	body := fmt.Sprintf(`{"revision":%d,"lines":[{"line":1,"agree":true},{"line":2,"agree":false,"reason":"少算一箱","claim_fen":70000}]}`, one.Revision)
	if status := b.ask("beili", "POST", at+"/words", body, &one); status != 200 || one.State != "disputed" || one.Detail[1].Word != "disputed" || *one.Detail[1].ClaimFen != 70_000 || one.Claimed != 370_000 {
		t.Fatalf("%d %+v", status, one)
	}
	_, err = b.statements.Answer(b.buyer, s.Number, 0, 2, true, nil, "照片属实")
	b.must(err)
	if status := b.ask("erp", "POST", at+"/words", `{}`, &one); status != 200 || one.State != "accepted" || one.TotalFen != 370_000 || *one.Detail[1].WasFen != 60_000 {
		t.Errorf("%d %+v", status, one)
	}
	_, err = b.statements.Agree(b.boss, s.Number, 0)
	b.must(err)
	b.refused("beili", "POST", at+"/words", `{"lines":[{"line":1,"agree":false,"reason":"又想起来"}]}`, 409, "", "closed")
	if status := b.ask("beili", "PUT", at+"/invoice", `{"invoice":"发票 0042"}`, &one); status != 200 || one.Invoice != "发票 0042" || one.Balance != 370_000 || one.Due == "" {
		t.Errorf("%d %+v", status, one)
	}
}

func TestAdvancesOverTheAPI(t *testing.T) {
	b := newBooks(t)
	for i := range 6 { // turnover of the year, so that there is a limit
		b.delivered(600, calendar.Date(2026, 9, 2+i), calendar.Date(2026, 9, 10+i))
	}
	b.at(2026, 10, 2)
	s, err := b.statements.Make(b.buyer, b.firms["S-BEILI"].ID, calendar.Date(2026, 9, 1), calendar.Date(2026, 9, 30))
	b.must(err)
	_, err = b.statements.Send(b.buyer, s.Number, 0)
	b.must(err)
	if b.ask("beili", "POST", "/statements/"+s.Number+"/words", `{}`, nil) != 200 {
		t.Fatal("not agreed")
	}
	_, err = b.statements.Agree(b.boss, s.Number, 0)
	b.must(err)
	var credit api.CreditOut
	if status := b.ask("beili", "GET", "/suppliers/S-BEILI/credit", "", &credit); status != 200 || credit.LimitFen <= 0 || len(credit.Grounds) != 1 || credit.Grounds[0].Document != s.Number {
		t.Fatalf("%d %+v", status, credit)
	}
	b.refused("other", "GET", "/suppliers/S-BEILI/credit", "", 404, "", "")
	ask := func(amount int64) string {
		return fmt.Sprintf(`{"base":"receivable","document":%q,"amount_fen":%d}`, s.Number, amount)
	}
	b.refused("beili", "POST", "/advances", ask(100_00), 422, "", "") // without a key
	b.refused("beili", "POST", "/advances", ask(1_000_000_00), 422, "/document", "ground", "Idempotency-Key", "a1")
	b.refused("beili", "POST", "/advances", `{"base":"order","document":"FO-NONE","amount_fen":1}`, 422, "/document", "ground", "Idempotency-Key", "a1")
	var one, again api.AdvanceOut
	if status := b.ask("beili", "POST", "/advances", ask(100_00), &one, "Idempotency-Key", "a2"); status != 201 || one.State != "applied" || one.AmountFen != 100_00 {
		t.Fatalf("%d %+v", status, one)
	}
	if b.ask("beili", "POST", "/advances", ask(100_00), &again, "Idempotency-Key", "a2"); again.Number != one.Number {
		t.Errorf("applied twice: %s and %s", one.Number, again.Number)
	}
	b.refused("beili", "POST", "/advances", ask(200_00), 409, "", "key", "Idempotency-Key", "a2")
	at := "/advances/" + one.Number
	b.refused("other", "GET", at, "", 404, "", "")
	b.refused("beili", "POST", at+"/drawings", `{"amount_fen":100}`, 409, "", "state", "Idempotency-Key", "d1") // nobody has approved
	for _, who := range []context.Context{b.buyer, b.boss} {
		_, err := b.finance.Approve(who, one.Number, 0, "")
		b.must(err)
	}
	b.refused("beili", "POST", at+"/drawings", `{"amount_fen":1000001}`, 422, "/amount_fen", "range", "Idempotency-Key", "d1")
	for range 2 { // sent twice, asked once
		if status := b.ask("beili", "POST", at+"/drawings", `{"amount_fen":6000}`, &one, "Idempotency-Key", "d1"); status != 200 || one.Pending != 6000 || len(one.Payments) != 1 || len(one.Approvals) != 2 {
			t.Fatalf("%d %+v", status, one)
		}
	}
	system := access.WithUser(t.Context(), access.TheSystem())
	_, err = b.finance.SendPayments(system)
	b.must(err)

	// The provider's word comes by the same door as those about members; a double one counts once, one about another amount not at all.
	say := func(id string, minor int, secret string) int {
		body := fmt.Sprintf(`{"id":%q,"key":%q,"outcome":"done","amount_minor":%d,"reference":"B-9"}`, id, one.Payments[0].Key, minor)
		return b.ask("", "POST", "/payments/messages", body, nil, campaignops.SignatureHeader, campaignops.Sign([]byte(secret), []byte(body), b.clock()))
	}
	if got := []int{say("e1", 6000, "guess"), say("e1", 5999, "secret"), say("e1", 6000, "secret"), say("e1", 6000, "secret"), say("e2", 6000, "secret")}; fmt.Sprint(got) != "[401 409 200 200 200]" {
		t.Errorf("%v", got)
	}
	if b.ask("erp", "GET", at, "", &one); one.Drawn != 6000 || one.Pending != 0 || one.State != string(finance.Drawn) || one.Undrawn != 4000 || one.Payments[0].State != "done" {
		t.Errorf("%+v", one)
	}
	var list struct{ Advances []api.AdvanceOut }
	for as, want := range map[string]int{"erp": 1, "beili": 1, "other": 0} {
		if b.ask(as, "GET", "/advances?state=drawn", "", &list); len(list.Advances) != want {
			t.Errorf("%s: %+v", as, list)
		}
	}
	b.refused("beili", "POST", at+"/withdraw", `{"reason":"不要了"}`, 409, "", "state")
}

func TestTheDescriptionTellsOfMessagesAndWebhooks(t *testing.T) {
	w := httptest.NewRecorder()
	api.API{}.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]struct {
			Permissions []access.Permission `json:"x-permissions"`
			Security    []map[string][]string
			Description string
		}
		Webhooks map[string]map[string]struct {
			Description string
			Parameters  []struct{ Name string }
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
			Responses map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			if len(op.Permissions) == 0 {
				t.Errorf("%s %s names no permission", method, path)
			}
		}
	}
	in := doc.Paths["/payments/messages"]["post"]
	if in.Security == nil || len(in.Security) != 0 || !strings.Contains(in.Description, campaignops.SignatureHeader) {
		t.Errorf("%+v", in)
	}
	for _, name := range []string{"payment-instruction", "payout-instruction", "member-message"} {
		op := doc.Webhooks[name]["post"]
		schema := strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
		if len(op.Parameters) != 2 || doc.Components.Schemas[schema] == nil || !strings.Contains(op.Description, "HMAC-SHA-256") || !strings.Contains(op.Description, "posted again") || len(op.Responses) < 3 {
			t.Errorf("%s: %+v", name, op)
		}
	}
}
