package catalogdb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

type topicRow struct {
	ID             catalog.TopicID
	Code           string
	NameZH, NameEN string
	Kind           catalog.TopicKind
	SKUs           int
	UpdatedAt      time.Time
}

func (r topicRow) record() catalog.TopicRecord {
	return catalog.TopicRecord{
		Topic: catalog.Topic{ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Kind: r.Kind},
		SKUs:  r.SKUs, UpdatedAt: r.UpdatedAt,
	}
}

const topicFields = `t.id, t.code, t.name_zh, t.name_en, t.kind,
	(select count(*)::int from catalog.topic_sku x where x.topic_id = t.id) as skus, t.updated_at from catalog.topic t`

const sqlTopics = `select ` + topicFields + ` order by t.kind = 'complaint', t.id`

// Topics gives all topics, complaints last.
func Topics(ctx context.Context, q pgdb.Querier) ([]catalog.TopicRecord, error) {
	rows, err := collect[topicRow](ctx, q, "topics", sqlTopics)
	if err != nil {
		return nil, err
	}
	return mapped(rows, topicRow.record), nil
}

const sqlTopicLocked = `select ` + topicFields + ` where t.id = $1 for update of t`

// LockTopic gives one topic and holds it to the end of the transaction; catalog.ErrUnknown when there is none.
func LockTopic(ctx context.Context, q pgdb.Querier, id catalog.TopicID) (catalog.TopicRecord, error) {
	rows, err := collect[topicRow](ctx, q, "topic", sqlTopicLocked, id)
	if err != nil {
		return catalog.TopicRecord{}, err
	}
	if len(rows) == 0 {
		return catalog.TopicRecord{}, fmt.Errorf("catalogdb: topic %d: %w", id, catalog.ErrUnknown)
	}
	return rows[0].record(), nil
}

const sqlUpdateTopic = `update catalog.topic set name_zh = $2, name_en = $3, kind = $4, updated_at = clock_timestamp()
	where id = $1 returning updated_at`

// UpdateTopic stores a topic that is locked, all but its code.
func UpdateTopic(ctx context.Context, q pgdb.Querier, t catalog.Topic) (time.Time, error) {
	var at time.Time
	if err := q.QueryRow(ctx, sqlUpdateTopic, t.ID, t.Name.ZH, t.Name.EN, t.Kind).Scan(&at); err != nil {
		return at, fmt.Errorf("catalogdb: save topic %s: %w", t.Code, err)
	}
	return at, nil
}

type weightRow struct {
	TopicID          catalog.TopicID
	SKUID            catalog.SKUID
	Weight           float64
	TopicCode        string
	TopicZH, TopicEN string
	Kind             catalog.TopicKind
	SKUCode          string
	SKUZH, SKUEN     string
}

func (r weightRow) record() catalog.TopicSKURecord {
	return catalog.TopicSKURecord{
		TopicSKU:  catalog.TopicSKU{Topic: r.TopicID, SKU: r.SKUID, Weight: r.Weight},
		TopicCode: r.TopicCode, TopicName: catalog.Name{ZH: r.TopicZH, EN: r.TopicEN}, Kind: r.Kind,
		SKUCode: r.SKUCode, SKUName: catalog.Name{ZH: r.SKUZH, EN: r.SKUEN},
	}
}

const weightFields = `x.topic_id, x.sku_id, x.weight::numeric::float8 as weight, t.code as topic_code, t.name_zh as topic_zh,
	t.name_en as topic_en, t.kind, k.code as sku_code, k.name_zh as sku_zh, k.name_en as sku_en
	from catalog.topic_sku x join catalog.topic t on t.id = x.topic_id join catalog.sku k on k.id = x.sku_id`

const sqlTopicWeights = `select ` + weightFields + ` where x.topic_id = $1 order by x.weight desc, k.code`

// TopicWeights gives the SKUs that a topic concerns, the strongest first.
func TopicWeights(ctx context.Context, q pgdb.Querier, topic catalog.TopicID) ([]catalog.TopicSKURecord, error) {
	return weights(ctx, q, sqlTopicWeights, topic)
}

const sqlSKUWeights = `select ` + weightFields + ` where x.sku_id = $1 order by x.weight desc, t.id`

// SKUWeights gives the topics that concern a SKU, the strongest first.
func SKUWeights(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]catalog.TopicSKURecord, error) {
	return weights(ctx, q, sqlSKUWeights, sku)
}

func weights(ctx context.Context, q pgdb.Querier, sql string, id any) ([]catalog.TopicSKURecord, error) {
	rows, err := collect[weightRow](ctx, q, "weights", sql, id)
	if err != nil {
		return nil, err
	}
	return mapped(rows, weightRow.record), nil
}

const sqlDeleteWeight = `delete from catalog.topic_sku where topic_id = $1 and sku_id = $2`

// DeleteWeight removes a SKU from a topic and tells whether it was there.
func DeleteWeight(ctx context.Context, q pgdb.Querier, topic catalog.TopicID, sku catalog.SKUID) (bool, error) {
	tag, err := q.Exec(ctx, sqlDeleteWeight, topic, sku)
	if err != nil {
		return false, fmt.Errorf("catalogdb: delete weight: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}
