package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/importer"
	"milkrun/internal/sheet/notice"
	"milkrun/warehouse/warehouseops"
)

// now is ten in the morning in Shanghai.
var now = time.Date(2026, time.November, 23, 2, 0, 0, 0, time.UTC)

// house is a small house with the imports of sales, heat and stock.
type house struct {
	t     testing.TB
	pool  *pgxpool.Pool
	bus   *events.Bus
	ops   *importer.Ops
	clock time.Time
	users map[access.ID]access.User
	stop  func()
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, pool: dbtest.Pool(t), bus: events.NewBus(), clock: now, users: map[access.ID]access.User{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	clock := func() time.Time { return h.clock }
	forecast := forecastops.New(forecastops.Deps{Pool: h.pool, Bus: h.bus, Clock: clock, Log: log})
	master := catalogops.New(catalogops.Deps{Pool: h.pool, Bus: h.bus, Clock: clock, Log: log})
	stock := warehouseops.New(warehouseops.Deps{Pool: h.pool, Bus: h.bus, Clock: clock, Log: log})
	h.ops = importer.New(importer.Deps{
		Pool: h.pool, Bus: h.bus, Clock: clock, Log: log, TempDir: t.TempDir(),
		Account: func(_ context.Context, id access.ID) (access.User, error) {
			u, ok := h.users[id]
			if !ok {
				return u, access.ErrInactive
			}
			return u, nil
		},
		Catalog: catalogops.Lookups(),
		Kinds:   slices.Concat(master.Imports(), forecast.Imports(), stock.Imports()),
	})
	h.bus.Bind(h.client(false))
	h.exec(`insert into catalog.category (code, name_zh) values ('feed', '喂养')`)
	h.exec(`insert into catalog.sku (code, gtin, name_zh, category_id, shelf_life_days, min_remaining_days) values
		('MR-204817', '4006381333931', '牙胶', 1, 0, 0), ('MR-720014', '', '睡袋', 1, 0, 0), ('MR-100236', '96385074', '奶粉', 1, 540, 180)`)
	h.exec(`insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values
		('JX-01', '嘉兴仓', 'Jiaxing', 'regional', 30.7, 120.7), ('SH-XH', '上海徐汇', 'Xuhui', 'front', 31.2, 121.4)`)
	h.exec(`insert into catalog.topic (code, name_zh, name_en, kind) values ('teething', '出牙', 'Teething', 'demand')`)
	h.user(access.User{Login: "zhoumin", Name: "周敏", Role: access.Buyer, Language: "zh"})
	h.user(access.User{Login: "planner", Name: "计划", Role: access.Planner, Language: "zh"})
	h.user(access.User{Login: "admin", Name: "管理", Role: access.Admin, Language: "zh"})
	h.user(access.User{Login: "xuhui", Name: "徐汇店长", Role: access.Lead, Language: "zh", Sites: []catalog.SiteID{2}})
	return h
}

func (h *house) user(u access.User) {
	h.t.Helper()
	err := h.pool.QueryRow(context.Background(), `insert into access.account (login, name, role, language) values ($1, $2, $3, 'zh') returning id`,
		u.Login, u.Name, u.Role).Scan(&u.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	h.users[u.ID] = u
}

// as gives the context of a user by login.
func (h *house) as(login string) context.Context {
	for _, u := range h.users {
		if u.Login == login {
			return access.WithUser(context.Background(), u)
		}
	}
	h.t.Fatalf("no user %s", login)
	return nil
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(context.Background(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) number(sql string, args ...any) (n int) {
	h.t.Helper()
	if err := h.pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

func (h *house) client(works bool) *river.Client[pgx.Tx] {
	h.t.Helper()
	cfg := &river.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), TestOnly: true}
	if works {
		cfg.Workers = river.NewWorkers()
		h.ops.Register(cfg.Workers)
		cfg.Queues = map[string]river.QueueConfig{importer.QueueHeavy: {MaxWorkers: 2}}
		cfg.RetryPolicy = atOnce{}
		cfg.FetchPollInterval, cfg.FetchCooldown = 20*time.Millisecond, 5*time.Millisecond
	}
	c, err := river.NewClient(riverpgxv5.New(h.pool), cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// work starts a worker process, which ends with the test.
func (h *house) work() *house {
	h.t.Helper()
	c := h.client(true)
	if err := c.Start(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	h.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := c.StopAndCancel(ctx); err != nil {
			h.t.Errorf("stop the workers: %v", err)
		}
	}
	h.t.Cleanup(func() { h.stop() })
	return h
}

// take uploads a sheet.
func (h *house) take(ctx context.Context, kind, name, text string) importer.Upload {
	h.t.Helper()
	u, err := h.ops.Take(ctx, importer.Incoming{Kind: kind, Name: name, Body: strings.NewReader(text)})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// settled waits until nothing happens to the upload any more.
func (h *house) settled(ctx context.Context, id int64) importer.Upload {
	h.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		u, err := h.ops.Get(ctx, id)
		if err != nil {
			h.t.Fatal(err)
		}
		if u.State.Settled() {
			return u
		}
	}
	h.t.Fatalf("upload %d is never done", id)
	return importer.Upload{}
}

// checked uploads a sheet and waits for its check.
func (h *house) checked(ctx context.Context, kind, text string) importer.Upload {
	h.t.Helper()
	u := h.settled(ctx, h.take(ctx, kind, kind+".csv", text).ID)
	if u.State != importer.Checked {
		h.t.Fatalf("the upload is %s: %s %s", u.State, u.Refusal.Full("zh"), u.Fault)
	}
	return u
}

// imported decides on a checked upload and waits for the import.
func (h *house) imported(ctx context.Context, u importer.Upload) importer.Upload {
	h.t.Helper()
	if _, err := h.ops.Commit(ctx, u.ID, u.Good); err != nil {
		h.t.Fatal(err)
	}
	return h.settled(ctx, u.ID)
}

// preview says what the preview shows, a line for each row.
func (h *house) preview(ctx context.Context, id int64) []string {
	h.t.Helper()
	rows, err := h.ops.Rows(ctx, id, "", 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		s := fmt.Sprintf("%d %s", r.No, r.Status)
		for _, m := range r.Problems {
			s += fmt.Sprintf(" !%s %s", m.Header, m.Note.Text("zh"))
		}
		for _, m := range r.Mended {
			s += fmt.Sprintf(" ~%s %s", m.Header, m.Note.Text("zh"))
		}
		out = append(out, s)
	}
	return out
}

func expect(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (h *house) result(ctx context.Context, id int64, language string) string {
	h.t.Helper()
	var b bytes.Buffer
	if err := h.ops.Result(ctx, id, language, &b); err != nil {
		h.t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimPrefix(b.String(), "\uFEFF"), "\r", "")
}

func day(y, m, d int) calendar.Day { return calendar.Date(y, time.Month(m), d) }

func code(err error) string {
	if r := notice.As(err); r != nil {
		return r.Code()
	}
	return ""
}
