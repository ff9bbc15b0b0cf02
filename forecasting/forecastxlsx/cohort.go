package forecastxlsx

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

// MergeCohorts stores babies by region and month within the transaction of an import; forecastops.Ops.MergeCohorts fits.
type MergeCohorts func(context.Context, importer.Tx, iter.Seq2[forecasting.Cohort, error]) (forecasting.Merged, error)

// MergeStages stores the months of age that SKUs are for within the transaction of an import; forecastops.Ops.MergeStages fits.
type MergeStages func(context.Context, importer.Tx, iter.Seq2[forecasting.SKUStage, error]) (forecasting.Merged, error)

// BadMonth is a month that cannot be read.
var BadMonth = &notice.Reason{Code: "forecast.bad_month", ZH: "看不出是哪个月", EN: "is not a month",
	FixZH: "写成 2025-03 或 2025年3月", FixEN: "Write it as 2025-03"}

// BadStage is an age that ends before it begins.
var BadStage = &notice.Reason{Code: "forecast.bad_stage", ZH: "结束月龄要大于开始月龄", EN: "must be above the month of age from which on",
	FixZH: "例如 6 到 12：从 6 个月到不满 12 个月", FixEN: "Such as 6 to 12: from six months to under twelve"}

var cohortSpec = importer.Spec{
	Name: "cohorts", Title: catalog.Name{ZH: "出生人数", EN: "Births"},
	About: catalog.Name{
		ZH: "每个地区每个出生月一行：出生了多少宝宝。同一地区和月份再传一次，以后传的为准",
		EN: "One row for each region and month: babies born. The same region and month again replaces what was there",
	},
	Permission: access.ViewDemand,
	Columns: []sheet.Column{
		{
			ID: "region", Title: catalog.Name{ZH: "地区", EN: "Region"}, Required: true, Kind: sheet.Text, Max: forecasting.MaxRegion,
			Names: []string{"区域", "省份", "大区", "region name", "province", "area"},
			Hint:  catalog.Name{ZH: "和“出生人数”页面上仓库所属的地区一致，例如 华东", EN: "As the sites' regions on the page of births, such as East"},
		},
		{
			ID: "month", Title: catalog.Name{ZH: "出生月份", EN: "Birth month"}, Required: true, Kind: sheet.Text,
			Names: []string{"月份", "出生年月", "年月", "月", "month", "birth month", "year month"},
			Hint:  catalog.Name{ZH: "例如 2025-03", EN: "Such as 2025-03"},
		},
		{
			ID: "babies", Title: catalog.Name{ZH: "出生数", EN: "Babies"}, Required: true, Kind: sheet.Number,
			Names: []string{"出生人口", "新生儿", "新生儿数", "宝宝数", "人数", "births", "born", "newborns"},
		},
	},
}

// Cohorts is the sheet of births by region and month.
func Cohorts(merge MergeCohorts) importer.Kind {
	return importer.Define(cohortSpec, openCohorts,
		func(ctx context.Context, tx importer.Tx, _ importer.Source, rows iter.Seq2[importer.Good[forecasting.Cohort], error]) (importer.Outcome, error) {
			m, err := merge(ctx, tx, importer.Values(rows))
			return importer.Outcome{Inserted: m.Inserted, Changed: m.Changed, Unchanged: m.Unchanged}, err
		})
}

type cohortKey struct {
	region string
	month  int
}

type cohortReader struct {
	seen importer.Seen[cohortKey]
	last int
}

func openCohorts(_ context.Context, s importer.Scope) (importer.Reader[forecasting.Cohort], error) {
	return &cohortReader{last: forecasting.MonthOf(calendar.Of(s.Now, importer.China)) + 12}, nil
}

// Read reads the columns of a row.
func (r *cohortReader) Read(row *sheet.Row) forecasting.Cohort {
	var c forecasting.Cohort
	if s, ok := row.Text("region"); ok {
		c.Region = strings.Join(strings.Fields(s), " ")
		if utf8.RuneCountInString(c.Region) > forecasting.MaxRegion {
			row.Fail("region", cell.TooLong.With(utf8.RuneCountInString(c.Region), forecasting.MaxRegion))
		}
	}
	if row.Has("month") {
		month, ok := monthOf(row.Raw("month"))
		switch {
		case !ok:
			row.Fail("month", BadMonth.With())
		case month < forecasting.FirstCohort || month > r.last:
			row.Fail("month", cell.OutOfRange.With(row.Raw("month"), fmt.Sprintf("1990-01 – %d-%02d", r.last/12, r.last%12+1)))
		default:
			c.Month = month
		}
	}
	var ok bool
	if c.Babies, ok = row.Float("babies"); ok && (c.Babies < 0 || c.Babies > forecasting.MaxBabies) {
		row.Fail("babies", cell.OutOfRange.With(row.Raw("babies"), "1e8"))
	}
	return c
}

