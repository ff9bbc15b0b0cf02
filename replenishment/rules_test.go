package replenishment_test

import (
	"slices"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

func warned(ws []replenishment.Warning, c replenishment.WarningCode) *replenishment.Warning {
	if i := slices.IndexFunc(ws, func(w replenishment.Warning) bool { return w.Code == c }); i >= 0 {
		return &ws[i]
	}
	return nil
}

func step(s replenishment.Suggestion, k replenishment.StepKey) quantity.Pieces {
	for _, st := range s.Explanation.Steps {
		if st.Key == k {
			if st.Op == replenishment.OpMinus {
				return -st.Pieces
			}
			return st.Pieces
		}
	}
	return 0
}

func only(t *testing.T, r replenishment.Result, k replenishment.Kind, s catalog.SiteID) replenishment.Suggestion {
	t.Helper()
	got := find(r, k, s)
	if len(got) != 1 {
		t.Fatalf("%d suggestions to %s at site %d, want one:%s", len(got), k, s, brief(r))
	}
	return got[0]
}

func TestLateSupplyIsNotWaitedFor(t *testing.T) {
	in := milk()
	before := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	for _, c := range []struct {
		name    string
		arrives int
		counted bool
		warning replenishment.WarningCode
	}{
		{"in time", 5, true, ""}, {"two days overdue", -2, true, replenishment.WarnOverdue},
		{"three days overdue", -3, false, replenishment.WarnOverdueLost}, {"beyond the interval", 29, false, replenishment.WarnTooFar},
	} {
		in.Supply[0].Arrives = today.AddDays(c.arrives)
		r := replenishment.Plan(in)
		b := only(t, r, replenishment.Buy, jiaxing)
		want := before.Need
		if !c.counted {
			want += 480
		}
		if b.Need != want {
			t.Errorf("%s: need %d, want %d", c.name, b.Need, want)
		}
		if c.warning != "" && warned(r.Warnings, c.warning) == nil && warned(b.Warnings, c.warning) == nil {
			t.Errorf("%s: no %s in %v, %v", c.name, c.warning, r.Warnings, b.Warnings)
		}
	}
}

func TestTheSameNeedIsNeverListedTwice(t *testing.T) {
	in := milk()
	in.Positions[0].Expiring = nil
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	need := replenishment.Need{ID: 41, Key: b.Key, Pieces: b.Pieces, ArriveBy: b.ArriveBy}

	need.State = replenishment.StateOpen
	in.Open = []replenishment.Need{need}
	if again := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing); again.ID != 41 || again.Pieces != b.Pieces {
		t.Errorf("an open suggestion came back as %d with %d pieces", again.ID, again.Pieces)
	}
	for _, s := range []replenishment.State{replenishment.StateApproved, replenishment.StateChanged} {
		need.State = s
		in.Open = []replenishment.Need{need}
		if r := replenishment.Plan(in); len(r.Suggestions) != 0 || len(r.Withdrawn) != 0 {
			t.Errorf("%s: suggested again: %s, %v", s, brief(r), r.Withdrawn)
		}
	}
	// A buyer's number that falls short is not touched: the rest is told.
	need.State, need.Pieces = replenishment.StateChanged, 480
	in.Open = []replenishment.Need{need}
	if r := replenishment.Plan(in); len(r.Suggestions) != 0 || warned(r.Warnings, replenishment.WarnGrown) == nil {
		t.Errorf("beside a changed number: %s", brief(r))
	}
	need.Pieces = b.Pieces
	in.Open = []replenishment.Need{need}
	// Ordered, with the approved suggestion still in the list: counted once.
	in.Supply = append(in.Supply, replenishment.Supply{
		Kind: replenishment.SupplyOrder, Ref: "FO-2611-0400", Site: jiaxing, Pieces: b.Pieces, Arrives: b.ArriveBy, Suggestion: 41, Shipped: true,
	})
	if l := levelOf(t, replenishment.Plan(in), jiaxing); l.OnOrder != 480+b.Pieces {
		t.Errorf("%d on order, want %d", l.OnOrder, 480+b.Pieces)
	}
	// The need is gone: the open suggestion goes too.
	in.Supply, need.State = nil, replenishment.StateOpen
	in.Open, in.Positions[0].OnHand = []replenishment.Need{need}, 9000
	if r := replenishment.Plan(in); !slices.Equal(r.Withdrawn, []replenishment.SuggestionID{41}) {
		t.Errorf("withdrawn: %v", r.Withdrawn)
	}
}

