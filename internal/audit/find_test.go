package audit_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/dbtest"
	"milkrun/internal/pgdb"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func TestFindFiltersAndPages(t *testing.T) {
	pool := dbtest.Pool(t)
	write := func(u access.User, at time.Time, kind, id string) {
		t.Helper()
		ctx := access.WithUser(t.Context(), u)
		err := pgdb.InTx(ctx, pool, func(tx pgx.Tx) error {
			return audit.Write(ctx, tx, at, audit.Change{Verb: kind + ".edit", Thing: audit.Thing{Kind: kind, ID: id}, After: map[string]int{"Price": 1}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	zhou, li := access.User{ID: 7, Name: "周敏", Role: access.Buyer}, access.User{ID: 3, Name: "李建国", Role: access.Lead}
	write(zhou, noon, "sku", "1")
	write(li, noon.Add(time.Hour), "sku", "2")
	write(access.TheSystem(), noon.Add(2*time.Hour), "run", "9")
	zhou.Name = "周敏敏"
	write(zhou, noon.Add(3*time.Hour), "supplier", "1")

	find := func(q audit.Query) (things []string) {
		t.Helper()
		q.Limit = max(q.Limit, 1)
		list, err := audit.Find(t.Context(), pool, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			things = append(things, e.Thing+e.ThingID)
		}
		return things
	}
	for _, c := range []struct {
		name string
		q    audit.Query
		want string
	}{
		{"all", audit.Query{Limit: 10}, "supplier1 run9 sku2 sku1"},
		{"one kind", audit.Query{Kind: "sku", Limit: 10}, "sku2 sku1"},
		{"one thing", audit.Query{Kind: "sku", ID: "1", Limit: 10}, "sku1"},
		{"one person", audit.Query{Account: 7, Limit: 10}, "supplier1 sku1"},
		{"the house", audit.Query{Account: audit.House, Limit: 10}, "run9"},
		{"from", audit.Query{From: noon.Add(2 * time.Hour), Limit: 10}, "supplier1 run9"},
		{"until", audit.Query{Until: noon.Add(2 * time.Hour), Limit: 10}, "sku2 sku1"},
		{"first page", audit.Query{Limit: 2}, "supplier1 run9"},
	} {
		if got := join(find(c.q)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	first, err := audit.Find(t.Context(), pool, audit.Query{Limit: 2})
	if err != nil || len(first) != 2 {
		t.Fatal(first, err)
	}
	if got := join(find(audit.Query{Before: first[1].ID, Limit: 2})); got != "sku2 sku1" {
		t.Errorf("second page: %q", got)
	}
	actors, err := audit.Actors(t.Context(), pool)
	if err != nil || len(actors) != 2 {
		t.Fatalf("%+v, %v", actors, err)
	}
	names := map[int64]string{actors[0].AccountID: actors[0].Name, actors[1].AccountID: actors[1].Name}
	if names[7] != "周敏敏" || names[3] != "李建国" {
		t.Errorf("the last name of each: %+v", actors)
	}
}

func join(s []string) string {
	out := ""
	for i, x := range s {
		if i > 0 {
			out += " "
		}
		out += x
	}
	return out
}
