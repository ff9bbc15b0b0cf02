package accessops_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/dbtest"
	"milkrun/internal/demo"
)

// cheap makes the tests quick; what is measured is not the cost.
var cheap = accessops.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

const good = "correct horse battery"

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type house struct {
	*accessops.Ops
	pool  *pgxpool.Pool
	clock *clock
	ctx   context.Context // of the administrator
	admin access.Account
}

func open(t *testing.T) house {
	t.Helper()
	h := house{pool: dbtest.Pool(t), clock: &clock{now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}}
	h.Ops = h.with(cheap)
	system := access.WithUser(t.Context(), access.TheSystem())
	var err error
	if h.admin, err = h.AddUser(system, access.User{Login: "Admin", Name: "管理员", Role: access.Admin, Language: "zh"}, "milkrun"); err != nil {
		t.Fatal(err)
	}
	h.ctx = access.WithUser(t.Context(), h.admin.User)
	return h
}

func (h house) with(c accessops.Cost) *accessops.Ops {
	return accessops.New(accessops.Deps{Pool: h.pool, Clock: h.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Cost: c})
}

func (h house) add(t *testing.T, login string, role access.Role) access.Account {
	t.Helper()
	a, err := h.AddUser(h.ctx, access.User{Login: login, Name: login, Role: role, Language: "zh"}, good)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (h house) hash(t *testing.T, login string) (s string) {
	t.Helper()
	if err := h.pool.QueryRow(t.Context(), `select password_hash from access.account where login = $1`, login).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignIn(t *testing.T) {
	h := open(t)
	a := h.add(t, "zhoumin", access.Buyer)
	u, err := h.SignIn(t.Context(), "  ZhouMin ", good)
	if err != nil || u.ID != a.ID || u.Role != access.Buyer || u.Language != "zh" {
		t.Fatalf("%+v, %v", u, err)
	}
	if s := h.hash(t, "zhoumin"); !strings.HasPrefix(s, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(s, good) {
		t.Errorf("stored as %s", s)
	}
	for _, c := range [][2]string{
		{"zhoumin", "wrong"}, {"zhoumin", ""}, {"nobody", good}, {"", ""}, {"zhou\x00min", good}, {"zhoumin", "\xff"}, {"x' or 1=1", "y"},
		{"zhoumin", strings.Repeat("x", 10_000)}, {"system", good},
	} {
		if _, err := h.SignIn(t.Context(), c[0], c[1]); !errors.Is(err, access.ErrPassword) {
			t.Errorf("%q: %v", c[0], err)
		}
	}
	got, err := h.Account(h.ctx, a.ID)
	if err != nil || got.SignedInAt == nil || !got.SignedInAt.Equal(h.clock.Now()) {
		t.Errorf("signed in at %v, %v", got.SignedInAt, err)
	}
	a = got
	a.Active = false
	if a, err = h.EditUser(h.ctx, a.UpdatedAt, a); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", good); !errors.Is(err, access.ErrInactive) {
		t.Errorf("switched off: %v", err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", "wrong"); !errors.Is(err, access.ErrPassword) {
		t.Errorf("switched off, wrong password: %v", err)
	}
	if _, err := h.User(t.Context(), a.ID); !errors.Is(err, access.ErrInactive) {
		t.Errorf("session of one switched off: %v", err)
	}
	if _, err := h.User(t.Context(), 9999); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("session of nobody: %v", err)
	}
}

// After five failures the login rests, longer each time, whether it exists or not; the right password ends it.
func TestFailuresMakeTheLoginRest(t *testing.T) {
	h := open(t)
	h.add(t, "zhoumin", access.Buyer)
	for _, login := range []string{"zhoumin", "nobody"} {
		for i, want := range []int{0, 0, 0, 0, 1, 2, 4, 8, 15, 15} {
			_, err := h.SignIn(t.Context(), login, "wrong")
			var wait *access.WaitError
			if errors.As(err, &wait) {
				if got := wait.WaitMinutes(); got != want {
					t.Fatalf("%s, failure %d: wait %d, want %d", login, i+1, got, want)
				}
			} else if want != 0 || !errors.Is(err, access.ErrPassword) {
				t.Fatalf("%s, failure %d: %v, want %d minutes", login, i+1, err, want)
			}
			if want > 0 {
				if _, err := h.SignIn(t.Context(), login, good); !errors.As(err, &wait) {
					t.Fatalf("%s: the right password while it rests: %v", login, err)
				}
				h.clock.Move(time.Duration(want)*time.Minute + time.Second)
			}
		}
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", good); err != nil {
		t.Errorf("after the rest: %v", err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", "wrong"); !errors.Is(err, access.ErrPassword) || errors.As(err, new(*access.WaitError)) {
		t.Errorf("failures are not forgotten: %v", err)
	}
}

// Many guesses at once count like guesses one after the other.
func TestGuessesAtOnceAllCount(t *testing.T) {
	h := open(t)
	h.add(t, "zhoumin", access.Buyer)
	var wg sync.WaitGroup
	var mu sync.Mutex
	plain := 0
	for range 40 {
		wg.Go(func() {
			_, err := h.SignIn(t.Context(), "zhoumin", "wrong")
			mu.Lock()
			defer mu.Unlock()
			if !errors.As(err, new(*access.WaitError)) {
				plain++
			}
			if !errors.Is(err, access.ErrPassword) {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if plain != 4 {
		t.Errorf("%d of 40 guesses were answered, want 4", plain)
	}
}

func TestPasswordsAreHashedAnewAtAnotherCost(t *testing.T) {
	h := open(t)
	h.add(t, "zhoumin", access.Buyer)
	dearer := h.with(accessops.Cost{MemoryKiB: 128, Passes: 2, Lanes: 1})
	before := h.hash(t, "zhoumin")
	for range 2 {
		if _, err := dearer.SignIn(t.Context(), "zhoumin", good); err != nil {
			t.Fatal(err)
		}
	}
	after := h.hash(t, "zhoumin")
	if after == before || !strings.Contains(after, "m=128,t=2,p=1") {
		t.Errorf("stored as %s", after)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", good); err != nil {
		t.Error(err)
	}
}

func TestAddAndEditUsers(t *testing.T) {
	h := open(t)
	system := access.WithUser(t.Context(), access.TheSystem())
	world := demo.Generate(20_000, 1)
	if _, err := catalogdb.UpsertSites(system, h.pool, world.Sites); err != nil {
		t.Fatal(err)
	}
	if _, err := catalogdb.UpsertSuppliers(system, h.pool, world.Suppliers); err != nil {
		t.Fatal(err)
	}
	sites, _ := catalogdb.SiteCodes(system, h.pool, nil)
	suppliers, _ := catalogdb.SupplierCodes(system, h.pool, nil)
	for _, d := range world.Users { // the demonstration's people
		u := access.User{Login: d.Login, Name: d.Name, Role: d.Role, Language: d.Language, Supplier: suppliers[d.Supplier]}
		for _, s := range d.Sites {
			u.Sites = append(u.Sites, sites[s], sites[s])
		}
		if d.Login == "admin" {
			continue
		}
		if _, err := h.AddUser(system, u, demo.Password); err != nil {
			t.Errorf("%s: %v", d.Login, err)
		}
	}
	lead, err := h.SignIn(t.Context(), "lead", demo.Password)
	if err != nil || !slices.Equal(lead.Sites, []catalog.SiteID{sites["JX"], sites["SH-XH"]}) {
		t.Errorf("%+v, %v", lead, err)
	}
	beili, err := h.SignIn(t.Context(), "beili", demo.Password)
	if err != nil || beili.Supplier != suppliers["S-0113"] {
		t.Errorf("%+v, %v", beili, err)
	}
	all, err := h.Users(h.ctx)
	if err != nil || len(all) != len(world.Users) {
		t.Fatalf("%d accounts, %v", len(all), err)
	}
	a := all[slices.IndexFunc(all, func(a access.Account) bool { return a.Login == "beili" })]
	if a.SupplierCode != "S-0113" || a.SupplierName.ZH == "" || !a.HasPassword {
		t.Errorf("%+v", a)
	}
	for name, c := range map[string]struct {
		u    access.User
		pw   string
		want error
	}{
		"taken":       {access.User{Login: "LEAD", Name: "x", Role: access.Buyer, Language: "zh"}, good, access.ErrTaken},
		"weak":        {access.User{Login: "fresh", Name: "x", Role: access.Buyer, Language: "zh"}, "milkrun", access.ErrWeak},
		"login":       {access.User{Login: "a b", Name: "x", Role: access.Buyer, Language: "zh"}, good, access.ErrLogin},
		"role":        {access.User{Login: "fresh", Name: "x", Role: access.System, Language: "zh"}, good, access.ErrAccount},
		"no supplier": {access.User{Login: "fresh", Name: "x", Role: access.Supplier, Language: "zh"}, good, access.ErrAccount},
		"supplier":    {access.User{Login: "fresh", Name: "x", Role: access.Supplier, Supplier: 9999, Language: "zh"}, good, access.ErrAccount},
		"site":        {access.User{Login: "fresh", Name: "x", Role: access.Lead, Sites: []catalog.SiteID{9999}, Language: "zh"}, good, access.ErrAccount},
	} {
		if _, err := h.AddUser(h.ctx, c.u, c.pw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a = all[slices.IndexFunc(all, func(a access.Account) bool { return a.Login == "lead" })]
	old := a.UpdatedAt
	a.Name, a.Sites = "李建国二", []catalog.SiteID{sites["FS"]}
	if a, err = h.EditUser(h.ctx, old, a); err != nil || a.Name != "李建国二" || !slices.Equal(a.Sites, []catalog.SiteID{sites["FS"]}) {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err = h.EditUser(h.ctx, old, a); !errors.Is(err, catalog.ErrStale) {
		t.Errorf("an old version: %v", err)
	}
	entries, err := h.Recent(h.ctx, 0, "user", 1)
	if err != nil || len(entries) != 1 || entries[0].Verb != "user.edit" || entries[0].Actor != "管理员" || !strings.Contains(string(entries[0].After), "李建国二") {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := open(t)
	second := h.add(t, "second", access.Admin)
	// Two administrators who remove each other at the same time: one stays.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, a := range []access.Account{h.admin, second} {
		wg.Go(func() {
			a.Active = false
			_, errs[i] = h.EditUser(h.ctx, a.UpdatedAt, a)
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), access.ErrLastAdmin) {
		t.Errorf("%v and %v", errs[0], errs[1])
	}
}

func TestPasswordChanges(t *testing.T) {
	h := open(t)
	a := h.add(t, "zhoumin", access.Buyer)
	me := access.WithUser(t.Context(), a.User)
	const next = "another horse battery"
	if err := h.ChangePassword(me, "wrong", next); !errors.Is(err, access.ErrPassword) {
		t.Errorf("wrong old password: %v", err)
	}
	if err := h.ChangePassword(me, good, "short"); !errors.Is(err, access.ErrWeak) {
		t.Errorf("weak: %v", err)
	}
	if err := h.ChangePassword(me, good, next); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", good); !errors.Is(err, access.ErrPassword) {
		t.Errorf("the old one still opens: %v", err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", next); err != nil {
		t.Error(err)
	}
	if err := h.SetPassword(me, a.ID, good); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a buyer sets passwords: %v", err)
	}
	if err := h.SetPassword(h.ctx, 9999, good); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("nobody's password: %v", err)
	}
	if err := h.SetPassword(h.ctx, a.ID, good); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SignIn(t.Context(), "zhoumin", good); err != nil {
		t.Error(err)
	}
	entries, err := h.History(h.ctx, audit.Thing{Kind: "user", ID: "2"}, 10)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%+v, %v", entries, err)
	}
	for _, e := range entries {
		if text, _ := json.Marshal(e); strings.Contains(string(text), "argon2id") || strings.Contains(string(text), "horse") {
			t.Errorf("the audit holds a secret: %s", text)
		}
	}
}

func TestAPIKeys(t *testing.T) {
	h := open(t)
	robot, err := h.AddUser(h.ctx, access.User{Login: "integrator", Name: "商城", Role: access.Integrator, Language: "zh"}, "")
	if err != nil || robot.HasPassword {
		t.Fatalf("%+v, %v", robot, err)
	}
	if _, err := h.SignIn(t.Context(), "integrator", ""); !errors.Is(err, access.ErrPassword) {
		t.Errorf("an account without a password opens: %v", err)
	}
	text, key, err := h.AddKey(h.ctx, robot.ID, " 商城 ")
	if err != nil || !strings.HasPrefix(text, "mk_") || !strings.HasPrefix(text, key.Prefix+"_") || key.Name != "商城" || len(text) != 52 {
		t.Fatalf("%q %+v, %v", text, key, err)
	}
	u, err := h.UserByKey(t.Context(), text)
	if err != nil || u.ID != robot.ID {
		t.Fatalf("%+v, %v", u, err)
	}
	keys, err := h.Keys(h.ctx, robot.ID)
	if err != nil || len(keys) != 1 || keys[0].UsedAt == nil {
		t.Errorf("%+v, %v", keys, err)
	}
	for _, bad := range []string{"", "mk_", text[:len(text)-1], text + "x", "sk" + text[2:], strings.Repeat("mk_", 1000), "mk_\x00"} {
		if _, err := h.UserByKey(t.Context(), bad); !errors.Is(err, access.ErrSignedOut) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, _, err := h.AddKey(h.ctx, robot.ID, " "); !errors.Is(err, accessops.ErrKeyName) {
		t.Errorf("no name: %v", err)
	}
	courier := h.add(t, "courier", access.Courier)
	if _, _, err := h.AddKey(h.ctx, courier.ID, "x"); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a key for a courier: %v", err)
	}
	if _, err := h.Keys(access.WithUser(t.Context(), courier.User), robot.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a courier lists keys: %v", err)
	}
	// The owner makes and ends keys of its own.
	self := access.WithUser(t.Context(), u)
	second, k2, err := h.AddKey(self, robot.ID, "two")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.RevokeKey(access.WithUser(t.Context(), courier.User), k2.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a courier revokes: %v", err)
	}
	for range 2 {
		if err := h.RevokeKey(self, k2.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := h.UserByKey(t.Context(), second); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("a revoked key opens: %v", err)
	}
	if err := h.RevokeKey(h.ctx, 9999); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("no such key: %v", err)
	}
	robot, _ = h.Account(h.ctx, robot.ID)
	if robot.Keys != 1 {
		t.Errorf("%d keys in use", robot.Keys)
	}
	robot.Active = false
	if _, err := h.EditUser(h.ctx, robot.UpdatedAt, robot); err != nil {
		t.Fatal(err)
	}
	if _, err := h.UserByKey(t.Context(), text); !errors.Is(err, access.ErrInactive) {
		t.Errorf("the key of one switched off: %v", err)
	}
}

func TestPreferences(t *testing.T) {
	h := open(t)
	a := h.add(t, "zhoumin", access.Buyer)
	me := access.WithUser(t.Context(), a.User)
	u := a.User
	u.Language, u.Theme, u.KeysOff = "en", "dark", true
	u.Role = access.Admin // is not a preference
	if err := h.Prefer(me, u); err != nil {
		t.Fatal(err)
	}
	got, err := h.User(t.Context(), a.ID)
	if err != nil || got.Language != "en" || got.Theme != "dark" || !got.KeysOff || got.Role != access.Buyer {
		t.Errorf("%+v, %v", got, err)
	}
	u.Language = "de"
	if err := h.Prefer(me, u); !errors.Is(err, access.ErrAccount) {
		t.Errorf("German: %v", err)
	}
	u.ID = h.admin.ID
	if err := h.Prefer(me, u); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another's: %v", err)
	}
	if err := h.Prefer(t.Context(), u); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("nobody's: %v", err)
	}
}

func TestRights(t *testing.T) {
	h := open(t)
	courier := access.WithUser(t.Context(), h.add(t, "courier", access.Courier).User)
	for what, err := range map[string]error{
		"users":   second(h.Users(courier)),
		"add":     second(h.AddUser(courier, access.User{}, "")),
		"edit":    second(h.EditUser(courier, time.Time{}, access.Account{})),
		"account": second(h.Account(courier, h.admin.ID)),
		"recent":  second(h.Recent(courier, 0, "", 10)),
		"history": second(h.History(courier, audit.Thing{}, 10)),
	} {
		if !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