func TestRejectedStaysAwayUntilItGrows(t *testing.T) {
	in := milk()
	in.Positions[0].Expiring = nil
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	reject := func(days int, pieces quantity.Pieces) replenishment.Result {
		in.Open = []replenishment.Need{{ID: 9, Key: b.Key, State: replenishment.StateRejected, Pieces: pieces, DecidedOn: today.AddDays(-days)}}
		return replenishment.Plan(in)
	}
	if r := reject(6, b.Pieces); len(r.Suggestions) != 0 || warned(r.Warnings, replenishment.WarnRejected) == nil {
		t.Errorf("came back after six days: %s", brief(r))
	}
	if r := reject(7, b.Pieces); len(r.Suggestions) != 1 || r.Suggestions[0].ID != 0 {
		t.Errorf("did not come back after seven days: %s", brief(r))
	}
	if r := reject(1, b.Pieces/2); len(r.Suggestions) != 1 {
		t.Errorf("did not come back though it doubled: %s", brief(r))
	}
}

func TestSmallChangesLeaveTheNumberAlone(t *testing.T) {
	in := milk()
	in.Open = []replenishment.Need{{ID: 5, Key: replenishment.Key{Kind: replenishment.Buy, Site: jiaxing, Supplier: beili}, State: replenishment.StateOpen, Pieces: 2160}}
	in.Settings.Freeze.KeepShare = 0.15
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if b.ID != 5 || b.Pieces != 2160 || step(b, replenishment.WhyKept) != 240 {
		t.Errorf("%d pieces under id %d", b.Pieces, b.ID)
	}
	checkSum(t, b)
	in.Settings.Freeze.KeepShare = 0.05
	if b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing); b.Pieces != 1920 {
		t.Errorf("%d pieces", b.Pieces)
	}
}

// chain is an imported item: overseas buys, bonded and regional sites and a front are filled down the lanes.
func chain() replenishment.Snapshot {
	in := teether()
	in.Sites = []catalog.Site{
		site(overseas, "AKL", "奥克兰", catalog.Overseas), site(bonded, "NB", "宁波", catalog.Bonded),
		site(jiaxing, "JX", "嘉兴", catalog.Regional), site(foshan, "FS", "佛山", catalog.Regional),
		site(xuhui, "XH", "徐汇", catalog.Front), site(nanshan, "NS", "南山", catalog.Front), site(station, "ST", "驿站", catalog.Station),
	}
	in.Lanes = []catalog.Lane{
		lane(overseas, bonded, 25, 4, 1), lane(bonded, jiaxing, 6, 1, 1), lane(bonded, foshan, 6, 1, 1),
		lane(jiaxing, xuhui, 1, 0.2, 1), lane(foshan, nanshan, 1, 0.2, 1), lane(xuhui, station, 1, 0, 1),
	}
	in.Sources[0].ShipsTo, in.Sources[0].LeadMean = overseas, 14
	in.Demand = []replenishment.Demand{flat(xuhui, 90, 12, 4), flat(nanshan, 90, 8, 3), flat(station, 90, 2, 1)}
	in.Positions = []replenishment.Position{
		{Site: overseas, OnHand: 300}, {Site: bonded, OnHand: 300}, {Site: jiaxing, OnHand: 20}, {Site: foshan, OnHand: 200},
		{Site: xuhui, OnHand: 3}, {Site: nanshan, OnHand: 60}, {Site: station, OnHand: 9},
	}
	in.Supply = nil
	return in
}

