package importer

import (
	"context"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

// SiteColumn is the column by which a sheet names a site.
const SiteColumn = "site"

// SiteColumnOf gives that column.
func SiteColumnOf() sheet.Column {
	return sheet.Column{
		ID: SiteColumn, Title: catalog.Name{ZH: "仓", EN: "Site"}, Required: true, Kind: sheet.Code,
		Names: []string{"仓库", "仓编码", "仓库编码", "仓库代码", "仓库名称", "仓名", "站点", "门店", "门店编码", "收货仓", "发货仓", "site code", "warehouse", "warehouse code", "store", "location", "WH"},
		Hint:  catalog.Name{ZH: "仓库的编码或名称", EN: "The site's code or name"},
	}
}

// China is the zone of the house: it is one, without summer time since 1991.
var China = time.FixedZone("Asia/Shanghai", 8*60*60)

// Places finds sites by code or name.
type Places struct {
	user   access.User
	now    time.Time
	byName map[string]*Place
	sample string
}

// Place is a site with its day.
type Place struct {
	catalog.Site
	Today calendar.Day
}

// NewPlaces reads the sites.
func NewPlaces(ctx context.Context, s Scope) (*Places, error) {
	sites, err := s.Catalog.Sites(ctx, s.Query)
	if err != nil {
		return nil, err
	}
	p := &Places{user: s.User, now: s.Now, byName: map[string]*Place{}}
	for i := range sites {
		loc, err := time.LoadLocation(sites[i].TimeZone)
		if err != nil {
			loc = China
		}
		place := &Place{sites[i], calendar.Of(s.Now, loc)}
		if p.sample == "" && sites[i].Active {
			p.sample = sites[i].Code
		}
		Enter(p.byName, place, sites[i].Code, sites[i].Name)
	}
	return p, nil
}

// Enter notes something under its folded code and, where nothing else has them, its folded names.
func Enter[V any](m map[string]*V, v *V, code string, name catalog.Name) {
	m[catalog.Fold(code)] = v
	for _, n := range []string{name.ZH, name.EN} {
		key := catalog.Fold(n)
		if _, taken := m[key]; !taken && key != "" {
			m[key] = v
		}
	}
}

// Read gives the site that a row names, nil with a problem in the row when there is none or the user may not touch it.
func (p *Places) Read(row *sheet.Row) *Place {
	text, ok := row.Code(SiteColumn)
	if !ok {
		return nil
	}
	return p.named(row, SiteColumn, text)
}

func (p *Places) named(row *sheet.Row, column, text string) *Place {
	place := p.byName[catalog.Fold(text)]
	switch {
	case place == nil:
		row.Fail(column, NoSuchSite.With(p.sample))
	case !p.user.MayTouchSite(place.ID):
		row.Fail(column, NotYourSite.With(place.Name))
		return nil
	case place.Code != text:
		row.Mend(column, cell.ReadAs.With(place.Code))
	}
	return place
}

// Topics finds topics by code or name.
type Topics struct {
	byName map[string]*catalog.Topic
	sample string
}

// NewTopics reads the topics.
func NewTopics(ctx context.Context, s Scope) (*Topics, error) {
	list, err := s.Catalog.Topics(ctx, s.Query)
	if err != nil {
		return nil, err
	}
	t := &Topics{byName: map[string]*catalog.Topic{}}
	for i := range list {
		if t.sample == "" {
			t.sample = list[i].Code
		}
		Enter(t.byName, &list[i].Topic, list[i].Code, list[i].Name)
	}
	return t, nil
}

// Read gives the topic that a row names in a column, nil with a problem in the row when there is none.
func (t *Topics) Read(row *sheet.Row, column string) *catalog.Topic {
	text, ok := row.Code(column)
	if !ok {
		return nil
	}
	topic := t.byName[catalog.Fold(text)]
	switch {
	case topic == nil:
		row.Fail(column, NoSuchTopic.With(t.sample))
	case topic.Code != text:
		row.Mend(column, cell.ReadAs.With(topic.Code))
	}
	return topic
}

// CheckDay reports a day that is before the first or after today.
func CheckDay(row *sheet.Row, column string, day, first, today calendar.Day) {
	switch {
	case day > today:
		row.Fail(column, DayInFuture.With(day.String()))
	case day < first:
		row.Fail(column, DayTooEarly.With(first.String()))
	}
}

// CheckSpan reports a figure outside of its bounds.
func CheckSpan(row *sheet.Row, column string, n, low, high int64) {
	if n < low || n > high {
		row.Fail(column, OutOfRange.With(low, high))
	}
}

// Both is a text in both languages, for the arguments of notes.
func Both(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
