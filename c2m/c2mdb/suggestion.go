package c2mdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// TakenOn says which order took a suggestion on.
type TakenOn struct {
	SuggestionID int64
	OrderID      c2m.OrderID
	Line         int
}

const sqlTakenOn = `select suggestion_id, order_id, line from c2m.suggestion_taken where suggestion_id = any($1)`

// SuggestionsTaken gives the orders that took these suggestions on, by suggestion; the others are left out.
func SuggestionsTaken(ctx context.Context, q pgdb.Querier, ids []int64) (map[int64]TakenOn, error) {
	rows, err := q.Query(ctx, sqlTakenOn, ids)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: suggestions taken: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[TakenOn])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: suggestions taken: %w", err)
	}
	out := make(map[int64]TakenOn, len(stored))
	for _, t := range stored {
		out[t.SuggestionID] = t
	}
	return out, nil
}

const sqlTakeSuggestion = `insert into c2m.suggestion_taken (suggestion_id, order_id, line, at) values ($1, $2, $3, $4) on conflict do nothing`

// TakeSuggestion notes that an order's line took a suggestion on and tells whether it is the first to do so.
func TakeSuggestion(ctx context.Context, tx pgx.Tx, t TakenOn, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlTakeSuggestion, t.SuggestionID, t.OrderID, t.Line, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "c2mdb: take the suggestion")
}

const sqlGiveBackSuggestion = `delete from c2m.suggestion_taken where suggestion_id = $1`

// GiveBackSuggestion forgets that a suggestion was taken on.
func GiveBackSuggestion(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, sqlGiveBackSuggestion, id)
	return wrap(err, "c2mdb: give the suggestion back")
}

const (
	sqlReserveDraft = `select pg_advisory_xact_lock(hashtextextended('c2m.draft:' || $1::int || ':' || $2::int, 0))`
	sqlOpenDraft    = `select id from c2m.factory_order where supplier_id = $1 and ship_to = $2 and state = 'draft' order by id desc limit 1`
)

// OpenDraft gives the newest draft for a supplier and site, 0 when there is none. One transaction at a time looks, so that two
// never make a draft each.
func OpenDraft(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, site catalog.SiteID) (c2m.OrderID, error) {
	if _, err := tx.Exec(ctx, sqlReserveDraft, supplier, site); err != nil {
		return 0, fmt.Errorf("c2mdb: open draft: %w", err)
	}
	var id c2m.OrderID
	err := tx.QueryRow(ctx, sqlOpenDraft, supplier, site).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, wrap(err, "c2mdb: open draft")
}
