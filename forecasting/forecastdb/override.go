package forecastdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlOverrideInsert = `insert into forecast.override (sku_id, site_id, from_day, to_day, factor, pieces, reason, actor, account_id, made_at, expiry)
	values ($1, nullif($2::int, 0), $3, $4, $5, $6, $7, $8, (select id from access.account where id = $9), $10, $11) returning id`

// InsertOverride keeps a planner's change and gives its id.
func InsertOverride(ctx context.Context, q pgdb.Querier, o forecasting.Override, by access.ID, now time.Time) (id int64, err error) {
	var factor, pieces *float64
	if o.Factor > 0 {
		factor = &o.Factor
	} else {
		pieces = &o.Pieces
	}
	err = q.QueryRow(ctx, sqlOverrideInsert, o.SKU, o.Site, o.From, o.To, factor, pieces, o.Reason, o.By, int64(by), now, o.Expiry).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert override: %w", err)
	}
	return id, nil
}

const sqlOverrideColumns = `select o.id, o.sku_id as sku, coalesce(o.site_id, 0) as site, k.code, k.name_zh, k.name_en,
	coalesce(w.name_zh, '') as site_zh, coalesce(w.name_en, '') as site_en, o.from_day, o.to_day, coalesce(o.factor, 0)::float8 as factor, coalesce(o.pieces, 0)::float8 as pieces,
	o.reason, o.actor, o.made_at, o.expiry, o.withdrawn_at, o.withdrawn_by, o.plain, o.score, o.scored_at
	from forecast.override o join catalog.sku k on k.id = o.sku_id left join catalog.site w on w.id = o.site_id `

const (
	sqlOverridesActive = sqlOverrideColumns + `where o.withdrawn_at is null and o.expiry > $1 and o.to_day >= $1 and ($2::int[] is null or o.sku_id = any($2)) order by o.made_at, o.id`
	sqlOverridesOf     = sqlOverrideColumns + `where o.sku_id = any($1) order by o.id desc limit $2`
	sqlOverridesAll    = sqlOverrideColumns + `where $1::bigint = 0 or o.id < $1 order by o.id desc limit $2`
	sqlOverridesDue    = sqlOverrideColumns + `where o.scored_at is null and o.plain is not null and o.to_day < $1 order by o.id limit $2`
	sqlOverride        = sqlOverrideColumns + `where o.id = $1`
)

type overrideRow struct {
	ID                                   int64
	SKU                                  catalog.SKUID
	Site                                 catalog.SiteID
	Code, NameZH, NameEN, SiteZH, SiteEN string
	FromDay, ToDay                       calendar.Day
	Factor, Pieces                       float64
	Reason, Actor                        string
	MadeAt                               time.Time
	Expiry                               calendar.Day
	WithdrawnAt                          *time.Time
	WithdrawnBy                          string
	Plain, Score                         []byte
	ScoredAt                             *time.Time
}

func overrides(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]forecasting.OverrideRecord, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o forecasting.OverrideRecord, err error) {
		r, err := pgx.RowToStructByName[overrideRow](row)
		if err != nil {
			return o, err
		}
		o = forecasting.OverrideRecord{
			ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, SiteName: catalog.Name{ZH: r.SiteZH, EN: r.SiteEN},
			Override: forecasting.Override{
				Key: forecasting.Key{SKU: r.SKU, Site: r.Site}, From: r.FromDay, To: r.ToDay, Factor: r.Factor, Pieces: r.Pieces,
				Reason: r.Reason, By: r.Actor, Expiry: r.Expiry,
			},
			MadeAt: r.MadeAt, WithdrawnAt: r.WithdrawnAt, WithdrawnBy: r.WithdrawnBy, ScoredAt: r.ScoredAt,
		}
		if r.Plain != nil {
			err = json.Unmarshal(r.Plain, &o.Plain)
		}
		if err == nil && r.Score != nil {
			err = json.Unmarshal(r.Score, &o.Score)
		}
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("overrides: %w", err)
	}
	return list, nil
}

// ActiveOverrides gives the changes that count for a forecast from a day on, of the SKUs (nil for all), in the order in which they were made.
func ActiveOverrides(ctx context.Context, q pgdb.Querier, day calendar.Day, skus []catalog.SKUID) ([]forecasting.OverrideRecord, error) {
	return overrides(ctx, q, sqlOverridesActive, day, skus)
}

// OverridesOf gives the changes of some SKUs, the newest first.
func OverridesOf(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, limit int) ([]forecasting.OverrideRecord, error) {
	return overrides(ctx, q, sqlOverridesOf, skus, limit)
}

// Overrides gives the changes with an id below before (0 for the newest), the newest first.
func Overrides(ctx context.Context, q pgdb.Querier, before int64, limit int) ([]forecasting.OverrideRecord, error) {
	return overrides(ctx, q, sqlOverridesAll, before, limit)
}

// OverridesToScore gives the changes whose days have passed before a day and that have been used, without a score.
func OverridesToScore(ctx context.Context, q pgdb.Querier, day calendar.Day, limit int) ([]forecasting.OverrideRecord, error) {
	return overrides(ctx, q, sqlOverridesDue, day, limit)
}

// Override gives a change. forecasting.ErrNoOverride.
func Override(ctx context.Context, q pgdb.Querier, id int64) (forecasting.OverrideRecord, error) {
	list, err := overrides(ctx, q, sqlOverride, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("override %d: %w", id, forecasting.ErrNoOverride)
	}
	if err != nil {
		return forecasting.OverrideRecord{}, err
	}
	return list[0], nil
}

const sqlOverrideWithdraw = `update forecast.override set withdrawn_at = $2, withdrawn_by = $3 where id = $1 and withdrawn_at is null returning id`

// WithdrawOverride ends a change. forecasting.ErrNoOverride when it does not exist or was withdrawn before.
func WithdrawOverride(ctx context.Context, q pgdb.Querier, id int64, by string, now time.Time) error {
	err := q.QueryRow(ctx, sqlOverrideWithdraw, id, now, by).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("withdraw override %d: %w", id, forecasting.ErrNoOverride)
	}
	if err != nil {
		return fmt.Errorf("withdraw override %d: %w", id, err)
	}
	return nil
}

const sqlOverridePlain = `update forecast.override set plain = $2 where id = $1 and plain is null`

// SavePlain keeps the forecast without a change, by site, the first time that the change is used.
func SavePlain(ctx context.Context, q pgdb.Querier, id int64, plain map[catalog.SiteID][]float32) error {
	if _, err := q.Exec(ctx, sqlOverridePlain, id, plain); err != nil {
		return fmt.Errorf("forecast without override %d: %w", id, err)
	}
	return nil
}

const sqlOverrideScore = `update forecast.override set score = $2, scored_at = $3 where id = $1`

// SaveOverrideScore keeps how a change came out.
func SaveOverrideScore(ctx context.Context, q pgdb.Querier, id int64, s forecasting.OverrideScore, now time.Time) error {
	if _, err := q.Exec(ctx, sqlOverrideScore, id, s, now); err != nil {
		return fmt.Errorf("score of override %d: %w", id, err)
	}
	return nil
}
