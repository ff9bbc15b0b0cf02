// Package replenishdb holds the SQL of planning: settings, runs, water levels, suggestions.
package replenishdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// ErrUnknown is the answer to the id of a suggestion or run that does not exist.
var ErrUnknown = errors.New("replenishdb: no such suggestion or run")

// suggestionRow is a stored suggestion, column by column.
type suggestionRow struct {
	ID          int64
	SKUID       int32
	Kind        string
	SiteID      int32
	FromID      int32
	SupplierID  int32
	Reason      string
	Backup      bool
	Pieces      int64
	Need        int64
	Pack        int64
	UnitFen     int64
	MoneyFen    int64
	PlannedOn   calendar.Day
	OrderBy     calendar.Day
	ArriveBy    calendar.Day
	StockoutDay *calendar.Day
	LostPieces  int64
	LostFen     int64
	Explanation json.RawMessage
	Warnings    json.RawMessage
	State       string
	Decided     int64
	Note        string
	ByID        int64
	At          *time.Time
}

func (r suggestionRow) suggestion() (replenishment.Suggestion, error) {
	s := replenishment.Suggestion{
		ID: replenishment.SuggestionID(r.ID), SKU: catalog.SKUID(r.SKUID),
		Key: replenishment.Key{Kind: replenishment.Kind(r.Kind), Site: catalog.SiteID(r.SiteID), From: catalog.SiteID(r.FromID),
			Supplier: catalog.SupplierID(r.SupplierID)},
		Reason: replenishment.Reason(r.Reason), Backup: r.Backup,
		Pieces: quantity.Pieces(r.Pieces), Need: quantity.Pieces(r.Need), Pack: quantity.Pieces(r.Pack),
		Unit: money.Fen(r.UnitFen), Money: money.Fen(r.MoneyFen), PlannedOn: r.PlannedOn, OrderBy: r.OrderBy, ArriveBy: r.ArriveBy,
		StockoutDay: r.StockoutDay, LostPieces: quantity.Pieces(r.LostPieces), LostMoney: money.Fen(r.LostFen),
		State: replenishment.State(r.State), Decided: quantity.Pieces(r.Decided), Note: r.Note, By: r.ByID, At: r.At,
	}
	if err := json.Unmarshal(r.Explanation, &s.Explanation); err != nil {
		return s, fmt.Errorf("replenishdb: explanation of suggestion %d: %w", r.ID, err)
	}
	if err := json.Unmarshal(r.Warnings, &s.Warnings); err != nil {
		return s, fmt.Errorf("replenishdb: warnings of suggestion %d: %w", r.ID, err)
	}
	return s, nil
}

const suggestionColumns = `id, sku_id, kind, site_id, from_id, supplier_id, reason, backup, pieces, need, pack, unit_fen, money_fen,
	planned_on, order_by, arrive_by, stockout_day, lost_pieces, lost_fen, explanation, warnings, state, decided, note, by_id, at`

const sqlSuggestions = `select ` + suggestionColumns + ` from replenish.suggestion where id = any($1) order by id`

// Suggestions gives the suggestions of the ids, in the order of their ids; unknown ids are left out.
func Suggestions(ctx context.Context, q pgdb.Querier, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return suggestions(ctx, q, sqlSuggestions, ids)
}

const sqlLockSuggestions = `select ` + suggestionColumns + ` from replenish.suggestion where id = any($1) order by id for update`

// LockSuggestions is Suggestions that keeps others from changing them until the transaction ends.
func LockSuggestions(ctx context.Context, tx pgx.Tx, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return suggestions(ctx, tx, sqlLockSuggestions, ids)
}

func suggestions(ctx context.Context, q pgdb.Querier, sql string, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	rows, err := q.Query(ctx, sql, numbers(ids))
	if err != nil {
		return nil, fmt.Errorf("replenishdb: suggestions: %w", err)
	}
	return collect(rows)
}

func collect(rows pgx.Rows) ([]replenishment.Suggestion, error) {
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[suggestionRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: suggestions: %w", err)
	}
	out := make([]replenishment.Suggestion, len(stored))
	for i, r := range stored {
		if out[i], err = r.suggestion(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const sqlSaveDecision = `update replenish.suggestion set state = $2, decided = $3, note = $4, by_id = $5, at = $6,
	version = version + 1, touched_at = clock_timestamp() where id = $1`

// SaveDecision stores the state, number and reason of a suggestion that the caller has locked.
func SaveDecision(ctx context.Context, tx pgx.Tx, s replenishment.Suggestion) error {
	_, err := tx.Exec(ctx, sqlSaveDecision, int64(s.ID), string(s.State), int64(s.Decided), s.Note, s.By, s.At)
	if err != nil {
		return fmt.Errorf("replenishdb: save suggestion %d: %w", s.ID, err)
	}
	return nil
}

const sqlSaveOrderRef = `update replenish.suggestion set order_ref = $2 where id = any($1)`

// SaveOrderRef notes the number of the order that came of the suggestions.
func SaveOrderRef(ctx context.Context, tx pgx.Tx, ids []replenishment.SuggestionID, ref string) error {
	if _, err := tx.Exec(ctx, sqlSaveOrderRef, numbers(ids), ref); err != nil {
		return fmt.Errorf("replenishdb: order of suggestions: %w", err)
	}
	return nil
}

const sqlNeeds = `select id, sku_id, kind, site_id, from_id, supplier_id, state,
		case when decided > 0 then decided else pieces end as pieces, arrive_by, coalesce((at at time zone 'Asia/Shanghai')::date, planned_on) as decided_on
	from replenish.suggestion
	where sku_id = any($1) and (state in ('open','changed','approved') or (state = 'rejected' and at > $2))
	order by id`

type needRow struct {
	ID         int64
	SKUID      int32
	Kind       string
	SiteID     int32
	FromID     int32
	SupplierID int32
	State      string
	Pieces     int64
	ArriveBy   calendar.Day
	DecidedOn  calendar.Day
}

// Needs gives, by SKU, the suggestions that the planner must know of: those that wait, those approved and not yet ordered, and
// those rejected after the instant.
func Needs(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, rejectedAfter time.Time) (map[catalog.SKUID][]replenishment.Need, error) {
	rows, err := q.Query(ctx, sqlNeeds, skuNumbers(skus), rejectedAfter)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: needs: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[needRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: needs: %w", err)
	}
	out := map[catalog.SKUID][]replenishment.Need{}
	for _, r := range stored {
		sku := catalog.SKUID(r.SKUID)
		out[sku] = append(out[sku], replenishment.Need{
			ID: replenishment.SuggestionID(r.ID), State: replenishment.State(r.State), Pieces: quantity.Pieces(r.Pieces),
			Key: replenishment.Key{Kind: replenishment.Kind(r.Kind), Site: catalog.SiteID(r.SiteID), From: catalog.SiteID(r.FromID),
				Supplier: catalog.SupplierID(r.SupplierID)},
			ArriveBy: r.ArriveBy, DecidedOn: r.DecidedOn,
		})
	}
	return out, nil
}

func numbers(ids []replenishment.SuggestionID) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

func skuNumbers(skus []catalog.SKUID) []int32 {
	out := make([]int32, len(skus))
	for i, s := range skus {
		out[i] = int32(s)
	}
	return out
}