func TestGoodsFlowDownTheChain(t *testing.T) {
	r := replenishment.Plan(chain())
	if len(find(r, replenishment.Buy, jiaxing))+len(find(r, replenishment.Buy, bonded))+len(find(r, replenishment.Buy, xuhui)) > 0 {
		t.Errorf("only the overseas site may buy:%s", brief(r))
	}
	b := only(t, r, replenishment.Buy, overseas)
	// 14 days + 7 of review + the way down to the shelves, which is at least 25 + 6 days.
	if b.Explanation.Inputs.DownstreamDays < 31 || b.Explanation.Steps[0].Args.Sites != 7 {
		t.Errorf("the purchase looks at %.1f days downstream and %d sites", b.Explanation.Inputs.DownstreamDays, b.Explanation.Steps[0].Args.Sites)
	}
	if m := only(t, r, replenishment.Transfer, jiaxing); m.From != bonded {
		t.Errorf("Jiaxing is filled from %d", m.From)
	}
	m := only(t, r, replenishment.Transfer, xuhui)
	if m.From != jiaxing || m.Pieces > 20 {
		t.Errorf("Xuhui gets %d of 20 from %d", m.Pieces, m.From)
	}
	if warned(m.Warnings, replenishment.WarnSourceShort) == nil {
		t.Errorf("nobody is told that Jiaxing is short: %v", m.Warnings)
	}
}

func TestShortSourceIsSharedFairly(t *testing.T) {
	in := teether()
	in.SKU.CartonPieces = 1
	in.Demand = []replenishment.Demand{flat(xuhui, 60, 60, 0.1), flat(binjiang, 60, 30, 0.1), flat(jianye, 60, 30, 0.1)}
	in.Positions = []replenishment.Position{{Site: jiaxing, OnHand: 100}}
	in.Supply, in.Sites = nil, slices.DeleteFunc(in.Sites, func(s catalog.Site) bool { return s.ID == foshan })
	r := replenishment.Plan(in)
	a, b, c := only(t, r, replenishment.Transfer, xuhui), only(t, r, replenishment.Transfer, binjiang), only(t, r, replenishment.Transfer, jianye)
	if a.Pieces+b.Pieces+c.Pieces != 100 || a.Pieces < 49 || a.Pieces > 51 || b.Pieces < 24 || c.Pieces < 24 {
		t.Errorf("100 pieces are shared as %d, %d, %d", a.Pieces, b.Pieces, c.Pieces)
	}
}

func TestSourceKeepsItsOwnNeed(t *testing.T) {
	in := teether()
	in.SKU.CartonPieces = 1
	in.Positions[0] = replenishment.Position{Site: jiaxing, OnHand: 900}
	r := replenishment.Plan(in) // 4 days until 600 arrive, 214 a day of its own: 856 stay
	if m := only(t, r, replenishment.Transfer, xuhui); m.Pieces != 900-4*214 {
		t.Errorf("Jiaxing sends %d", m.Pieces)
	}
}

func TestAnotherRegionBridgesTheGap(t *testing.T) {
	in := teether()
	in.Positions = append(in.Positions, replenishment.Position{Site: foshan, OnHand: 5000})
	in.Demand = append(in.Demand, flat(foshan, 60, 100, 20))
	r := replenishment.Plan(in)
	m := only(t, r, replenishment.Transfer, jiaxing)
	if m.From != foshan || m.Reason != replenishment.ReasonGap || m.ArriveBy != today.AddDays(2) {
		t.Errorf("%s", brief(r))
	}
	b := only(t, r, replenishment.Buy, jiaxing)
	if step(b, replenishment.WhyMoved) != -m.Pieces {
		t.Errorf("the purchase does not count the %d pieces moved:%s", m.Pieces, brief(r))
	}
	if w := warned(b.Warnings, replenishment.WarnGapMoved); w == nil || w.Args.Pieces != m.Pieces || w.Args.SiteName.ZH != "佛山" {
		t.Errorf("the buyer is not told of it: %v", b.Warnings)
	}
	// Foshan must keep enough for itself until its own order could come.
	if left := 5000 - m.Pieces; left < 900 {
		t.Errorf("Foshan is left with %d", left)
	}
}

