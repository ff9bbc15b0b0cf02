package c2mdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

type versionRow struct {
	Version    int
	SentAt     time.Time
	ByID       int64
	ByName     string
	ReplyBy    time.Time
	Reason     string
	Conditions json.RawMessage
	Lines      json.RawMessage
}

func (r versionRow) version() (c2m.Version, error) {
	v := c2m.Version{No: r.Version, SentAt: r.SentAt, By: c2m.Person{ID: r.ByID, Name: r.ByName}, ReplyBy: r.ReplyBy, Reason: r.Reason}
	if err := json.Unmarshal(r.Conditions, &v.Conditions); err != nil {
		return v, fmt.Errorf("version %d: %w", r.Version, err)
	}
	if err := json.Unmarshal(r.Lines, &v.Lines); err != nil {
		return v, fmt.Errorf("version %d: %w", r.Version, err)
	}
	return v, nil
}

const versionColumns = `version, sent_at, by_id, by_name, reply_by, reason, conditions, lines`

const sqlVersion = `select ` + versionColumns + ` from c2m.order_version where order_id = $1 and version = $2`

// Version gives a version of an order as it was sent. c2m.ErrUnknown when there is none.
func Version(ctx context.Context, q pgdb.Querier, id c2m.OrderID, version int) (c2m.Version, error) {
	rows, err := q.Query(ctx, sqlVersion, id, version)
	if err != nil {
		return c2m.Version{}, fmt.Errorf("c2mdb: version %d of order %d: %w", version, id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[versionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return c2m.Version{}, fmt.Errorf("%w: version %d of order %d", c2m.ErrUnknown, version, id)
	}
	if err != nil {
		return c2m.Version{}, fmt.Errorf("c2mdb: version %d of order %d: %w", version, id, err)
	}
	return r.version()
}

const sqlVersions = `select ` + versionColumns + ` from c2m.order_version where order_id = $1 order by version`

// Versions gives all versions of an order, the first one first.
func Versions(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]c2m.Version, error) {
	rows, err := q.Query(ctx, sqlVersions, id)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: versions of order %d: %w", id, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[versionRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: versions of order %d: %w", id, err)
	}
	versions := make([]c2m.Version, len(stored))
	for i, r := range stored {
		if versions[i], err = r.version(); err != nil {
			return nil, fmt.Errorf("c2mdb: order %d: %w", id, err)
		}
	}
	return versions, nil
}

const sqlPaper = `select paper from c2m.order_version where order_id = $1 and version = $2`

// Paper gives what the sheet of a version says. c2m.ErrUnknown when there is no such version.
func Paper(ctx context.Context, q pgdb.Querier, id c2m.OrderID, version int) (c2m.Paper, error) {
	var p c2m.Paper
	err := q.QueryRow(ctx, sqlPaper, id, version).Scan(&p)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fmt.Errorf("%w: version %d of order %d", c2m.ErrUnknown, version, id)
	}
	if err != nil {
		return p, fmt.Errorf("c2mdb: paper of order %d: %w", id, err)
	}
	return p, nil
}

const sqlAnswer = `select id, version, at, by_id, by_name, lines from c2m.answer where id = $1`

func answer(ctx context.Context, q pgdb.Querier, id int64) (*c2m.Answer, error) {
	var a c2m.Answer
	err := q.QueryRow(ctx, sqlAnswer, id).Scan(&a.ID, &a.Version, &a.At, &a.By.ID, &a.By.Name, &a.Lines)
	if err != nil {
		return nil, fmt.Errorf("answer %d: %w", id, err)
	}
	return &a, nil
}

type deviationRow struct {
	Line          int
	Kind          c2m.DeviationKind
	SKUID         catalog.SKUID
	AskedPieces   quantity.Pieces
	Pieces        quantity.Pieces
	AskedDay      calendar.Day
	Day           calendar.Day
	Days          int
	Moved         quantity.Pieces
	AskedPriceFen money.Fen
	PriceFen      money.Fen
	Unit          quantity.Pieces
	BelowMOQ      bool
	Decision      c2m.Decision
	ByID          int64
	ByName        string
	At            *time.Time
	Why           string
}

const sqlDeviations = `select line, kind, sku_id, asked_pieces, pieces, asked_day, day, days, moved, asked_price_fen, price_fen, unit, below_moq,
	decision, by_id, by_name, at, why from c2m.deviation where order_id = $1
	order by line < 0, abs(line), array_position('{unknown,unanswered,pieces,day,price,pack}', kind)`

func deviations(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]c2m.Deviation, error) {
	rows, err := q.Query(ctx, sqlDeviations, id)
	if err != nil {
		return nil, fmt.Errorf("deviations: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[deviationRow])
	if err != nil {
		return nil, fmt.Errorf("deviations: %w", err)
	}
	var ds []c2m.Deviation
	for _, r := range stored {
		ds = append(ds, c2m.Deviation{Line: r.Line, SKU: r.SKUID, Kind: r.Kind, AskedPieces: r.AskedPieces, Pieces: r.Pieces,
			AskedDay: r.AskedDay, Day: r.Day, Days: r.Days, Moved: r.Moved, AskedPrice: r.AskedPriceFen, Price: r.PriceFen, Unit: r.Unit,
			BelowMOQ: r.BelowMOQ, Decision: r.Decision, By: c2m.Person{ID: r.ByID, Name: r.ByName}, At: r.At, Why: r.Why})
	}
	return ds, nil
}

type promiseRow struct {
	Line     int
	Version  int
	Pieces   *quantity.Pieces
	Day      *calendar.Day
	PriceFen *money.Fen
}

const sqlAgreements = `select a.line, a.version, p.pieces, p.day, p.price_fen
	from c2m.agreement a left join c2m.promise p on p.order_id = a.order_id and p.line = a.line
	where a.order_id = $1 order by a.line, p.split`

func agreements(ctx context.Context, q pgdb.Querier, id c2m.OrderID) (map[int]c2m.Agreement, error) {
	rows, err := q.Query(ctx, sqlAgreements, id)
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[promiseRow])
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	agreed := map[int]c2m.Agreement{}
	for _, r := range stored {
		a := agreed[r.Line]
		a.Line, a.Version = r.Line, r.Version
		if r.Pieces != nil {
			a.Splits = append(a.Splits, c2m.Split{Pieces: *r.Pieces, Day: *r.Day, Price: *r.PriceFen})
		}
		agreed[r.Line] = a
	}
	return agreed, nil
}