var (
	monthForm = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*月)?(?:[-/.]\d{1,2}(?:[ T].*)?)?$`)
	monthRun  = regexp.MustCompile(`^(\d{4})(\d{2})$`)
)

// monthOf reads 2025-03, 2025/3, 202503, 2025年3月 and a day of the month, as sheets write the first of it.
func monthOf(text string) (int, bool) {
	text = strings.TrimSpace(width.Fold.String(text))
	m := monthForm.FindStringSubmatch(text)
	if m == nil {
		m = monthRun.FindStringSubmatch(text)
	}
	if m == nil {
		return 0, false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	if month < 1 || month > 12 {
		return 0, false
	}
	return 12*year + month - 1, true
}

// Settle finds the repeated rows.
func (r *cohortReader) Settle(_ context.Context, lines []*importer.Line[forecasting.Cohort]) error {
	for _, l := range lines {
		if !l.OK() {
			continue
		}
		if first := r.seen.Row(cohortKey{l.Value.Region, l.Value.Month}, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, catalog.Name{ZH: "同一地区和月份", EN: "same region and month"}))
		}
	}
	return nil
}

var stageSpec = importer.Spec{
	Name: "stages", Title: catalog.Name{ZH: "适用月龄", EN: "Ages"},
	About: catalog.Name{
		ZH: "每个 SKU 一行：给多大月龄的宝宝用。销量随这个月龄的宝宝人数走",
		EN: "One row for each SKU: the months of age it is for. Its demand follows the babies of that age",
	},
	Permission: access.ViewDemand,
	Columns: append(importer.SKUColumns(),
		sheet.Column{
			ID: "from", Title: catalog.Name{ZH: "开始月龄", EN: "From month"}, Required: true, Kind: sheet.Number,
			Names: []string{"起始月龄", "月龄起", "最小月龄", "from", "min age", "age from"},
		},
		sheet.Column{
			ID: "to", Title: catalog.Name{ZH: "结束月龄", EN: "To month"}, Required: true, Kind: sheet.Number,
			Names: []string{"截止月龄", "月龄止", "最大月龄", "to", "max age", "age to"},
			Hint:  catalog.Name{ZH: "不含这个月", EN: "Without this month itself"},
		}),
}

// Stages is the sheet of the months of age that SKUs are for.
func Stages(merge MergeStages) importer.Kind {
	return importer.Define(stageSpec, openStages,
		func(ctx context.Context, tx importer.Tx, _ importer.Source, rows iter.Seq2[importer.Good[stage], error]) (importer.Outcome, error) {
			m, err := merge(ctx, tx, func(yield func(forecasting.SKUStage, error) bool) {
				for g, err := range rows {
					if !yield(g.Value.SKUStage, err) {
						return
					}
				}
			})
			return importer.Outcome{Inserted: m.Inserted, Changed: m.Changed, Unchanged: m.Unchanged}, err
		})
}

// stage is a row with what it names its SKU by.
type stage struct {
	forecasting.SKUStage
	ref importer.SKURef
}

type stageReader struct {
	goods *importer.Goods
	seen  importer.Seen[catalog.SKUID]
	refs  []importer.SKURef
}

func openStages(_ context.Context, s importer.Scope) (importer.Reader[stage], error) {
	return &stageReader{goods: importer.NewGoods(s)}, nil
}

// Read reads the columns of a row.
func (r *stageReader) Read(row *sheet.Row) stage {
	v := stage{ref: importer.ReadSKU(row)}
	month := func(id string, to *int) bool {
		f, ok := row.Float(id)
		if ok && (f < 0 || f > forecasting.MaxAge) {
			row.Fail(id, cell.OutOfRange.With(row.Raw(id), forecasting.MaxAge))
			return false
		}
		*to = int(f)
		return ok
	}
	from, to := month("from", &v.From), month("to", &v.To)
	if from && to && v.To <= v.From {
		row.Fail("to", BadStage.With())
	}
	return v
}

// Settle finds the SKUs and the repeated rows.
func (r *stageReader) Settle(ctx context.Context, lines []*importer.Line[stage]) error {
	r.refs = r.refs[:0]
	for _, l := range lines {
		r.refs = append(r.refs, l.Value.ref)
	}
	if err := r.goods.Load(ctx, r.refs); err != nil {
		return err
	}
	for _, l := range lines {
		l.Value.SKU = r.goods.Find(&l.Entry, l.Value.ref)
		if !l.OK() {
			continue
		}
		if first := r.seen.Row(l.Value.SKU, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, catalog.Name{ZH: "同一 SKU", EN: "same SKU"}))
		}
	}
	return nil
}