func TestClearing(t *testing.T) {
	in := milk()
	in.SKU.Core, in.Class = false, replenishment.ClassNormal
	in.Positions[0] = replenishment.Position{Site: jiaxing, OnHand: 9000}
	c := only(t, replenishment.Plan(in), replenishment.Clear, jiaxing)
	if c.Reason != replenishment.ReasonExcess || c.Pieces != (9000-60*96)/6*6 || c.Money != in.Cost*3240 {
		t.Errorf("%d pieces, %s: %+v", c.Pieces, c.Reason, c.Explanation.Steps)
	}
	if l := levelOf(t, replenishment.Plan(in), jiaxing); l.Status != replenishment.TooMuch {
		t.Errorf("status %s", l.Status)
	}
	launched := today.AddDays(-10)
	in.SKU.Launched = &launched
	if r := replenishment.Plan(in); len(r.Suggestions) != 0 {
		t.Errorf("goods ten days old are cleared:%s", brief(r))
	}
	in.SKU.ShelfLifeDays, in.Positions[0].OnHand = 100, 3000
	in.Positions[0].Expiring = []replenishment.Expiring{{Pieces: 1140, LastDay: today.AddDays(9)}}
	c = only(t, replenishment.Plan(in), replenishment.Clear, jiaxing)
	if c.Reason != replenishment.ReasonExpiry || c.Pieces != 1140-960 || *c.Explanation.Steps[0].Args.Date != today.AddDays(9) || c.Explanation.Steps[0].Args.LifeShare != 0.10 {
		t.Errorf("%d pieces, %s: %+v", c.Pieces, c.Reason, c.Explanation.Steps)
	}
}

// heated is the teether with a leap of its topic and goods that come in 30 days.
func heated() replenishment.Snapshot {
	in := teether()
	in.Sources[0].LeadMean = 30
	for i := range in.Demand {
		d := &in.Demand[i]
		d.Topic, d.TopicRatio = catalog.Name{ZH: "出牙"}, 9.7
		for k := range d.Mean {
			h := 1.0
			if k < 20 {
				h = 2.6
			}
			d.Heat = append(d.Heat, h)
			d.Mean[k] *= h
		}
	}
	return in
}

func TestHeatIsTheReasonAndAPresale(t *testing.T) {
	r := replenishment.Plan(heated())
	b := only(t, r, replenishment.Buy, jiaxing)
	i := b.Explanation.Inputs
	if b.Reason != replenishment.ReasonHeat || i.Topic.ZH != "出牙" || i.TopicRatio != 9.7 || i.HeatPeak != 2.6 || i.HeatMultiplier < 1.8 {
		t.Errorf("%s: %+v", b.Reason, i)
	}
	p := only(t, r, replenishment.Presell, jiaxing)
	if p.Reason != replenishment.ReasonHeat || p.ArriveBy != b.ArriveBy || p.Money != in29(p.Pieces) || p.Pieces%60 != 0 {
		t.Errorf("%s", brief(r))
	}
	checkSum(t, p)
	calm := teether()
	calm.Sources[0].LeadMean = 30
	if r := replenishment.Plan(calm); len(find(r, replenishment.Presell, jiaxing)) != 0 {
		t.Errorf("an ordinary gap became a pre-sale:%s", brief(r))
	}
}

func in29(n quantity.Pieces) money.Fen { return money.Fen(n) * 29_90 }

