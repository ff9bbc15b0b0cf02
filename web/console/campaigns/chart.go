package campaigns

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// The drawing of the campaign's curve, in units of its view box.
const (
	curveLeft, curveRight = 52.0, 656.0
	curveTop, curveBase   = 30.0, 282.0
)

// curveDrawing is the cumulative pledges as the page draws them: grid, area, line, projection with its band, and the lines of goal, quota
// and lots.
type curveDrawing struct {
	Grid        []curveMark
	Line, Area  string
	Mean, Band  string
	Levels      []curveLevel
	TodayX      float64
	DotY        float64
	Reached     string // the projection's mean, at its end
	ReachedY    float64
	Dates       []curveMark
	Description string
}

type curveMark struct {
	At   float64
	Text string
}

// curveLevel is a horizontal line with its name: the goal, the quota, what lots hold.
type curveLevel struct {
	Y     float64
	Text  string
	Class string
}

// drawCurve draws a campaign that has been published; false before anything can be drawn.
func drawCurve(ctx context.Context, v *campaignView) (curveDrawing, bool) {
	var d curveDrawing
	if v.State == campaign.Draft || v.Now.Before(v.Start) {
		return d, false
	}
	most := max(v.Goal, v.Reserved, 1)
	if v.Projection != nil {
		most = max(most, v.Projection.High)
	}
	step := niceStep(float64(most) * 1.08 / 4)
	top := step * math.Ceil(float64(most)*1.08/step)
	whole := v.Deadline.Sub(v.Start).Hours()
	x := func(t time.Time) float64 {
		return curveLeft + (curveRight-curveLeft)*min(1, max(0, t.Sub(v.Start).Hours()/whole))
	}
	y := func(n float64) float64 { return curveBase - (curveBase-curveTop)*n/top }
	for n := 0.0; n <= top+step/2; n += step {
		d.Grid = append(d.Grid, curveMark{y(n), ui.Int(int64(n))})
	}
	end := v.Now
	if end.After(v.Deadline) {
		end = v.Deadline
	}
	var line strings.Builder
	fmt.Fprintf(&line, "M%.1f %.1f", x(v.Start), y(0))
	last := quantity.Pieces(0)
	for _, p := range v.Curve {
		at := p.Hour.Add(time.Hour)
		if at.After(end) {
			at = end
		}
		last = p.Pieces
		fmt.Fprintf(&line, "L%.1f %.1f", x(at), y(float64(p.Pieces)))
	}
	fmt.Fprintf(&line, "L%.1f %.1f", x(end), y(float64(last)))
	d.Line = line.String()
	d.Area = d.Line + fmt.Sprintf("L%.1f %.1fZ", x(end), y(0))
	d.TodayX, d.DotY = x(end), y(float64(last))
	if p := v.Projection; p != nil {
		d.Mean = fmt.Sprintf("M%.1f %.1fL%.1f %.1f", d.TodayX, d.DotY, curveRight, y(float64(p.Mean)))
		d.Band = fmt.Sprintf("M%.1f %.1fL%.1f %.1fL%.1f %.1fZ", d.TodayX, d.DotY, curveRight, y(float64(p.High)), curveRight, y(float64(p.Low)))
		d.Reached, d.ReachedY = ui.Pieces(p.Mean), y(float64(p.Mean))+4
	}
	d.levels(ctx, v, y, top)
	for _, share := range []float64{0, 1.0 / 3, 2.0 / 3, 1} {
		at := v.Start.Add(time.Duration(share * whole * float64(time.Hour)))
		d.Dates = append(d.Dates, curveMark{x(at), ui.Day(ctx, calendar.Of(at, desk.ZoneOf(ctx)))})
	}
	d.Description = ui.T(ctx, "campaigns.curve_label", "Reserved", v.Reserved, "Goal", v.Goal)
	return d, true
}

func (d *curveDrawing) levels(ctx context.Context, v *campaignView, y func(float64) float64, top float64) {
	d.level(curveLevel{y(float64(v.Goal)), ui.T(ctx, "campaigns.goal_line", ui.Count, v.Goal), "goal"})
	if v.Quota > 0 && float64(v.Quota) <= top {
		d.level(curveLevel{y(float64(v.Quota)), ui.T(ctx, "campaigns.quota_line", ui.Count, v.Quota), "lot"})
	}
	var sum quantity.Pieces
	for _, l := range v.Lots {
		if sum += l.Pieces; float64(sum) <= top && l.Pieces > 0 {
			d.level(curveLevel{y(float64(sum)), ui.T(ctx, "campaigns.lot_line", "No", l.No, "Pieces", sum), "lot"})
		}
	}
}

// labelRoom is the height that the name of a level takes.
const labelRoom = 14.0

// level adds a level; one that lies so near to another that their names would lie over each other shares its line.
func (d *curveDrawing) level(l curveLevel) {
	for i, had := range d.Levels {
		if math.Abs(had.Y-l.Y) < labelRoom {
			d.Levels[i].Text += " · " + l.Text
			return
		}
	}
	d.Levels = append(d.Levels, l)
}

// niceStep gives the next of 1, 2, 5 times a power of ten that is no smaller.
func niceStep(v float64) float64 {
	if v <= 1 {
		return 1
	}
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*ten >= v {
			return m * ten
		}
	}
	return 10 * ten
}
