package catalogxlsx

import (
	"context"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/sheet"
)

var categoryKind = kind[catalog.CategoryDraft]{
	spec: importer.Spec{
		Name: "category", Title: catalog.Name{ZH: "分类", EN: "Categories"},
		About:      catalog.Name{ZH: "商品分类的树：上级可以在同一张表里", EN: "The tree of categories; a parent may stand in the same sheet"},
		Permission: access.EditCatalog,
		Columns: append(append([]sheet.Column{codeColumn("分类编码", "Category code", "分类", "类目编码", "category")}, nameColumns()...),
			sheet.Column{ID: "parent", Title: catalog.Name{ZH: "上级分类", EN: "Parent"}, Names: []string{"上级", "父分类", "上级编码", "parent code"}, Kind: sheet.Code}),
	},
	read: func(_ *reader[catalog.CategoryDraft], row *sheet.Row, c *change[catalog.CategoryDraft]) {
		c.draft.Code, _ = row.Code("code")
		readName(row, c, func(d *catalog.CategoryDraft) *catalog.Name { return &d.Name })
		parent, ok := row.Code("parent")
		set(c, parent, ok, func(d *catalog.CategoryDraft, v string) { d.Parent = v })
	},
	known: func(_ context.Context, r *reader[catalog.CategoryDraft], _ []*importer.Line[change[catalog.CategoryDraft]]) (map[string]catalog.CategoryDraft, error) {
		out := map[string]catalog.CategoryDraft{}
		for _, c := range r.look.byID {
			d := catalog.CategoryDraft{Code: c.Code, Name: c.Name}
			if p := r.look.byID[c.Parent]; p != nil {
				d.Parent = p.Code
			}
			out[c.Code] = d
		}
		return out, nil
	},
	usual: func(*catalog.CategoryDraft) {},
	// All at once: parents may come in any order.
	last: func(catalog.CategoryDraft) bool { return true },
}

// Categories is the sheet of categories.
func Categories(save Save[catalog.CategoryDraft]) importer.Kind { return define(&categoryKind, save) }

var siteKind = kind[catalog.Site]{
	spec: importer.Spec{
		Name: "site", Title: catalog.Name{ZH: "仓", EN: "Sites"},
		About:      catalog.Name{ZH: "海外仓、保税仓、区域仓、前置仓和驿站", EN: "Overseas, bonded, regional and front sites and stations"},
		Permission: access.EditCatalog,
		Columns: append(append([]sheet.Column{codeColumn("仓编码", "Site code", "仓库编码", "仓", "仓库", "site", "warehouse code")}, nameColumns()...),
			sheet.Column{ID: "city_zh", Title: catalog.Name{ZH: "城市", EN: "City (Chinese)"}, Names: []string{"所在城市", "中文城市", "city"}},
			sheet.Column{ID: "city_en", Title: catalog.Name{ZH: "英文城市", EN: "City (English)"}},
			sheet.Column{ID: "tier", Title: catalog.Name{ZH: "层级", EN: "Tier"}, Names: []string{"类型", "仓类型", "type"}, Choices: tiers.offered()},
			sheet.Column{ID: "lat", Title: catalog.Name{ZH: "纬度", EN: "Latitude"}, Names: []string{"lat"}, Kind: sheet.Number, Signed: true},
			sheet.Column{ID: "lon", Title: catalog.Name{ZH: "经度", EN: "Longitude"}, Names: []string{"lon", "lng"}, Kind: sheet.Number, Signed: true},
			sheet.Column{ID: "time_zone", Title: catalog.Name{ZH: "时区", EN: "Time zone"}, Names: []string{"timezone"}, Hint: catalog.Name{ZH: "例如 Asia/Shanghai", EN: "Such as Asia/Shanghai"}},
			sheet.Column{ID: "active", Title: catalog.Name{ZH: "启用", EN: "Active"}, Names: []string{"是否启用", "在用"}, Kind: sheet.Bool},
		),
	},
	read: readSite,
	known: func(ctx context.Context, r *reader[catalog.Site], _ []*importer.Line[change[catalog.Site]]) (map[string]catalog.Site, error) {
		out := map[string]catalog.Site{}
		for _, s := range r.look.sites {
			out[s.Code] = *s
		}
		return out, nil
	},
	usual: func(s *catalog.Site) { s.TimeZone, s.Active, s.Lat, s.Lon = "Asia/Shanghai", true, noPlace, noPlace },
}

// noPlace is outside of every range: a new site must say where it is. unplaced is how a fault shows it.
const (
	noPlace  = 1000
	unplaced = "1000"
)