func TestEventIsTheReason(t *testing.T) {
	in := teether()
	for i := range in.Demand {
		d := &in.Demand[i]
		d.Events = []replenishment.Event{{Name: catalog.Name{ZH: "双12"}, From: today.AddDays(5), To: today.AddDays(7), Multiplier: 3}}
		for k := 5; k <= 7; k++ {
			d.Mean[k] *= 3
		}
	}
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if b.Reason != replenishment.ReasonEvent || b.Explanation.Inputs.Event.ZH != "双12" {
		t.Errorf("%s, %+v", b.Reason, b.Explanation.Inputs.Event)
	}
	if e := b.Explanation.Inputs.DemandEvents; e < 393*6-1 || e > 393*6+1 { // three days of twice as much again
		t.Errorf("the event brings %.0f pieces", e)
	}
}

func TestRetiredGoodsAreNotBought(t *testing.T) {
	in := milk()
	end := today.AddDays(20)
	in.SKU.Retired = &end
	r := replenishment.Plan(in)
	if len(find(r, replenishment.Buy, jiaxing)) != 0 || warned(r.Warnings, replenishment.WarnRetired) == nil {
		t.Errorf("%s", brief(r))
	}
}

func TestFaultsAreWarnedOf(t *testing.T) {
	in := teether()
	in.Lanes = append(in.Lanes, lane(xuhui, jiaxing, 1, 0, 1))
	in.Positions = append(in.Positions, replenishment.Position{Site: 99, OnHand: 5}, replenishment.Position{Site: foshan, OnHand: -4})
	in.Demand[1].Mean[3] = -7
	in.Demand = append(in.Demand, flat(98, 5, 1, 1))
	in.Sites = append(in.Sites, site(40, "IS", "孤岛", catalog.Front))
	in.Demand = append(in.Demand, flat(40, 30, 5, 2))
	r := replenishment.Plan(in)
	for _, c := range []replenishment.WarningCode{
		replenishment.WarnUnknownSite, replenishment.WarnBadPosition, replenishment.WarnBadDemand, replenishment.WarnNoSource,
	} {
		if warned(r.Warnings, c) == nil {
			t.Errorf("no %s", c)
		}
	}
	only(t, r, replenishment.Buy, jiaxing) // and the rest is planned
	// Two fronts that feed each other, and nobody else feeds.
	in = teether()
	in.Lanes = []catalog.Lane{lane(xuhui, binjiang, 1, 0, 1), lane(binjiang, xuhui, 1, 0, 1)}
	if r := replenishment.Plan(in); warned(r.Warnings, replenishment.WarnNoSource) == nil && warned(r.Warnings, replenishment.WarnNoSupplier) == nil {
		t.Errorf("%s", brief(r))
	}
}

func TestNothingToPlan(t *testing.T) {
	r := replenishment.Plan(replenishment.Snapshot{Today: today})
	if len(r.Levels)+len(r.Suggestions)+len(r.Withdrawn)+len(r.Warnings) != 0 {
		t.Errorf("%+v", r)
	}
	in := teether()
	in.Positions, in.Demand, in.Supply = nil, nil, nil
	if r := replenishment.Plan(in); len(r.Levels)+len(r.Suggestions) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestSlowItemHoldsAPieceInFront(t *testing.T) {
	in := teether()
	in.Demand = []replenishment.Demand{flat(xuhui, 60, 0.06, 0.25)}
	in.Positions = []replenishment.Position{{Site: jiaxing, OnHand: 10}}
	in.Supply = nil
	r := replenishment.Plan(in)
	if m := only(t, r, replenishment.Transfer, xuhui); m.Pieces != 1 || m.Pack != 1 {
		t.Errorf("%d pieces in steps of %d", m.Pieces, m.Pack)
	}
}

func TestFillRateNeedsLessThanCycleServiceOnShortIntervals(t *testing.T) {
	in := milk()
	cycle := levelOf(t, replenishment.Plan(in), jiaxing).SafetyPieces
	in.Settings.Measure = replenishment.FillRate
	if fill := levelOf(t, replenishment.Plan(in), jiaxing).SafetyPieces; fill >= cycle || fill == 0 {
		t.Errorf("fill rate holds %d, cycle service %d", fill, cycle)
	}
}
