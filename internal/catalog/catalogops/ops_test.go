package catalogops_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/demo"
)

var (
	today = calendar.Date(2026, 11, 23)
	world = demo.Generate(today, 1)
)

// house is a database with the demonstration's catalog.
func house(t *testing.T) (context.Context, *catalogops.Ops, *pgxpool.Pool) {
	t.Helper()
	pool := dbtest.Pool(t)
	o := catalogops.New(catalogops.Deps{
		Pool: pool, Clock: func() time.Time { return today.Time().Add(2 * time.Hour) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ctx := access.WithUser(t.Context(), access.TheSystem())
	if _, err := o.Load(ctx, "demo", master()); err != nil {
		t.Fatal(err)
	}
	return ctx, o, pool
}

func master() catalogops.Master {
	return catalogops.Master{
		Categories: world.Categories, Sites: world.Sites, Lanes: world.Lanes, Suppliers: world.Suppliers, SKUs: world.SKUs,
		Terms: world.Terms, Topics: world.Topics, Weights: world.Weights,
	}
}

func TestLoadIsExactAndRepeatable(t *testing.T) {
	ctx, o, pool := house(t)
	again, err := o.Load(ctx, "demo", master())
	if err != nil {
		t.Fatal(err)
	}
	for kind, s := range again {
		if s.New != 0 || s.Changed != 0 || s.Same == 0 {
			t.Errorf("loading %s again: %+v", kind, s)
		}
	}
	// What is stored is what was given.
	all, err := catalogdb.SKUCodes(ctx, pool, nil)
	if err != nil || len(all) != len(world.SKUs) {
		t.Fatalf("%d SKUs, %v", len(all), err)
	}
	for _, want := range []catalog.SKUDraft{world.SKUs[0], world.SKUs[len(world.SKUs)-1]} {
		got, err := o.SKUByCode(ctx, want.Code)
		if err != nil {
			t.Fatal(err)
		}
		back := catalog.SKUDraft{SKU: got.SKU, CategoryCode: got.CategoryCode, SuccessorCode: got.SuccessorCode}
		back.ID, back.Category, back.Successor = 0, 0, 0
		if d := cmp.Diff(want, back); d != "" {
			t.Error(d)
		}
	}
	for _, want := range world.Terms[:50] {
		terms, err := catalogdb.Terms(ctx, pool, []catalog.SKUID{all[want.SKUCode]})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(terms[all[want.SKUCode]], func(r catalog.TermRecord) bool { return r.SupplierCode == want.SupplierCode })
		got := terms[all[want.SKUCode]][i]
		back := catalog.TermDraft{Term: got.Term, SupplierCode: got.SupplierCode, SKUCode: got.SKUCode, ShipsToCode: got.ShipsToCode}
		back.Supplier, back.SKU, back.ShipsTo = 0, 0, 0
		if d := cmp.Diff(want, back); d != "" {
			t.Error(d)
		}
	}
	lanes, err := o.Lanes(ctx)
	if err != nil || len(lanes) != len(world.Lanes) {
		t.Errorf("%d lanes, %v", len(lanes), err)
	}
	topics, err := o.Topics(ctx)
	if err != nil || len(topics) != len(world.Topics) || topics[len(topics)-1].Kind != catalog.ComplaintTopic || topics[0].SKUs == 0 {
		t.Errorf("topics: %+v, %v", topics, err)
	}
	// A second load with one price changed writes one row.
	m := catalogops.Master{SKUs: slices.Clone(world.SKUs)}
	m.SKUs[7].Price += 100
	one, err := o.Load(ctx, "prices", m)
	if want := (catalog.Saved{Changed: 1, Same: len(world.SKUs) - 1}); err != nil || one["sku"] != want {
		t.Errorf("one changed price: %+v, %v", one, err)
	}
}

func TestLoadTakesAllOrNothing(t *testing.T) {
	ctx, o, pool := house(t)
	good, bad := world.SKUs[0], world.SKUs[1]
	good.Code, good.GTIN, bad.Code, bad.GTIN = "NEW-1", "", "NEW-2", ""
	bad.CategoryCode = "no-such"
	bad.SuccessorCode = "neither"
	_, err := o.Load(ctx, "half", catalogops.Master{SKUs: []catalog.SKUDraft{good, bad}})
	var rows *catalog.BadRows
	if !errors.As(err, &rows) || rows.Count != 1 || rows.Rows[0].Row != 1 || len(rows.Rows[0].Faults) != 2 {
		t.Fatalf("want row 1 with two faults, got %v", err)
	}
	if ids, err := catalogdb.SKUCodes(ctx, pool, []string{"NEW-1"}); err != nil || len(ids) != 0 {
		t.Errorf("half of the list went in: %v, %v", ids, err)
	}
	twice := good
	_, err = o.Load(ctx, "twice", catalogops.Master{SKUs: []catalog.SKUDraft{good, twice}})
	if !errors.As(err, &rows) || rows.Rows[0].Faults[0].Problem != catalog.Repeated {
		t.Errorf("the same code twice: %v", err)
	}
	// A GTIN that another SKU has.
	good.GTIN = world.SKUs[5].GTIN
	_, err = o.Load(ctx, "gtin", catalogops.Master{SKUs: []catalog.SKUDraft{good}})
	if !errors.Is(err, catalog.ErrInvalid) || !strings.Contains(err.Error(), "gtin repeated") {
		t.Errorf("a GTIN in use: %v", err)
	}
	_, err = o.Load(ctx, "ring", catalogops.Master{Categories: []catalog.CategoryDraft{
		{Code: "milk", Name: catalog.Name{ZH: "奶粉"}, Parent: "milk-cow"}, {Code: "milk-cow", Name: catalog.Name{ZH: "牛奶粉"}, Parent: "milk"},
	}})
	if !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("a ring of categories: %v", err)
	}
	_, err = o.Load(ctx, "term", catalogops.Master{Terms: []catalog.TermDraft{{
		Term: catalog.Term{MOQ: 1, Pack: 1, LeadMean: 1}, SupplierCode: "S-0101", SKUCode: "nothing", ShipsToCode: "moon",
	}}})
	if !errors.As(err, &rows) || len(rows.Rows[0].Faults) != 2 {
		t.Errorf("a term for nothing: %v", err)
	}
}

// Every sort, read page by page in both directions, gives every SKU once and in order.
func TestListPagesGiveEverySKUOnce(t *testing.T) {
	ctx, o, _ := house(t)
	for _, sort := range catalog.SKUSorts() {
		var up, down []string
		for _, dir := range []bool{false, true} {
			q := catalog.SKUQuery{Sort: sort, Down: dir, Limit: 97}
			var codes []string
			for {
				page, err := o.SKUs(ctx, q)
				if err != nil {
					t.Fatalf("%s: %v", sort, err)
				}
				if page.Total != len(world.SKUs) || page.More {
					t.Fatalf("%s: total %d", sort, page.Total)
				}
				for _, r := range page.Rows {
					codes = append(codes, r.Code)
				}
				if q.After = page.Next; q.After == "" {
					break
				}
			}
			if dir {
				down = codes
			} else {
				up = codes
			}
		}
		slices.Reverse(down)
		if len(up) != len(world.SKUs) || !slices.Equal(up, down) {
			t.Errorf("%s: %d up, %d down, the same order: %t", sort, len(up), len(down), slices.Equal(up, down))
		}
	}
	for _, after := range []string{"x", "price_1_2", "code_x_MR", "code-_1_MR"} {
		if _, err := o.SKUs(ctx, catalog.SKUQuery{After: after}); !errors.Is(err, catalog.ErrPlace) {
			t.Errorf("place %q: %v", after, err)
		}
	}
	if _, err := o.SKUs(ctx, catalog.SKUQuery{Sort: "name"}); !errors.Is(err, catalog.ErrPlace) {
		t.Errorf("unknown sort: %v", err)
	}
}

func TestFilters(t *testing.T) {
	ctx, o, pool := house(t)
	categories, _ := catalogdb.CategoryCodes(ctx, pool, nil)
	suppliers, _ := catalogdb.SupplierCodes(ctx, pool, nil)
	topics, _ := catalogdb.TopicCodes(ctx, pool, nil)
	parent := map[string]string{}
	for _, c := range world.Categories {
		parent[c.Code] = c.Parent
	}
	yes := true
	concerns := map[string]bool{}
	for _, x := range world.Weights {
		if x.TopicCode == demo.StoryTopic {
			concerns[x.SKUCode] = true
		}
	}
	offers := map[string]bool{}
	for _, d := range world.Terms {
		if d.SupplierCode == demo.StorySupplier {
			offers[d.SKUCode] = true
		}
	}
	for name, c := range map[string]struct {
		q    catalog.SKUQuery
		want func(catalog.SKUDraft) bool
	}{
		"core":        {catalog.SKUQuery{Core: &yes}, func(d catalog.SKUDraft) bool { return d.Core }},
		"tree":        {catalog.SKUQuery{Category: categories["nappy"]}, func(d catalog.SKUDraft) bool { return parent[d.CategoryCode] == "nappy" }},
		"temperature": {catalog.SKUQuery{Temperature: catalog.Chilled}, func(d catalog.SKUDraft) bool { return d.Temperature == catalog.Chilled }},
		"supplier":    {catalog.SKUQuery{Supplier: suppliers[demo.StorySupplier]}, func(d catalog.SKUDraft) bool { return offers[d.Code] }},
		"topic":       {catalog.SKUQuery{Topic: topics[demo.StoryTopic]}, func(d catalog.SKUDraft) bool { return concerns[d.Code] }},
		"new":         {catalog.SKUQuery{Life: catalog.Newborn}, func(d catalog.SKUDraft) bool { return *d.Launched > today-60 }},
		"ending":      {catalog.SKUQuery{Life: catalog.Ending}, func(d catalog.SKUDraft) bool { return d.Retired != nil && *d.Retired > today }},
		"retired":     {catalog.SKUQuery{Life: catalog.Retired}, func(d catalog.SKUDraft) bool { return d.Retired != nil && *d.Retired <= today }},
		"selling":     {catalog.SKUQuery{Life: catalog.Selling}, func(d catalog.SKUDraft) bool { return *d.Launched <= today && (d.Retired == nil || *d.Retired > today) }},
		"text": {catalog.SKUQuery{Text: "牙胶 贝栗"}, func(d catalog.SKUDraft) bool {
			return strings.Contains(d.Name.ZH, "牙胶") && strings.Contains(d.Name.ZH, "贝栗")
		}},
		"english": {catalog.SKUQuery{Text: "goat formula"}, func(d catalog.SKUDraft) bool { return strings.Contains(d.Name.EN, "Goat Formula") }},
		"nothing": {catalog.SKUQuery{Text: "？！"}, func(catalog.SKUDraft) bool { return false }},
		"both":    {catalog.SKUQuery{Text: "拉拉裤", Core: &yes, Category: categories["nappy-pants"]}, func(d catalog.SKUDraft) bool { return d.CategoryCode == "nappy-pants" }},
	} {
		c.q.Limit = catalog.MaxPage
		page, err := o.SKUs(ctx, c.q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want, got []string
		for _, d := range world.SKUs {
			if c.want(d) {
				want = append(want, d.Code)
			}
		}
		for _, r := range page.Rows {
			got = append(got, r.Code)
		}
		slices.Sort(want)
		if len(want) <= catalog.MaxPage && !slices.Equal(want, got) || page.Total != len(want) {
			t.Errorf("%s: want %d, got %d of %d", name, len(want), len(got), page.Total)
		}
	}
	if _, err := o.SKUs(ctx, catalog.SKUQuery{Category: 9999}); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("unknown category: %v", err)
	}
}

func TestFind(t *testing.T) {
	ctx, o, _ := house(t)
	for text, want := range map[string]string{
		"MR-204817": "MR-204817", "mr-204817": "MR-204817", "6972048170035": "MR-204817", "小雪糕": "MR-204817", "beili ice pop": "MR-204817",
		"mr204817": "MR-204817", "S-0113": "S-0113", "温岭贝栗": "S-0113", "MR-1002": "MR-100236",
	} {
		hits, err := o.Find(ctx, text, 10)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(hits, func(h catalog.Hit) bool { return h.Code == want }) {
			t.Errorf("%q: %+v", text, hits)
		}
	}
	hits, err := o.Find(ctx, "MR-204817", 10)
	if err != nil || !hits[0].Exact || hits[0].Code != "MR-204817" || hits[0].Kind != catalog.SKUHit {
		t.Errorf("an exact code comes first: %+v, %v", hits, err)
	}
	for _, text := range []string{"", "  ", "%", "_", `\`, "\x00", "\xff", "'; drop table", strings.Repeat("长", 500)} {
		if hits, err := o.Find(ctx, text, 10); err != nil || len(hits) > 0 {
			t.Errorf("%q: %d hits, %v", text, len(hits), err)
		}
	}
}

func TestEditSKU(t *testing.T) {
	ctx, o, pool := house(t)
	was, err := o.SKUByCode(ctx, demo.StorySKU)
	if err != nil {
		t.Fatal(err)
	}
	s := was.SKU
	s.Name.ZH, s.Price, s.Code = "贝栗 硅胶牙胶 大雪糕款", 3190, "changed by hand"
	now, err := o.EditSKU(ctx, was.UpdatedAt, s)
	if err != nil || now.Price != 3190 || now.Code != demo.StorySKU || now.Name.EN != was.Name.EN {
		t.Fatalf("%+v, %v", now, err)
	}
	if hits, _ := o.Find(ctx, "大雪糕", 5); len(hits) != 1 {
		t.Error("the new name is not found")
	}
	if _, err := o.EditSKU(ctx, was.UpdatedAt, s); !errors.Is(err, catalog.ErrStale) {
		t.Errorf("an old version was taken: %v", err)
	}
	history, err := audit.History(ctx, pool, audit.Thing{Kind: "sku", ID: strconv.Itoa(int(s.ID))}, 5)
	if err != nil || len(history) != 1 || history[0].Verb != "sku.edit" {
		t.Fatalf("%+v, %v", history, err)
	}
	if b, a := string(history[0].Before), string(history[0].After); !strings.Contains(b, "2990") || !strings.Contains(a, "3190") || strings.Contains(a, "GTIN") {
		t.Errorf("audit: %s → %s", b, a)
	}
	bad := now.SKU
	bad.Category = 9999
	if _, err := o.EditSKU(ctx, now.UpdatedAt, bad); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("unknown category: %v", err)
	}
	bad = now.SKU
	bad.Successor = bad.ID
	if _, err := o.EditSKU(ctx, now.UpdatedAt, bad); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("its own successor: %v", err)
	}
	bad.ID = 1 << 30
	if _, err := o.EditSKU(ctx, now.UpdatedAt, bad); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("no such SKU: %v", err)
	}
}

// Of two who change the same SKU at once, one is refused.
func TestTwoEditors(t *testing.T) {
	ctx, o, _ := house(t)
	was, err := o.SKUByCode(ctx, demo.StorySKU)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() {
			s := was.SKU
			s.Price += 100
			_, errs[i] = o.EditSKU(ctx, was.UpdatedAt, s)
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), catalog.ErrStale) {
		t.Errorf("%v and %v", errs[0], errs[1])
	}
}

func TestAddAndEditTheRest(t *testing.T) {
	ctx, o, pool := house(t)
	sku, err := o.AddSKU(ctx, catalog.SKUDraft{SKU: catalog.SKU{Code: "MR-999001", Name: catalog.Name{ZH: "新牙胶"}, Temperature: catalog.Ambient, CartonPieces: 10}, CategoryCode: "feeding-teether"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.AddSKU(ctx, catalog.SKUDraft{SKU: sku.SKU, CategoryCode: "feeding-teether"}); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("a code in use: %v", err)
	}
	supplier, err := o.AddSupplier(ctx, catalog.Supplier{Code: "S-9001", Name: catalog.Name{ZH: "新厂"}, Active: true})
	if err != nil {
		t.Fatal(err)
	}
	sites, _ := catalogdb.SiteCodes(ctx, pool, nil)
	term := catalog.Term{Supplier: supplier.ID, SKU: sku.ID, MOQ: 100, Pack: 10, LeadMean: 7.5, LeadSD: 1.2, ShipsTo: sites["JX"], Breaks: []catalog.PriceBreak{{From: 100, Price: 990}}}
	made, err := o.EditTerm(ctx, time.Time{}, term)
	if err != nil || made.LeadMean != 7.5 || made.ShipsToCode != "JX" || made.Breaks[0].Price != 990 {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := o.EditTerm(ctx, time.Time{}, term); !errors.Is(err, catalog.ErrStale) {
		t.Errorf("made twice: %v", err)
	}
	term.Pack, term.ShipsTo = 20, 0
	if made, err = o.EditTerm(ctx, made.UpdatedAt, term); err != nil || made.Pack != 20 || made.ShipsToCode != "" {
		t.Fatalf("%+v, %v", made, err)
	}
	term.ShipsTo = 9999
	if _, err := o.EditTerm(ctx, made.UpdatedAt, term); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("ships to nowhere: %v", err)
	}
	s := supplier.Supplier
	s.Banned = "飞检不合格"
	if supplier, err = o.EditSupplier(ctx, supplier.UpdatedAt, s); err != nil || supplier.Banned == "" {
		t.Fatalf("%+v, %v", supplier, err)
	}
	banned, err := o.Suppliers(ctx, catalog.SupplierQuery{Banned: true})
	if err != nil || len(banned) != 1 || banned[0].Code != "S-9001" || banned[0].SKUs != 1 {
		t.Errorf("%+v, %v", banned, err)
	}
	if err := o.RemoveTerm(ctx, made.UpdatedAt, supplier.ID, sku.ID); err != nil {
		t.Error(err)
	}
	if err := o.RemoveTerm(ctx, made.UpdatedAt, supplier.ID, sku.ID); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
	topic, err := o.AddTopic(ctx, catalog.Topic{Code: "new-topic", Name: catalog.Name{ZH: "新话题"}, Kind: catalog.DemandTopic})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SetWeight(ctx, topic.ID, sku.ID, .4); err != nil {
		t.Fatal(err)
	}
	if list, err := o.TopicSKUs(ctx, topic.ID); err != nil || len(list) != 1 || list[0].Weight != .4 || list[0].SKUCode != sku.Code {
		t.Errorf("%+v, %v", list, err)
	}
	if err := o.SetWeight(ctx, topic.ID, sku.ID, 1.4); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("weight 1.4: %v", err)
	}
	if err := o.SetWeight(ctx, topic.ID, sku.ID, 0); err != nil {
		t.Error(err)
	}
	topic.Name.ZH = "改名"
	if topic, err = o.EditTopic(ctx, topic.UpdatedAt, topic.Topic); err != nil || topic.Name.ZH != "改名" {
		t.Errorf("%+v, %v", topic, err)
	}
	site, err := o.AddSite(ctx, catalog.Site{Code: "WH", Name: catalog.Name{ZH: "武汉区域仓"}, Tier: catalog.Regional, Lat: 30.6, Lon: 114.3, TimeZone: "Asia/Shanghai", Active: true})
	if err != nil {
		t.Fatal(err)
	}
	site.Active = false
	if site, err = o.EditSite(ctx, site.UpdatedAt, site.Site); err != nil || site.Active {
		t.Errorf("%+v, %v", site, err)
	}
	lane := catalog.LaneDraft{Lane: catalog.Lane{LeadMean: 2, Priority: 2}, FromCode: "JX", ToCode: "WH"}
	road, err := o.EditLane(ctx, time.Time{}, lane)
	if err != nil || road.ToName.ZH != "武汉区域仓" {
		t.Fatalf("%+v, %v", road, err)
	}
	lane.LeadMean = 2.5
	if road, err = o.EditLane(ctx, road.UpdatedAt, lane); err != nil || road.LeadMean != 2.5 {
		t.Errorf("%+v, %v", road, err)
	}
	lane.ToCode = "MOON"
	if _, err := o.EditLane(ctx, time.Time{}, lane); !errors.Is(err, catalog.ErrInvalid) {
		t.Errorf("a lane to the moon: %v", err)
	}
	if err := o.RemoveLane(ctx, road.UpdatedAt, road.From, road.To); err != nil {
		t.Error(err)
	}
}

func TestRights(t *testing.T) {
	_, o, pool := house(t)
	suppliers, _ := catalogdb.SupplierCodes(t.Context(), pool, nil)
	as := func(u access.User) context.Context { return access.WithUser(t.Context(), u) }
	buyer, worker := as(access.User{ID: 1, Role: access.Buyer}), as(access.User{ID: 2, Role: access.Warehouse})
	beili := as(access.User{ID: 3, Role: access.Supplier, Supplier: suppliers[demo.StorySupplier]})
	forbidden := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := o.SKUs(t.Context(), catalog.SKUQuery{}); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("signed out: %v", err)
	}
	_, err := o.EditSKU(buyer, time.Time{}, catalog.SKU{})
	forbidden("a buyer edits SKUs", err)
	_, err = o.Suppliers(worker, catalog.SupplierQuery{})
	forbidden("a worker lists suppliers", err)
	if d, err := o.SKUByCode(worker, demo.StorySKU); err != nil || len(d.Terms) != 0 || len(d.Path) != 2 {
		t.Errorf("a worker sees %d terms and the path %v, %v", len(d.Terms), d.Path, err)
	}
	if d, err := o.SKUByCode(buyer, demo.StorySKU); err != nil || len(d.Terms) != 1 || len(d.Topics) != 1 {
		t.Errorf("a buyer sees %+v, %v", d.Terms, err)
	}
	if s, err := o.Supplier(beili, suppliers[demo.StorySupplier]); err != nil || s.Name.ZH != "温岭贝栗婴童用品厂" {
		t.Errorf("%+v, %v", s, err)
	}
	if terms, err := o.SupplierTerms(beili, suppliers[demo.StorySupplier], 0, 1000); err != nil || len(terms) < 10 {
		t.Errorf("%d terms, %v", len(terms), err)
	}
	_, err = o.SupplierTerms(beili, suppliers["S-0101"], 0, 10)
	forbidden("a supplier reads another's terms", err)
	_, err = o.Find(beili, "牙胶", 5)
	forbidden("a supplier searches", err)
	if hits, err := o.Find(worker, "贝栗", 20); err != nil || slices.ContainsFunc(hits, func(h catalog.Hit) bool { return h.Kind == catalog.SupplierHit }) {
		t.Errorf("a worker finds suppliers: %+v, %v", hits, err)
	}
	ids, _ := catalogdb.SiteCodes(t.Context(), pool, nil)
	bound := as(access.User{ID: 4, Role: access.Lead, Sites: []catalog.SiteID{ids["JX"]}})
	if sites, err := o.Sites(bound); err != nil || len(sites) != 1 || sites[0].Code != "JX" {
		t.Errorf("%+v, %v", sites, err)
	}
	_, err = o.Load(as(access.User{ID: 5, Role: access.Courier}), "x", catalogops.Master{})
	forbidden("a courier loads", err)
}

func TestFill(t *testing.T) {
	ctx, o, _ := house(t)
	var told []int
	saved, err := o.Fill(ctx, demo.Tail(25_000), func(n int) { told = append(told, n) })
	if err != nil || saved.New != 25_000 || !slices.Equal(told, []int{20_000, 25_000}) {
		t.Fatalf("%+v, %v, %v", saved, told, err)
	}
	page, err := o.SKUs(ctx, catalog.SKUQuery{Text: "系列"})
	if err != nil || page.Total != catalog.CountCap || !page.More || len(page.Rows) != catalog.DefaultPage || page.Next == "" {
		t.Errorf("total %d, more %t, %d rows, %v", page.Total, page.More, len(page.Rows), err)
	}
}
