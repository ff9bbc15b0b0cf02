package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Posted tells between which positions a move went; 0 is outside of the house.
type Posted struct{ From, To int64 }

// Post books the moves as entries of the operation, all or none, and answers their positions in the order of moves. Positions
// are locked in the order of their key. A place that has less than is taken answers *warehouse.ShortError: what one move of
// the operation brings cannot be taken away by another. The operation must have begun in the same transaction.
func Post(ctx context.Context, tx pgx.Tx, op uuid.UUID, moves []warehouse.Move) ([]Posted, error) {
	for _, m := range moves {
		// Recalled pieces that are picked or packed go nowhere but back: no order is packed or handed over with them.
		if m.From != nil && m.From.Status == warehouse.Recalled && m.FromReserved && (m.To == nil || m.To.Status != warehouse.Recalled) {
			return nil, fmt.Errorf("%w: lot %s", warehouse.ErrFrozen, m.From.Lot)
		}
	}
	return PostThawed(ctx, tx, op, moves)
}

// PostThawed is Post for those who end a recall, or pull recalled pieces out of a tote.
func PostThawed(ctx context.Context, tx pgx.Tx, op uuid.UUID, moves []warehouse.Move) ([]Posted, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	b := book{at: map[warehouse.Place]int{}}
	for _, m := range moves {
		if err := m.Check(); err != nil {
			return nil, err
		}
		b.add(m)
	}
	at, err := lock(ctx, tx, b.places)
	if err != nil {
		return nil, err
	}
	if err := b.check(at); err != nil {
		return nil, err
	}
	return b.write(ctx, tx, op, at, moves)
}

// book adds up what the moves do to each place.
type book struct {
	at     map[warehouse.Place]int
	places []warehouse.Count
	sums   []sum
}

type sum struct{ free, reserved, in, inReserved int64 }

func (b *book) place(p warehouse.Place, produced, expiry *calendar.Day) *sum {
	i, seen := b.at[p]
	if !seen {
		i = len(b.places)
		b.at[p] = i
		b.places, b.sums = append(b.places, warehouse.Count{Place: p}), append(b.sums, sum{})
	}
	if produced != nil {
		b.places[i].Produced = produced
	}
	if expiry != nil {
		b.places[i].Expiry = expiry
	}
	return &b.sums[i]
}

func (b *book) add(m warehouse.Move) {
	n := int64(m.Pieces)
	if m.From != nil {
		s := b.place(*m.From, nil, nil)
		if m.FromReserved {
			s.reserved += n
		} else {
			s.free += n
		}
	}
	if m.To != nil {
		s := b.place(*m.To, m.Produced, m.Expiry)
		s.in += n
		if m.ToReserved {
			s.inReserved += n
		}
	}
}

func (b *book) check(at []locked) error {
	for i, s := range b.sums {
		if free := at[i].OnHand - at[i].Reserved; s.free > free {
			return &warehouse.ShortError{Place: b.places[i].Place, Want: quantity.Pieces(s.free), Have: quantity.Pieces(free)}
		}
		if s.reserved > at[i].Reserved {
			return &warehouse.ShortError{Place: b.places[i].Place, Want: quantity.Pieces(s.reserved), Have: quantity.Pieces(at[i].Reserved), Reserved: true}
		}
	}
	return nil
}

const sqlPostPositions = `update warehouse.position p set on_hand = p.on_hand + d.pieces, reserved = p.reserved + d.reserved
	from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as d (id, pieces, reserved) where p.id = d.id`

func (b *book) write(ctx context.Context, tx pgx.Tx, op uuid.UUID, at []locked, moves []warehouse.Move) ([]Posted, error) {
	posted := make([]Posted, len(moves))
	from, to, pieces := make([]*int64, len(moves)), make([]*int64, len(moves)), make([]int64, len(moves))
	for i, m := range moves {
		pieces[i] = int64(m.Pieces)
		if m.From != nil {
			posted[i].From = at[b.at[*m.From]].ID
			from[i] = &posted[i].From
		}
		if m.To != nil {
			posted[i].To = at[b.at[*m.To]].ID
			to[i] = &posted[i].To
		}
	}
	if _, err := tx.Exec(ctx, sqlInsertEntries, op, from, to, pieces); err != nil {
		return nil, fmt.Errorf("warehousedb: entries: %w", err)
	}
	ids, deltas, reserved := make([]int64, len(at)), make([]int64, len(at)), make([]int64, len(at))
	for i, s := range b.sums {
		ids[i], deltas[i], reserved[i] = at[i].ID, s.in-s.free-s.reserved, s.inReserved-s.reserved
	}
	if _, err := tx.Exec(ctx, sqlPostPositions, ids, deltas, reserved); err != nil {
		return nil, fmt.Errorf("warehousedb: positions: %w", err)
	}
	return posted, nil
}

const sqlOperationAt = `select at from warehouse.operation where id = $1`

// OperationAt gives when the operation was done; pgx.ErrNoRows where it never was.
func OperationAt(ctx context.Context, tx pgx.Tx, op uuid.UUID) (at time.Time, err error) {
	err = tx.QueryRow(ctx, sqlOperationAt, op).Scan(&at)
	return at, err
}
