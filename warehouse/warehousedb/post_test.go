package warehousedb_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

type floor struct {
	tx   pgx.Tx
	site catalog.SiteID
	sku  catalog.SKUID
}

func open(t *testing.T) floor {
	f := floor{tx: dbtest.Tx(t)}
	err := f.tx.QueryRow(t.Context(), `with s as (insert into catalog.site (code, name_zh, tier, lat, lon) values ('F1', '前置仓', 'front', 31, 121) returning id),
		c as (insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id),
		k as (insert into catalog.sku (code, name_zh, category_id) select 'MR-1', '奶粉', id from c returning id)
		select s.id, k.id from s, k`).Scan(&f.site, &f.sku)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f floor) at(bin string) *warehouse.Place {
	return &warehouse.Place{Site: f.site, Bin: bin, SKU: f.sku, Lot: "L1", Status: warehouse.Available}
}

// post books the moves in a savepoint of their own, as a verb would in its transaction.
func (f floor) post(t *testing.T, cause string, moves ...warehouse.Move) ([]warehousedb.Posted, error) {
	t.Helper()
	sub, err := f.tx.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	op := uuid.New()
	if _, err := warehousedb.Begin(t.Context(), sub, warehousedb.Operation{ID: op, Cause: cause, At: time.Now(), Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	got, err := warehousedb.Post(t.Context(), sub, op, moves)
	if err != nil {
		_ = sub.Rollback(t.Context())
		return nil, err
	}
	return got, sub.Commit(t.Context())
}

func (f floor) stands(t *testing.T, bin string) (onHand, reserved int64) {
	t.Helper()
	err := f.tx.QueryRow(t.Context(), `select coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint from warehouse.position where bin = $1`, bin).Scan(&onHand, &reserved)
	if err != nil {
		t.Fatal(err)
	}
	return onHand, reserved
}

func TestPostMovesPiecesAndTheirReservations(t *testing.T) {
	f := open(t)
	expiry := calendar.Date(2027, time.June, 1)
	if _, err := f.post(t, "receipt", warehouse.Move{To: f.at("DOCK"), Pieces: 10, Expiry: &expiry}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.post(t, "putaway", warehouse.Move{From: f.at("DOCK"), To: f.at("A-01"), Pieces: 6},
		warehouse.Move{From: f.at("DOCK"), To: f.at("A-02"), Pieces: 4, ToReserved: true}); err != nil {
		t.Fatal(err)
	}
	if n, r := f.stands(t, "A-02"); n != 4 || r != 4 {
		t.Fatalf("A-02 holds %d, %d reserved", n, r)
	}
	if _, err := f.post(t, "pick", warehouse.Move{From: f.at("A-02"), To: f.at("T-1"), Pieces: 3, FromReserved: true, ToReserved: true}); err != nil {
		t.Fatal(err)
	}
	posted, err := f.post(t, "transfer_out", warehouse.Move{From: f.at("T-1"), Pieces: 3, FromReserved: true})
	if err != nil || posted[0].From == 0 || posted[0].To != 0 {
		t.Fatalf("posted %v, %v", posted, err)
	}
	for bin, want := range map[string][2]int64{"DOCK": {0, 0}, "A-01": {6, 0}, "A-02": {1, 1}, "T-1": {0, 0}} {
		if n, r := f.stands(t, bin); n != want[0] || r != want[1] {
			t.Errorf("%s holds %d, %d reserved; want %v", bin, n, r, want)
		}
	}
	if faults, err := warehousedb.Faults(t.Context(), f.tx, nil); err != nil || slices.ContainsFunc(faults, func(x warehouse.Fault) bool { return x.Kind != warehouse.FaultReserved }) {
		t.Errorf("faults %v, %v", faults, err)
	}
}

func TestPostRefusesWhatIsNotThere(t *testing.T) {
	f := open(t)
	if _, err := f.post(t, "receipt", warehouse.Move{To: f.at("A-01"), Pieces: 5}, warehouse.Move{To: f.at("A-01"), Pieces: 2, ToReserved: true}); err != nil {
		t.Fatal(err)
	}
	other := *f.at("A-02")
	other.Lot = "L2"
	var short *warehouse.ShortError
	for name, c := range map[string]struct {
		move warehouse.Move
		is   func(error) bool
	}{
		"more than free":         {warehouse.Move{From: f.at("A-01"), Pieces: 6}, func(err error) bool { return errors.As(err, &short) && short.Want == 6 && short.Have == 5 }},
		"more than reserved":     {warehouse.Move{From: f.at("A-01"), Pieces: 3, FromReserved: true}, func(err error) bool { return errors.As(err, &short) && short.Have == 2 && short.Reserved }},
		"from an empty place":    {warehouse.Move{From: f.at("A-09"), To: f.at("A-01"), Pieces: 1}, func(err error) bool { return errors.As(err, &short) && short.Have == 0 }},
		"nothing":                {warehouse.Move{From: f.at("A-01"), Pieces: 0}, func(err error) bool { return errors.Is(err, warehouse.ErrNoMove) }},
		"to the same place":      {warehouse.Move{From: f.at("A-01"), To: f.at("A-01"), Pieces: 1}, func(err error) bool { return errors.Is(err, warehouse.ErrNoMove) }},
		"into another lot":       {warehouse.Move{From: f.at("A-01"), To: &other, Pieces: 1}, func(err error) bool { return errors.Is(err, warehouse.ErrOtherGoods) }},
		"outside to the outside": {warehouse.Move{Pieces: 1}, func(err error) bool { return errors.Is(err, warehouse.ErrNoMove) }},
	} {
		if _, err := f.post(t, "move", c.move); !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, r := f.stands(t, "A-01"); n != 7 || r != 2 {
		t.Errorf("A-01 holds %d, %d reserved after refusals", n, r)
	}
}
