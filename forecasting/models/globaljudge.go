package models

import (
	"context"
	"math"

	"milkrun/forecasting"
)

// Lesson is what the held-back origins taught about a class of demand.
type Lesson struct {
	Share  float64                                 // of the global model in the forecast, against the models of the series alone
	Own    float64                                 // share of the series' own quantiles beside those of the trees
	Counts bool                                    // quantiles are counts, as far as pieces are counted
	Bias   float64                                 // factor that takes out the common bias
	Widths [widthSpans][len(probabilities)]float64 // factors of the quantiles, by part of the horizon
	Points int                                     // days judged
	Local  float64                                 // mean scaled error without the global model
	Mixed  float64                                 // with the chosen share
}

// Settings of the judgement.
const (
	judgedSpans  = 3 // horizons held back
	widthSpans   = 2 // the first quarter of the horizon, the rest
	leastGain    = .005
	leastJudged  = 40  // series of a class below which all classes are judged together
	commonShock  = .07 // standard deviation of what moves all series at once: no bias of the model
	widthPoints  = 150 // days below which a factor is that of all classes
	widthShrink  = 100 // days that a factor of 1 counts for
	mostWidth    = 1.6
	anyClass     = forecasting.Class("")
	biasBound    = .35
	longShare    = .25
	quantileSlip = .2
)

// shares are those tried. The forecast over the panel already holds smoothings of the series alone, so a mixture with these has to
// gain more.
var shares = [...]struct{ share, gain float64 }{{0, 0}, {1, leastGain}, {.5, .011}}

// verdict gathers what is judged of one series at one origin.
type verdict struct {
	class         forecasting.Class
	local, global panelPath
	actual        []float64
	scale         float64
}

