package catalogxlsx

import (
	"context"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
)

var topicKind = kind[catalog.Topic]{
	spec: importer.Spec{
		Name: "topic", Title: catalog.Name{ZH: "话题", EN: "Topics"},
		About:      catalog.Name{ZH: "大家在谈什么：需求话题可能带动销售，投诉话题提醒质量", EN: "What people talk about: topics of demand may lead sales, complaints warn of quality"},
		Permission: access.EditCatalog,
		Columns: append(append([]sheet.Column{codeColumn("话题编码", "Topic code", "话题", "topic")}, nameColumns()...),
			sheet.Column{ID: "kind", Title: catalog.Name{ZH: "类别", EN: "Kind"}, Names: []string{"话题类别", "类型", "type"}, Choices: topicKinds.offered()}),
	},
	read: func(_ *reader[catalog.Topic], row *sheet.Row, c *change[catalog.Topic]) {
		c.draft.Code, _ = row.Code("code")
		readName(row, c, func(t *catalog.Topic) *catalog.Name { return &t.Name })
		k, ok := topicKinds.read(row, "kind")
		set(c, k, ok, func(t *catalog.Topic, v catalog.TopicKind) { t.Kind = v })
	},
	known: func(ctx context.Context, r *reader[catalog.Topic], _ []*importer.Line[change[catalog.Topic]]) (map[string]catalog.Topic, error) {
		records, err := r.scope.Catalog.Topics(ctx, r.scope.Query)
		if err != nil {
			return nil, err
		}
		out := make(map[string]catalog.Topic, len(records))
		for _, t := range records {
			out[t.Code] = t.Topic
		}
		return out, nil
	},
	usual: func(t *catalog.Topic) { t.Kind = catalog.DemandTopic },
}

// Topics is the sheet of topics.
func Topics(save Save[catalog.Topic]) importer.Kind { return define(&topicKind, save) }

var weightKind = kind[catalog.TopicSKUDraft]{
	spec: importer.Spec{
		Name: "weight", Title: catalog.Name{ZH: "话题带货", EN: "Topics of SKUs"},
		About:      catalog.Name{ZH: "话题和 SKU 的关系有多强，0 到 1", EN: "How strongly a topic concerns a SKU, 0 to 1"},
		Permission: access.EditCatalog,
		Columns: []sheet.Column{
			{ID: "topic", Title: catalog.Name{ZH: "话题", EN: "Topic"}, Names: []string{"话题编码", "topic code"}, Required: true, Kind: sheet.Code},
			{ID: "sku", Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Names: []string{"SKU编码", "货号", "商品编码", "item code"}, Required: true, Kind: sheet.Code},
			{ID: "weight", Title: catalog.Name{ZH: "权重", EN: "Weight"}, Names: []string{"相关度", "关联度"}, Kind: sheet.Number},
		},
	},
	read: func(r *reader[catalog.TopicSKUDraft], row *sheet.Row, c *change[catalog.TopicSKUDraft]) {
		c.draft.TopicCode, _ = row.Code("topic")
		c.draft.SKUCode, _ = row.Code("sku")
		w, ok := row.Float("weight")
		set(c, w, ok, func(d *catalog.TopicSKUDraft, v float64) { d.Weight = v })
	},
	known: func(context.Context, *reader[catalog.TopicSKUDraft], []*importer.Line[change[catalog.TopicSKUDraft]]) (map[string]catalog.TopicSKUDraft, error) {
		return nil, nil
	},
	usual:   func(d *catalog.TopicSKUDraft) { d.Weight = 1 },
	further: resolveWeights,
}

// Weights is the sheet of what topics mean for SKUs.
func Weights(save Save[catalog.TopicSKUDraft]) importer.Kind { return define(&weightKind, save) }

// resolveWeights finds the topics, by code or name, and the SKUs.
func resolveWeights(ctx context.Context, r *reader[catalog.TopicSKUDraft], lines []*importer.Line[change[catalog.TopicSKUDraft]], _ map[string]catalog.TopicSKUDraft) error {
	records, err := r.scope.Catalog.Topics(ctx, r.scope.Query)
	if err != nil {
		return err
	}
	names := map[string]*catalog.Topic{}
	sample := ""
	for i := range records {
		sample = records[i].Code
		importer.Enter(names, &records[i].Topic, records[i].Code, records[i].Name)
	}
	codes := make([]string, len(lines))
	for i, l := range lines {
		codes[i] = l.Value.draft.SKUCode
	}
	skus, err := r.scope.Catalog.SKUCodes(ctx, r.scope.Query, codes)
	if err != nil {
		return err
	}
	for _, l := range lines {
		d := &l.Value.draft
		if t := names[catalog.Fold(d.TopicCode)]; t != nil {
			d.TopicCode = t.Code
		} else if d.TopicCode != "" {
			l.Fail("topic", d.TopicCode, importer.NoSuchTopic.With(sample))
		}
		if d.SKUCode != "" && skus[d.SKUCode] == 0 {
			l.Fail("sku", d.SKUCode, importer.NoSuchSKU.With())
		}
	}
	return nil
}
