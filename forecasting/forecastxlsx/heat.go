package forecastxlsx

import (
	"context"
	"iter"
	"strings"
	"unicode/utf8"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

// MergeHeat stores heat within the transaction of an import; forecastops.Ops.MergeHeat fits.
type MergeHeat func(context.Context, importer.Tx, iter.Seq2[forecasting.HeatPoint, error]) (forecasting.Merged, error)

var heatSpec = importer.Spec{
	Name: "heat", Title: catalog.Name{ZH: "热度", EN: "Heat"},
	About: catalog.Name{
		ZH: "每个话题每个来源每天一行：热度指数。同一天再传一次，以后传的为准",
		EN: "One row for each topic, source and day: the index of heat. The same day again replaces what was there",
	},
	Permission: access.ViewDemand,
	Columns: []sheet.Column{
		{
			ID: "topic", Title: catalog.Name{ZH: "话题", EN: "Topic"}, Required: true, Kind: sheet.Code,
			Names: []string{"话题编码", "话题名称", "主题", "关键词", "topic code", "keyword"},
			Hint:  catalog.Name{ZH: "话题的编码或名称，例如 出牙", EN: "The topic's code or name, such as Teething"},
		},
		{
			ID: "source", Title: catalog.Name{ZH: "来源", EN: "Source"}, Required: true, Kind: sheet.Text, Max: forecasting.MaxSource,
			Names: []string{"平台", "渠道", "数据来源", "platform", "channel"},
			Hint:  catalog.Name{ZH: "例如 小红书、抖音、百度指数", EN: "Such as xiaohongshu, douyin, baidu"},
		},
		{
			ID: "day", Title: catalog.Name{ZH: "日期", EN: "Day"}, Required: true, Kind: sheet.Day,
			Names: []string{"统计日期", "date"},
		},
		{
			ID: "value", Title: catalog.Name{ZH: "热度", EN: "Heat"}, Required: true, Kind: sheet.Number,
			Names: []string{"热度值", "热度指数", "指数", "搜索指数", "声量", "value", "index", "heat index"},
			Hint:  catalog.Name{ZH: "来源自己的指数，0 或正数", EN: "The source's own index, 0 or more"},
		},
	},
}

// Heat is the sheet of the topics' heat.
func Heat(merge MergeHeat) importer.Kind {
	return importer.Define(heatSpec, openHeat,
		func(ctx context.Context, tx importer.Tx, _ importer.Source, rows iter.Seq2[importer.Good[forecasting.HeatPoint], error]) (importer.Outcome, error) {
			m, err := merge(ctx, tx, importer.Values(rows))
			return importer.Outcome{Inserted: m.Inserted, Changed: m.Changed, Unchanged: m.Unchanged}, err
		})
}

type heatReader struct {
	topics *importer.Topics
	seen   importer.Seen[heatKey]
	today  calendar.Day
}

type heatKey struct {
	topic  catalog.TopicID
	source string
	day    calendar.Day
}

func openHeat(ctx context.Context, s importer.Scope) (importer.Reader[forecasting.HeatPoint], error) {
	topics, err := importer.NewTopics(ctx, s)
	if err != nil {
		return nil, err
	}
	// Sources count the days of China, which has one zone.
	return &heatReader{topics: topics, today: calendar.Of(s.Now, importer.China)}, nil
}

// Read reads the columns of a row.
func (r *heatReader) Read(row *sheet.Row) forecasting.HeatPoint {
	var p forecasting.HeatPoint
	if t := r.topics.Read(row, "topic"); t != nil {
		p.Topic = t.ID
	}
	if s, ok := row.Text("source"); ok {
		p.Source = sourceOf(row, s)
	}
	var ok bool
	if p.Day, ok = row.Day("day"); ok {
		importer.CheckDay(row, "day", p.Day, forecasting.FirstRecordDay, r.today)
	}
	if p.Value, ok = row.Float("value"); ok && p.Value > forecasting.MaxHeat {
		row.Fail("value", cell.OutOfRange.With(row.Raw("value"), "1e12"))
	}
	return p
}

// sources are the names under which the great sources are known.
var sources = map[string]string{
	"小红书": "xiaohongshu", "红书": "xiaohongshu", "xhs": "xiaohongshu", "rednote": "xiaohongshu", "抖音": "douyin", "抖音指数": "douyin", "巨量算数": "douyin", "tiktok": "douyin",
	"百度": "baidu", "百度指数": "baidu", "微博": "weibo", "新浪微博": "weibo", "微信": "wechat", "微信指数": "wechat", "快手": "kuaishou", "b站": "bilibili", "哔哩哔哩": "bilibili",
	"知乎": "zhihu", "淘宝": "taobao", "京东": "jd", "拼多多": "pinduoduo", "宝宝树": "babytree", "谷歌": "google", "谷歌趋势": "google", "googletrends": "google",
}

// sourceOf brings the name of a source to the one under which its heat is kept: small letters, the great ones by one name.
func sourceOf(row *sheet.Row, text string) string {
	key := catalog.Fold(text)
	s, known := sources[key]
	if !known {
		s = strings.ToLower(strings.Join(strings.Fields(text), " "))
	}
	if s != text && !strings.EqualFold(s, text) {
		row.Mend("source", cell.ReadAs.With(s))
	}
	if utf8.RuneCountInString(s) > forecasting.MaxSource {
		row.Fail("source", cell.TooLong.With(utf8.RuneCountInString(s), forecasting.MaxSource))
	}
	return s
}

// Settle finds the repeated rows.
func (r *heatReader) Settle(_ context.Context, lines []*importer.Line[forecasting.HeatPoint]) error {
	for _, l := range lines {
		if !l.OK() {
			continue
		}
		v := l.Value
		if first := r.seen.Row(heatKey{v.Topic, v.Source, v.Day}, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, sameHeat))
		}
	}
	return nil
}

var sameHeat = catalog.Name{ZH: "同一话题、来源和日期", EN: "same topic, source and day"}
