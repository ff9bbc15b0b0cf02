package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const cardColumns = ` k.id, k.supplier_id, u.code, u.name_zh, u.name_en, k.sku_id, s.code, s.name_zh, s.name_en, k.kind, k.reason, coalesce(k.inspection_id, 0), k.lot, k.at, k.ended_at,
	k.ended_why, k.appeal, k.appealed_at, k.appealed_by, k.proposal, k.proposed_at, k.proposed_by, k.proposed_by_id, k.proposal_reason, k.decision, k.decided_at, k.decided_by, k.decision_reason
	from c2m.card k join catalog.supplier u on u.id = k.supplier_id join catalog.sku s on s.id = k.sku_id`

func cards(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]c2m.Card, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: cards: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c c2m.Card, err error) {
		err = row.Scan(&c.ID, &c.Supplier, &c.SupplierCode, &c.SupplierName.ZH, &c.SupplierName.EN, &c.SKU, &c.SKUCode, &c.SKUName.ZH, &c.SKUName.EN, &c.Kind, &c.Reason,
			&c.Inspection, &c.Lot, &c.At, &c.Ended, &c.EndedWhy, &c.Appeal, &c.Appealed, &c.AppealedBy,
			&c.Proposal, &c.Proposed, &c.ProposedBy, &c.ProposedByID, &c.ProposalWhy, &c.Decision, &c.Decided, &c.DecidedBy, &c.DecisionWhy)
		return c, err
	})
}

const sqlCards = `select` + cardColumns + ` where ($1 = 0 or k.supplier_id = $1) and (not $2 or k.ended_at is null)
	order by k.appealed_at is not null and k.decision = '' desc, k.ended_at is null desc, k.at desc, k.id desc limit $3`

// Cards gives cards of a supplier or of all (0): those whose appeal waits first, then the open ones.
func Cards(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, openOnly bool, limit int) ([]c2m.Card, error) {
	return cards(ctx, q, sqlCards, supplier, openOnly, limit)
}

const sqlCard = `select` + cardColumns + ` where k.id = $1`

// Card gives a card. c2m.ErrUnknown when there is none.
func Card(ctx context.Context, q pgdb.Querier, id int64) (*c2m.Card, error) {
	return oneCard(ctx, q, fmt.Sprintf("card %d", id), sqlCard, id)
}

const sqlOpenCard = `select` + cardColumns + ` where k.supplier_id = $1 and k.sku_id = $2 and k.ended_at is null for update of k`

// OpenCard locks the card that a supplier's SKU holds, nil when it holds none.
func OpenCard(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, sku catalog.SKUID) (*c2m.Card, error) {
	found, err := cards(ctx, tx, sqlOpenCard, supplier, sku)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func oneCard(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) (*c2m.Card, error) {
	found, err := cards(ctx, q, sql, args...)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: %s", c2m.ErrUnknown, what)
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

const (
	sqlInsertCard = `insert into c2m.card (supplier_id, sku_id, kind, reason, inspection_id, lot, at) values ($1, $2, $3, $4, nullif($5::bigint, 0), $6, $7) returning id`
	sqlEndCard    = `update c2m.card set ended_at = $2, ended_why = $3 where id = $1 and ended_at is null`
	sqlSaveAppeal = `update c2m.card set appeal = $2, appealed_at = $3, appealed_by = $4, decision = $5, decided_at = $6, decided_by = $7, decision_reason = $8,
		proposal = $9, proposed_at = $10, proposed_by = $11, proposed_by_id = $12, proposal_reason = $13 where id = $1`
)

// InsertCard stores a card and gives it its id.
func InsertCard(ctx context.Context, tx pgx.Tx, c *c2m.Card) error {
	err := tx.QueryRow(ctx, sqlInsertCard, c.Supplier, c.SKU, c.Kind, c.Reason, c.Inspection, c.Lot, c.At).Scan(&c.ID)
	return wrap(err, "c2mdb: new card")
}

// EndCard ends a card.
func EndCard(ctx context.Context, tx pgx.Tx, id int64, at time.Time, why string) error {
	_, err := tx.Exec(ctx, sqlEndCard, id, at, why)
	return wrap(err, "c2mdb: end a card")
}

// SaveAppeal stores the appeal against a card and its decision.
func SaveAppeal(ctx context.Context, tx pgx.Tx, c *c2m.Card) error {
	_, err := tx.Exec(ctx, sqlSaveAppeal, c.ID, c.Appeal, c.Appealed, c.AppealedBy, c.Decision, c.Decided, c.DecidedBy, c.DecisionWhy,
		c.Proposal, c.Proposed, c.ProposedBy, c.ProposedByID, c.ProposalWhy)
	return wrap(err, "c2mdb: save an appeal")
}

const sqlLives = `select l.order_id, l.no, l.min_remaining_days from c2m.order_line l join c2m.asn_line a on a.order_id = l.order_id and a.order_line = l.no where a.asn_id = $1`

// Notes gives the warehouse suppliers' delivery notes.
type Notes struct{}

// Note gives a delivery note, and the days that must be left of a line's life by order and line. c2m.ErrUnknown.
func (Notes) Note(ctx context.Context, q pgdb.Querier, id int64) (*c2m.ASN, map[c2m.OrderID]map[int]int, error) {
	note, err := ASN(ctx, q, id)
	if err != nil {
		return nil, nil, err
	}
	rows, err := q.Query(ctx, sqlLives, id)
	if err != nil {
		return nil, nil, fmt.Errorf("c2mdb: lives of delivery note %d: %w", id, err)
	}
	lives := map[c2m.OrderID]map[int]int{}
	var order c2m.OrderID
	var line, days int
	_, err = pgx.ForEachRow(rows, []any{&order, &line, &days}, func() error {
		if lives[order] == nil {
			lives[order] = map[int]int{}
		}
		lives[order][line] = days
		return nil
	})
	return note, lives, wrap(err, "c2mdb: lives of a delivery note")
}