// Sites is the sheet of sites.
func Sites(save Save[catalog.Site]) importer.Kind { return define(&siteKind, save) }

func readSite(_ *reader[catalog.Site], row *sheet.Row, c *change[catalog.Site]) {
	type d = catalog.Site
	c.draft.Code, _ = row.Code("code")
	readName(row, c, func(s *d) *catalog.Name { return &s.Name })
	zh, ok := row.Text("city_zh")
	set(c, zh, ok, func(s *d, v string) { s.City.ZH = v })
	en, ok := row.Text("city_en")
	set(c, en, ok, func(s *d, v string) { s.City.EN = v })
	tier, ok := tiers.read(row, "tier")
	set(c, tier, ok, func(s *d, v catalog.Tier) { s.Tier = v })
	lat, ok := row.Float("lat")
	set(c, lat, ok, func(s *d, v float64) { s.Lat = v })
	lon, ok := row.Float("lon")
	set(c, lon, ok, func(s *d, v float64) { s.Lon = v })
	zone, ok := row.Text("time_zone")
	set(c, zone, ok, func(s *d, v string) { s.TimeZone = v })
	active, ok := row.Bool("active")
	set(c, active, ok, func(s *d, v bool) { s.Active = v })
}

var laneKind = kind[catalog.LaneDraft]{
	spec: importer.Spec{
		Name: "lane", Title: catalog.Name{ZH: "线路", EN: "Lanes"},
		About:      catalog.Name{ZH: "货从哪个仓到哪个仓，几天到，每公斤多少钱", EN: "From which site goods go to which, in how many days, at what cost"},
		Permission: access.EditCatalog,
		Columns: []sheet.Column{
			{ID: "from", Title: catalog.Name{ZH: "起点仓", EN: "From"}, Names: []string{"发货仓", "出发仓", "起点", "from site"}, Required: true, Kind: sheet.Code},
			{ID: "to", Title: catalog.Name{ZH: "终点仓", EN: "To"}, Names: []string{"收货仓", "目的仓", "终点", "to site"}, Required: true, Kind: sheet.Code},
			{ID: "lead_days", Title: catalog.Name{ZH: "时效天数", EN: "Lead time days"}, Names: []string{"时效", "在途天数", "平均天数", "lead time", "lead days"}, Kind: sheet.Number},
			{ID: "lead_sd_days", Title: catalog.Name{ZH: "时效波动天数", EN: "Lead time deviation"}, Names: []string{"时效标准差", "波动", "lead sd"}, Kind: sheet.Number},
			{ID: "priority", Title: catalog.Name{ZH: "优先级", EN: "Priority"}, Names: []string{"顺序"}, Kind: sheet.Number},
			{ID: "cost", Title: catalog.Name{ZH: "运费（元/公斤）", EN: "Cost (yuan/kg)"}, Names: []string{"运费", "每公斤运费", "cost", "freight"}, Kind: sheet.Money},
		},
	},
	read: func(r *reader[catalog.LaneDraft], row *sheet.Row, c *change[catalog.LaneDraft]) {
		type d = catalog.LaneDraft
		c.draft.FromCode, _ = r.look.place(row, "from")
		c.draft.ToCode, _ = r.look.place(row, "to")
		mean, ok := row.Float("lead_days")
		set(c, mean, ok, func(l *d, v float64) { l.LeadMean = v })
		sd, ok := row.Float("lead_sd_days")
		set(c, sd, ok, func(l *d, v float64) { l.LeadSD = v })
		priority, ok := days(row, "priority")
		set(c, priority, ok, func(l *d, v int) { l.Priority = v })
		cost, ok := row.Fen("cost")
		set(c, cost, ok, func(l *d, v money.Fen) { l.CostFen = v })
	},
	known: func(ctx context.Context, r *reader[catalog.LaneDraft], _ []*importer.Line[change[catalog.LaneDraft]]) (map[string]catalog.LaneDraft, error) {
		records, err := r.scope.Catalog.Lanes(ctx, r.scope.Query)
		if err != nil {
			return nil, err
		}
		out := make(map[string]catalog.LaneDraft, len(records))
		for _, l := range records {
			d := catalog.LaneDraft{Lane: l.Lane, FromCode: l.FromCode, ToCode: l.ToCode}
			out[d.Key()] = d
		}
		return out, nil
	},
	usual: func(l *catalog.LaneDraft) { l.Priority = 1 },
}

// Lanes is the sheet of lanes.
func Lanes(save Save[catalog.LaneDraft]) importer.Kind { return define(&laneKind, save) }