// judge forecasts the held-back spans with and without the global model, and draws the lessons.
func (e *Engine) judge(ctx context.Context, g *Global, members []Member, o GlobalOptions) (map[forecasting.Class]Lesson, error) {
	parts := make([][]verdict, len(members))
	plain := e.WithGlobal(nil)
	parallel(o.Workers, len(members), func(i int) {
		// What was wanted on sold-out days is recovered: to leave them out would be to judge by the slow days.
		came, err := plain.Uncensor(members[i].Series, members[i].Heat)
		if err != nil {
			return
		}
		for span := judgedSpans; span >= 1 && ctx.Err() == nil; span-- {
			n := members[i].Series.Len() - span*o.Horizon
			if n < g.Shape.leastAge() {
				continue
			}
			if v, ok := plain.tryOut(g, members[i], came, n, o.Horizon); ok {
				parts[i] = append(parts[i], v)
			}
		}
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	byClass := map[forecasting.Class][]verdict{}
	for _, list := range parts {
		for _, v := range list {
			byClass[v.class] = append(byClass[v.class], v)
			byClass[anyClass] = append(byClass[anyClass], v)
		}
	}
	out := map[forecasting.Class]Lesson{}
	for class, list := range byClass {
		if class == anyClass || len(list) >= leastJudged*judgedSpans {
			out[class] = learn(list, trustIn(members, g.Shape))
		}
	}
	return out, nil
}

// tryOut forecasts a member from period n. came is the demand of all its periods.
func (e *Engine) tryOut(g *Global, whole Member, came []float64, n, h int) (verdict, bool) {
	m := whole.before(n)
	f, err := e.ForecastMember(m, h)
	v := verdict{class: f.Class, actual: make([]float64, h)}
	if err != nil {
		return v, false
	}
	m.Future.Promo = clipTo(m.Future.Promo, h)
	v.local = pathOf(f)
	v.global = g.forecast(g.track(e, &m, h))
	for i := range v.actual {
		v.actual[i] = max(came[n+i], 0)
	}
	v.scale = math.Sqrt(forecasting.NaiveSquareScale(m.Series.Sales))
	return v, v.scale > 0 && observed(v.actual) > 0
}

func clipTo(v []float64, n int) []float64 { return v[:min(len(v), n)] }

// pathOf gives mean and quantiles of a forecast.
func pathOf(f forecasting.Forecast) panelPath {
	p := panelPath{}
	for k, q := range [...][]float32{f.Mean, f.Q10, f.Q50, f.Q90, f.Q95} {
		v := make([]float64, len(q))
		for i, x := range q {
			v[i] = float64(x)
		}
		if k == 0 {
			p.mean = v
		} else {
			p.quantile[k-1] = v
		}
	}
	return p
}

// mixed gives the weighted mean of both forecasts; the quantiles of the series alone move with the mean.
func mixed(local, global panelPath, share, own float64) panelPath {
	p := panelPath{mean: make([]float64, len(local.mean)), counted: global.counted}
	for i := range p.mean {
		p.mean[i] = (1-share)*local.mean[i] + share*global.mean[i]
	}
	for k := range p.quantile {
		q := make([]float64, len(p.mean))
		for i := range q {
			v := local.quantile[k][i]
			if local.mean[i] > 0 {
				v *= min(p.mean[i]/local.mean[i], 20)
			}
			if q[i] = v; own < 1 {
				q[i] = own*v + (1-own)*global.quantile[k][i]
			}
		}
		p.quantile[k] = q
	}
	return p
}

// trustIn says how much of a common bias is believed to last: of series that have not yet seen two years it may be the season.
func trustIn(members []Member, s panelShape) float64 {
	year := s.Year
	if s.Season == 7 {
		year = 365
	}
	long := 0
	for _, m := range members {
		if float64(m.Series.Len()) >= 2*year {
			long++
		}
	}
	if 2*long > len(members) {
		return .8
	}
	return .35
}

// learn draws the lesson of a class.
func learn(list []verdict, trust float64) Lesson {
	l := Lesson{Bias: 1}
	for _, s := range shares {
		share, loss := s.share, 0.0
		for _, v := range list {
			loss += v.loss(mixed(v.local, v.global, share, 1).mean)
		}
		loss /= float64(len(list))
		if share == 0 {
			l.Local, l.Mixed = loss, loss
		} else if loss < l.Mixed*(1-s.gain) {
			l.Mixed, l.Share = loss, share
		}
	}
	var err, due, square float64
	for _, v := range list {
		mean := mixed(v.local, v.global, l.Share, 1).mean
		total := 0.0
		for i, y := range v.actual {
			if y == y {
				total += y - mean[i]
				due += mean[i]
				l.Points++
			}
		}
		err += total
		square += total * total
	}
	if due > 0 {
		b, se2 := err/due, square/(due*due)+commonShock*commonShock
		shrink := max(1-se2/(b*b+1e-12), 0)
		l.Bias = 1 + min(max(trust*shrink*b, -biasBound), biasBound)
	}
	l.Own = bestOwn(list, l)
	for span := range l.Widths {
		for k, p := range probabilities {
			l.Widths[span][k] = widthOf(list, l, span, k, p)
		}
	}
	l.Counts = countsPay(list, l)
	return l
}

// learnt says whether the global model takes part in the forecasts of the class.
func (l Lesson) learnt() bool { return l.Share > 0 || l.Own < 1 || l.Counts }

// countsFavour is how much more pinball loss counts may have than the other quantiles: those are judged on the very days that their
// factors were fitted to, and the counts were learnt without these days.
const countsFavour = 1.02

// countsPay says whether counts are as good as the calibrated quantiles.
func countsPay(list []verdict, l Lesson) bool {
	var loss [2]float64
	for k := range loss {
		l.Counts = k == 1
		for _, v := range list {
			if v.global.counted[0] == nil {
				return false
			}
			loss[k] += v.pinball(l)
		}
	}
	return loss[1] < loss[0]*countsFavour
}

// pinball gives the loss of all quantiles.
func (v verdict) pinball(l Lesson) float64 {
	loss := 0.0
	path := mixed(v.local, v.global, l.Share, l.Own)
	for i, y := range v.actual {
		if y != y {
			continue
		}
		q := l.quantiles(path, i, len(v.actual))
		for k, p := range probabilities {
			loss += forecasting.Pinball(p, q[k], y)
		}
	}
	return loss
}

// bestOwn gives the share of the series' own quantiles with the least pinball loss.
func bestOwn(list []verdict, l Lesson) float64 {
	best, least := 1.0, math.Inf(1)
	for _, own := range []float64{1, .5, 0} {
		l.Own = own
		for span := range l.Widths {
			for k, p := range probabilities {
				l.Widths[span][k] = widthOf(list, l, span, k, p)
			}
		}
		loss := 0.0
		for _, v := range list {
			loss += v.pinball(l)
		}
		if loss < least*(1-leastGain) {
			best, least = own, loss
		}
	}
	return best
}

// quantiles gives the calibrated quantiles of a day of a horizon.
func (l Lesson) quantiles(p panelPath, i, h int) (q [len(probabilities)]float64) {
	s := slip(p.mean[i] * l.Bias)
	for k := range q {
		q[k] = (p.quantile[k][i]*l.Bias+s)*l.Widths[spanOf(i, h)][k] - s
		if l.Counts && p.counted[k] != nil {
			if c := p.counted[k][i]; c == c {
				q[k] = c
			}
		}
	}
	ascending(q[:])
	return q
}

// loss is the root mean squared error and, because stock covers spans, the error of the total, both scaled.
func (v verdict) loss(mean []float64) float64 {
	var sq, abs, n float64
	for i, y := range v.actual {
		if y == y {
			sq += (y - mean[i]) * (y - mean[i])
			abs += math.Abs(y - mean[i])
			n++
		}
	}
	return (math.Sqrt(sq/n) + .5*abs/n) / v.scale
}

// slip is what is added to both sides of a ratio of quantiles: 0 of 0 pieces is no news.
func slip(mean float64) float64 { return quantileSlip*mean + .05 }

// widthOf gives the factor that lets the quantile k cover its share of the days in one part of the horizon.
func widthOf(list []verdict, l Lesson, span, k int, p float64) float64 {
	var ratios []float64
	for _, v := range list {
		path := mixed(v.local, v.global, l.Share, l.Own)
		for i, y := range v.actual {
			if y != y || spanOf(i, len(v.actual)) != span {
				continue
			}
			s := slip(path.mean[i] * l.Bias)
			ratios = append(ratios, (y+s)/(path.quantile[k][i]*l.Bias+s))
		}
	}
	n := float64(len(ratios))
	if n < widthPoints {
		return 1
	}
	c := rankRatio(ratios, p)
	return min(max((n*c+widthShrink)/(n+widthShrink), 1/mostWidth), mostWidth)
}

// spanOf gives the part of the horizon that a day lies in.
func spanOf(i, h int) int {
	if float64(i) < longShare*float64(h) {
		return 0
	}
	return 1
}

// lesson gives that of a class, or of all classes together.
func (g *Global) lesson(class forecasting.Class) Lesson {
	if l, ok := g.Classes[class]; ok {
		return l
	}
	if l, ok := g.Classes[anyClass]; ok {
		return l
	}
	return unjudged()
}

// unjudged is the lesson that changes nothing.
func unjudged() Lesson {
	l := Lesson{Bias: 1, Own: 1}
	for i := range l.Widths {
		for k := range l.Widths[i] {
			l.Widths[i][k] = 1
		}
	}
	return l
}

// refine applies the lessons to the forecast of a member.
func (g *Global) refine(e *Engine, f *forecasting.Forecast, m *Member, d *demand) {
	if d.first == d.n {
		return
	}
	l := g.lesson(f.Class)
	h := len(f.Mean)
	local := pathOf(*f)
	p := local
	if l.learnt() {
		p = mixed(local, g.forecast(g.track(e, m, h)), l.Share, l.Own)
	}
	if l.Share > 0 {
		f.Model = globalName + "+" + f.Model
		if l.Share == 1 {
			f.Model = globalName
		}
	}
	for i := range p.mean {
		was := float64(f.Mean[i])
		mean := finite(p.mean[i] * l.Bias)
		q := l.quantiles(p, i, g.Shape.Horizon)
		f.Mean[i] = float32(mean)
		f.Q10[i], f.Q50[i], f.Q90[i], f.Q95[i] = float32(q[0]), float32(q[1]), float32(q[2]), float32(q[3])
		if was > 0 {
			f.CumSD[i] *= float32(min(mean/was, 20))
		}
	}
	growing(f.CumSD)
	before := forecasting.Forecast{Mean: make([]float32, h)}
	for i, v := range local.mean {
		before.Mean[i] = float32(v)
	}
	*f = f.Step(forecasting.StepPanel, before, 0, "")
}

// globalName names the global model in explanations.
const globalName = "global"

// growing keeps the deviation of totals from shrinking with their span.
func growing(sd []float32) {
	for i := 1; i < len(sd); i++ {
		sd[i] = max(sd[i], sd[i-1])
	}
}
