package replenishment

import (
	"cmp"
	"slices"

	"milkrun/internal/quantity"
)

// WatchSKU finds what is wrong with a SKU by the rules, from what the planner saw and what it found: demand that leaps,
// orders that are late, lots that will end before they sell, sales that hang on one supplier.
func WatchSKU(in Snapshot, r Result, rules []AlarmRule) []Alarm {
	var out []Alarm
	if rule, on := ruleOf(rules, WatchSpike); on {
		out = append(out, spikes(&in, &r, rule)...)
	}
	if rule, on := ruleOf(rules, WatchLate); on {
		out = append(out, lateOrders(&in, &r, rule)...)
	}
	if rule, on := ruleOf(rules, WatchExpiring); on {
		out = append(out, expiringLots(&in, &r, rule)...)
	}
	if rule, on := ruleOf(rules, WatchOneSource); on {
		out = append(out, oneSource(&in, &r, rule)...)
	}
	for i := range out {
		out[i].SKU = in.SKU.ID
	}
	slices.SortFunc(out, func(a, b Alarm) int {
		return cmp.Or(cmp.Compare(a.Watch, b.Watch), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Supplier, b.Supplier), cmp.Compare(a.Ref, b.Ref))
	})
	return out
}

// spikeDays is how far ahead a leap of demand is looked for.
const spikeDays = 14

// spikes raises one alarm where heat makes demand leap and stock is short somewhere: at the site that it leaps most at.
func spikes(in *Snapshot, r *Result, rule AlarmRule) []Alarm {
	a := Alarm{AlarmKey: AlarmKey{Watch: rule.Watch}, Limit: rule.Limit}
	most := 0.0
	for _, d := range in.Demand {
		total, base := 0.0, 0.0
		for i, m := range d.Mean[:min(len(d.Mean), spikeDays)] {
			heat := 1.0
			if i < len(d.Heat) && d.Heat[i] > 0 {
				heat = d.Heat[i]
			}
			total, base = total+m, base+m/heat
		}
		if up := ratio(total, base); up >= rule.Limit && total-base > most {
			most, a.Site, a.Value, a.Pieces = total-base, d.Site, up, roundPieces(total-base)
		}
	}
	if a.Site == 0 || a.Pieces < 1 {
		return nil
	}
	a.Remedy = RemedyExpedite
	for _, l := range r.Levels {
		a.Grave = a.Grave || l.Status == Out || l.Status == RunningOut || l.Status == Low && l.PerDay > 0
	}
	if do, ok := remedy(r.Suggestions); ok {
		a.Remedy, a.Do = do.remedy, do.key
	} else if !a.Grave {
		return nil // there is enough, and nothing to do
	}
	return []Alarm{a}
}

// deed is a suggestion as a remedy.
type deed struct {
	remedy Remedy
	key    Key
}

// remedy picks the suggestion that helps a shortage soonest: a backup supplier, a transfer into a gap, a purchase, a
// pre-sale.
func remedy(all []Suggestion) (deed, bool) {
	for _, want := range []struct {
		remedy Remedy
		is     func(*Suggestion) bool
	}{
		{RemedyBackup, func(s *Suggestion) bool { return s.Kind == Buy && s.Backup }},
		{RemedyTransfer, func(s *Suggestion) bool { return s.Kind == Transfer && s.Reason == ReasonGap }},
		{RemedyBuy, func(s *Suggestion) bool { return s.Kind == Buy }},
		{RemedyPresell, func(s *Suggestion) bool { return s.Kind == Presell }},
		{RemedyTransfer, func(s *Suggestion) bool { return s.Kind == Transfer }},
	} {
		for i := range all {
			if want.is(&all[i]) {
				return deed{want.remedy, all[i].Key}, true
			}
		}
	}
	return deed{}, false
}

// lateOrders raises an alarm for each order that should have come.
func lateOrders(in *Snapshot, r *Result, rule AlarmRule) []Alarm {
	late := map[AlarmKey]*Alarm{}
	for _, s := range in.Supply {
		days := float64(in.Today.Sub(s.Arrives))
		if s.Kind != SupplyOrder || s.Pieces <= 0 || days < max(rule.Limit, 1) {
			continue
		}
		k := AlarmKey{Watch: rule.Watch, Site: s.Site, Ref: s.Ref}
		if late[k] == nil {
			late[k] = &Alarm{AlarmKey: k, Limit: rule.Limit, Remedy: RemedyExpedite}
		}
		a := late[k]
		a.Value, a.Pieces = max(a.Value, days), a.Pieces+s.Pieces
		for _, l := range r.Levels {
			a.Grave = a.Grave || l.Site == s.Site && (l.Status == Out || l.Status == RunningOut)
		}
		for _, g := range r.Suggestions {
			if g.Kind == Buy && g.Backup && g.Site == s.Site {
				a.Remedy, a.Do = RemedyBackup, g.Key
			}
		}
	}
	out := make([]Alarm, 0, len(late))
	for _, a := range late {
		out = append(out, *a)
	}
	return out
}

// expiringLots raises an alarm for each site with goods that will end before they sell.
func expiringLots(in *Snapshot, r *Result, rule AlarmRule) []Alarm {
	var out []Alarm
	for _, s := range r.Suggestions {
		if s.Kind != Clear || s.Reason != ReasonExpiry {
			continue
		}
		if yuan := float64(s.Money) / 100; yuan >= rule.Limit {
			out = append(out, Alarm{AlarmKey: AlarmKey{Watch: rule.Watch, Site: s.Site}, Value: yuan, Limit: rule.Limit, Pieces: s.Pieces,
				Grave: s.OrderBy.Sub(in.Today) <= week, Remedy: RemedyClear, Do: s.Key})
		}
	}
	return out
}

// oneSource raises an alarm when much is sold of core or hot goods that only one supplier may deliver.
func oneSource(in *Snapshot, r *Result, rule AlarmRule) []Alarm {
	if in.SKU.Retired != nil || !in.SKU.Core && in.Class != ClassCore && in.Class != ClassHot {
		return nil
	}
	var only *Source
	for i := range in.Sources {
		s := &in.Sources[i]
		if s.Banned != "" {
			continue
		}
		if only != nil && only.Supplier != s.Supplier {
			return nil
		}
		only = s
	}
	if only == nil {
		return nil
	}
	perDay := 0.0
	for _, l := range r.Levels {
		perDay += l.OwnPerDay
	}
	yuan := perDay * float64(in.SKU.Price) / 100
	if yuan < rule.Limit || perDay <= 0 {
		return nil
	}
	return []Alarm{{AlarmKey: AlarmKey{Watch: rule.Watch, Supplier: only.Supplier}, Value: yuan, Limit: rule.Limit,
		Pieces: quantity.Pieces(perDay + 0.5), Remedy: RemedySource}}
}
