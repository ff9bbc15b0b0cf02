// Package c2mops holds the use cases of factory orders: writing and sending them, what suppliers send back, decisions on it,
// deliveries and receipts, and the lists and pages that show them.
//
// A verb locks the order, applies a rule (a method of c2m.FactoryOrder) and saves, in one transaction with its audit entry, the facts
// it makes true and the word to the live pages ("order/<id>" and "orders").
package c2mops

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/c2m"
	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

// Suggestions gives the replenishment side's suggestions as they stand; unknown ids are left out.
type Suggestions interface {
	Suggestions(ctx context.Context, q pgdb.Querier, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error)
}

// ForecastReader gives the expected demand of SKUs by weeks, at a site or over all sites (0). SKUs without a forecast are left out.
type ForecastReader interface {
	Weekly(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, site catalog.SiteID, weeks int) ([]forecasting.WeeklyOutlook, error)
}

// Deps is what the use cases stand on.
type Deps struct {
	Pool        *pgxpool.Pool
	Bus         *events.Bus
	Clock       func() time.Time
	Log         *slog.Logger
	Suggestions Suggestions
	// Forecasts may be nil: the sheets then hold no forecast.
	Forecasts ForecastReader
	// Dock tells what came in at the docks; nil for a house without one.
	Dock Dock
	// Suppliers bans and unbans suppliers; nil leaves that to the buyers.
	Suppliers Suppliers
	// Zone is where a business day begins and ends; nil means Asia/Shanghai.
	Zone *time.Location
	// ForecastWeeks is how many weeks a sheet looks ahead, 12 to 26; 0 means 13.
	ForecastWeeks int
	// AnswerDays is how many days a supplier has for its answer, to 18:00; 0 means 2.
	AnswerDays int
}

// Ops holds the use cases of factory orders.
type Ops struct{ Deps }

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	}
	if d.ForecastWeeks == 0 {
		d.ForecastWeeks = 13
	}
	d.ForecastWeeks = min(26, max(12, d.ForecastWeeks))
	if d.AnswerDays == 0 {
		d.AnswerDays = 2
	}
	return &Ops{d}
}

// Today is the business day of the clock.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }

// replyBy is the usual deadline of an answer to what is sent now.
func (o *Ops) replyBy(now time.Time) time.Time {
	y, m, d := now.In(o.Zone).Date()
	return time.Date(y, m, d+o.AnswerDays, 18, 0, 0, 0, o.Zone)
}

func person(u access.User) c2m.Person {
	if u.Name == "" {
		return c2m.Person{ID: int64(u.ID), Name: u.Login}
	}
	return c2m.Person{ID: int64(u.ID), Name: u.Name}
}
