package catalogxlsx

import (
	"context"
	"slices"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

// lookups are the short lists of the catalog, by code and by name.
type lookups struct {
	categories map[string]*catalog.Category
	byID       map[catalog.CategoryID]*catalog.Category
	sites      map[string]*catalog.Site
	sample     string // code of a category
	site       string // code of a site
}

func newLookups(ctx context.Context, s importer.Scope) (lookups, error) {
	l := lookups{categories: map[string]*catalog.Category{}, byID: map[catalog.CategoryID]*catalog.Category{}, sites: map[string]*catalog.Site{}}
	categories, err := s.Catalog.Categories(ctx, s.Query)
	if err != nil {
		return l, err
	}
	for i := range categories {
		c := &categories[i]
		l.byID[c.ID] = c
		l.sample = c.Code
		importer.Enter(l.categories, c, c.Code, c.Name)
	}
	sites, err := s.Catalog.Sites(ctx, s.Query)
	if err != nil {
		return l, err
	}
	for i := range sites {
		l.site = sites[i].Code
		importer.Enter(l.sites, &sites[i], sites[i].Code, sites[i].Name)
	}
	return l, nil
}

// category reads the code or name of a category and gives its code.
func (l *lookups) category(row *sheet.Row, column string) (string, bool) {
	text, ok := row.Code(column)
	if !ok {
		return "", false
	}
	c := l.categories[catalog.Fold(text)]
	if c == nil {
		row.Fail(column, importer.NoSuchCategory.With(l.sample))
		return "", false
	}
	if c.Code != text {
		row.Mend(column, cell.ReadAs.With(c.Code))
	}
	return c.Code, true
}

// place reads the code or name of a site and gives its code.
func (l *lookups) place(row *sheet.Row, column string) (string, bool) {
	text, ok := row.Code(column)
	if !ok {
		return "", false
	}
	s := l.sites[catalog.Fold(text)]
	if s == nil {
		row.Fail(column, importer.NoSuchSite.With(l.site))
		return "", false
	}
	if s.Code != text {
		row.Mend(column, cell.ReadAs.With(s.Code))
	}
	return s.Code, true
}

// choice is a list of words, each with the value that it stands for; the first word of a value is the one that the
// template offers.
type choice[V comparable] []struct {
	value V
	words string
}

// read gives the value that a cell names.
func (c choice[V]) read(row *sheet.Row, column string) (V, bool) {
	var none V
	text, ok := row.Text(column)
	if !ok {
		return none, false
	}
	key := catalog.Fold(text)
	for _, x := range c {
		if slices.ContainsFunc(strings.Fields(x.words), func(w string) bool { return catalog.Fold(w) == key }) {
			return x.value, true
		}
	}
	row.Fail(column, NotAWord.With(cell.Shown(text), c.offered()))
	return none, false
}

// offered lists the words for the template.
func (c choice[V]) offered() []string {
	out := make([]string, len(c))
	for i, x := range c {
		out[i], _, _ = strings.Cut(x.words, " ")
	}
	return out
}

var temperatures = choice[catalog.Temperature]{
	{catalog.Ambient, "常温 ambient 室温 room 干货"},
	{catalog.Cool, "阴凉 cool 恒温"},
	{catalog.Chilled, "冷藏 chilled 低温 refrigerated"},
	{catalog.Frozen, "冷冻 frozen 冰冻"},
}

var tiers = choice[catalog.Tier]{
	{catalog.Overseas, "海外仓 overseas 海外"},
	{catalog.Bonded, "保税仓 bonded 保税"},
	{catalog.Regional, "区域仓 regional 区域 中心仓 RDC"},
	{catalog.Front, "前置仓 front 前置 FDC"},
	{catalog.Station, "驿站 station 站点"},
}

var topicKinds = choice[catalog.TopicKind]{
	{catalog.DemandTopic, "需求 demand"},
	{catalog.ComplaintTopic, "投诉 complaint 负面 质量"},
}
