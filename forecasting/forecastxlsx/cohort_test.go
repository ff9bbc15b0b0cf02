package forecastxlsx

import (
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/sheet"
)

func TestMonths(t *testing.T) {
	for text, want := range map[string]int{
		"2025-03": 24302, "2025/3": 24302, "202503": 24302, "2025年3月": 24302, "２０２５年０３月": 24302, "2025-03-01": 24302, "2025.12": 24311, "2025-03-01 00:00:00": 24302,
		"2025-13": 0, "3月": 0, "": 0, "2025": 0, "20250301x": 0,
	} {
		if got, ok := monthOf(text); got != want || ok != (want != 0) {
			t.Errorf("%q is %d, %t, want %d", text, got, ok, want)
		}
	}
}

func TestCohortRows(t *testing.T) {
	for line, want := range map[string]string{
		"华东,2025-03,81200": "", "华东,2025-14,1": "forecast.bad_month", "华东,1980-01,1": "sheet.out_of_range", "华东,2025-03,-5": "sheet.out_of_range",
		"华东,2025-03,很多": "sheet.not_number",
	} {
		rows(t, cohortSpec.Columns, "地区,出生月份,出生数\n"+line+"\n", func(row *sheet.Row) {
			r := cohortReader{last: forecasting.FirstCohort + 12*60}
			c := r.Read(row)
			got := ""
			if p := row.Problems(); len(p) > 0 {
				got = p[0].Note.Code()
			}
			if got != want && !(want == "sheet.out_of_range" && got == "sheet.negative") {
				t.Errorf("%s: %q, want %q", line, got, want)
			}
			if want == "" && (c.Region != "华东" || c.Month != 24302 || c.Babies != 81200) {
				t.Errorf("%s: %+v", line, c)
			}
		})
	}
}

func TestStageRows(t *testing.T) {
	for line, want := range map[string]string{"A,6,12": "", "A,12,6": "forecast.bad_stage", "A,-1,6": "", "A,6,999": "sheet.out_of_range"} {
		rows(t, stageSpec.Columns, "SKU,开始月龄,结束月龄\n"+line+"\n", func(row *sheet.Row) {
			v := (&stageReader{}).Read(row)
			p := row.Problems()
			switch {
			case line == "A,-1,6":
				if len(p) == 0 {
					t.Error("a negative age is taken")
				}
			case want == "" && (len(p) > 0 || v.From != 6 || v.To != 12):
				t.Errorf("%s: %+v %v", line, v, p)
			case want != "" && (len(p) == 0 || p[0].Note.Code() != want):
				t.Errorf("%s: %v, want %s", line, p, want)
			}
		})
	}
}
