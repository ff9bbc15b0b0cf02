package workbench

import (
	"context"
	"fmt"
	"net/url"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/web/ui"
)

func stateLinks(ctx context.Context, p warningsPage) []ui.Link {
	return []ui.Link{
		{Text: ui.T(ctx, "workbench.state_open"), Href: "/demand/warnings", Current: p.State == forecasting.AlarmOpen},
		{Text: ui.T(ctx, "workbench.state_acked"), Href: "/demand/warnings?state=" + string(forecasting.AlarmAcked), Current: p.State == forecasting.AlarmAcked},
	}
}

func kindLinks(ctx context.Context, p warningsPage) []ui.Link {
	href := func(k forecasting.AlarmKind) string {
		q := url.Values{}
		if p.State != forecasting.AlarmOpen {
			q.Set("state", string(p.State))
		}
		if k != "" {
			q.Set("kind", string(k))
		}
		if len(q) == 0 {
			return "/demand/warnings"
		}
		return "/demand/warnings?" + q.Encode()
	}
	links := []ui.Link{{Text: ui.T(ctx, "workbench.kind_all", "Number", p.count("")), Href: href(""), Current: p.Kind == ""}}
	for _, k := range kinds {
		if n := p.count(k); n > 0 || p.Kind == k {
			links = append(links, ui.Link{Text: ui.T(ctx, "workbench.kind_"+string(k)) + " " + ui.Int(int64(n)), Href: href(k), Current: p.Kind == k})
		}
	}
	return links
}

// siteChoices are the sites that a change may be of; who may see all of them may change all at once.
func siteChoices(ctx context.Context, f changeForm) []ui.Choice {
	var out []ui.Choice
	if len(userSites(ctx)) == 0 {
		out = append(out, ui.Choice{Text: ui.T(ctx, "workbench.all_sites")})
	}
	for _, x := range f.Sites {
		out = append(out, ui.Choice{Value: x.Code, Text: ui.Name(ctx, x.Name)})
	}
	return out
}

func regionLinks(ctx context.Context, p cohortsPage) []ui.Link {
	links := []ui.Link{{Text: ui.T(ctx, "workbench.all_regions"), Href: "/demand/cohorts", Current: p.Region == ""}}
	for _, r := range p.Regions {
		links = append(links, ui.Link{Text: r, Href: "/demand/cohorts?region=" + url.QueryEscape(r), Current: p.Region == r})
	}
	return links
}

// at gives what a stage needs so many months from now against the mean of the past year.
func (p cohortsPage) at(s forecastops.CohortStage, months int) float64 {
	return s.Path[min(p.Now-p.First+months, len(s.Path)-1)]
}

func spark(v []float64) []float64 { return v }

// birthMonths is how many months of births the chart shows.
const birthMonths = 36

// birthSums adds the births of the region shown up by month, the last months of them.
func birthSums(p cohortsPage) (first int, sums []float64) {
	last := 0
	for _, c := range p.Cohorts {
		if p.Region == "" || c.Region == p.Region {
			last = max(last, c.Month)
		}
	}
	first = last - birthMonths + 1
	sums = make([]float64, birthMonths)
	for _, c := range p.Cohorts {
		if i := c.Month - first; (p.Region == "" || c.Region == p.Region) && i >= 0 && i < birthMonths {
			sums[i] += c.Babies
		}
	}
	return first, sums
}

func birthTop(p cohortsPage) string {
	_, sums := birthSums(p)
	top := 0.0
	for _, v := range sums {
		top = max(top, v)
	}
	return pieces(top)
}

func birthBars(p cohortsPage) []weekBar {
	first, sums := birthSums(p)
	top := 1.0
	for _, v := range sums {
		top = max(top, v)
	}
	step := 100 / float64(birthMonths)
	out := make([]weekBar, birthMonths)
	for i, v := range sums {
		h := v / top * (chartHeight - 20)
		m := first + i
		b := weekBar{
			X: fmt.Sprintf("%.2f%%", (float64(i)+.15)*step), W: fmt.Sprintf("%.2f%%", .7*step), Y: fmt.Sprintf("%.1f", chartHeight-h), H: fmt.Sprintf("%.1f", h),
			Label: fmt.Sprintf("%d-%02d", m/12, m%12+1), Value: pieces(v),
		}
		if m%6 == 0 && i > 0 && i < birthMonths-1 {
			b.LabelAt = fmt.Sprintf("%.2f%%", (float64(i)+.5)*step)
		}
		out[i] = b
	}
	return out
}
