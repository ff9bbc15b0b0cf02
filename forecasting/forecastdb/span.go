package forecastdb

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Span says which SKUs are meant: From..To, or, when it is not nil, the list SKUs; and the day before which sales are looked
// at.
type Span struct {
	From, To catalog.SKUID
	SKUs     []catalog.SKUID
	Origin   calendar.Day
}

// SpanOf gives the span of a list of SKUs, in order and without repetitions.
func SpanOf(skus []catalog.SKUID) Span {
	list := append([]catalog.SKUID{}, skus...)
	slices.Sort(list)
	return Span{SKUs: slices.Compact(list)}
}

// query asks by the range or by the list, each with a query of its own: one that serves both would be planned for
// neither. The further arguments follow the SKUs'.
func (s Span) query(ctx context.Context, q pgdb.Querier, byRange, byList string, args ...any) (pgx.Rows, error) {
	sql, args := s.choose(byRange, byList, args)
	return q.Query(ctx, sql, args...)
}

// exec is query for a statement without rows.
func (s Span) exec(ctx context.Context, q pgdb.Querier, byRange, byList string, args ...any) error {
	sql, args := s.choose(byRange, byList, args)
	_, err := q.Exec(ctx, sql, args...)
	return err
}

func (s Span) choose(byRange, byList string, args []any) (string, []any) {
	if s.SKUs != nil {
		return byList, append([]any{s.SKUs}, args...)
	}
	return byRange, append([]any{s.From, s.To}, args...)
}
