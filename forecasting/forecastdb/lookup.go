package forecastdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlSKUCodes = `select code, id from catalog.sku where code = any($1)`

// SKUCodes gives the ids of the SKUs with the codes; unknown codes are absent.
func SKUCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SKUID, error) {
	return lookup[catalog.SKUID](ctx, q, "skus", sqlSKUCodes, codes)
}

const sqlTopicCodes = `select code, id from catalog.topic where code = any($1)`

// TopicCodes gives the ids of the topics with the codes; unknown codes are absent.
func TopicCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.TopicID, error) {
	return lookup[catalog.TopicID](ctx, q, "topics", sqlTopicCodes, codes)
}

func lookup[ID ~int32](ctx context.Context, q pgdb.Querier, what, sql string, codes []string) (map[string]ID, error) {
	// A text that PostgreSQL cannot hold is the code of nothing.
	codes = slices.DeleteFunc(codes, func(c string) bool { return !utf8.ValidString(c) || strings.ContainsRune(c, 0) })
	rows, err := q.Query(ctx, sql, codes)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	m := make(map[string]ID, len(codes))
	var code string
	var id ID
	if _, err := pgx.ForEachRow(rows, []any{&code, &id}, func() error { m[code] = id; return nil }); err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	return m, nil
}

// Place is a site as far as recording and reading sales need it.
type Place struct {
	ID     catalog.SiteID
	Code   string
	NameZH string
	NameEN string
	Tier   catalog.Tier
	Zone   string // IANA name
}

// Name gives the site's name.
func (p Place) Name() catalog.Name { return catalog.Name{ZH: p.NameZH, EN: p.NameEN} }

const sqlPlaces = `select id, code, name_zh, name_en, tier, time_zone as zone from catalog.site order by id`

// Places gives every site.
func Places(ctx context.Context, q pgdb.Querier) ([]Place, error) {
	rows, err := q.Query(ctx, sqlPlaces)
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Place])
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	return list, nil
}
