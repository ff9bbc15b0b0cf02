package models

import (
	"cmp"
	"slices"

	"milkrun/forecasting/backtest"
)

// MembersOf gives the items of a set as a panel: grouped by the columns of its product list and the parts of the names, with
// the promotions of rivals as context.
func MembersOf(d *backtest.Dataset) []Member {
	out := make([]Member, len(d.Items))
	levels, site := levelsOf(d)
	for i, it := range d.Items {
		s, fut := d.Case(it)
		out[i] = Member{Series: s, Future: fut}
		for _, l := range levels {
			out[i].Groups = append(out[i].Groups, d.Attributes[l][i])
		}
		if site != "" {
			out[i].Site = d.Attributes[site][i]
		}
	}
	if len(d.Plan) > 0 && site != "" && len(levels) > 0 {
		addRivals(out)
	}
	return out
}

// levelsOf sorts the attributes from coarse to fine and tells which of the parts of the names is the place: the one that does
// not determine the other attributes.
func levelsOf(d *backtest.Dataset) (levels []string, site string) {
	sizes := map[string]int{}
	for name, v := range d.Attributes {
		sorted := slices.Clone(v)
		slices.Sort(sorted)
		sizes[name] = len(slices.Compact(sorted))
		levels = append(levels, name)
	}
	slices.SortFunc(levels, func(a, b string) int { return cmp.Or(cmp.Compare(sizes[a], sizes[b]), cmp.Compare(a, b)) })
	determines := func(part string) bool {
		seen := map[string]string{}
		for i, v := range d.Attributes[part] {
			for _, l := range levels {
				if l == "name 1" || l == "name 2" {
					continue
				}
				key := l + "\x00" + v
				if was, ok := seen[key]; ok && was != d.Attributes[l][i] {
					return false
				}
				seen[key] = d.Attributes[l][i]
			}
		}
		return true
	}
	for _, part := range []string{"name 2", "name 1"} {
		if d.Attributes[part] != nil && (!determines(part) || site == "" && part == "name 1" && len(levels) == 2) {
			site = part
		}
	}
	levels = slices.DeleteFunc(levels, func(l string) bool { return l == site })
	return levels, site
}

// addRivals sets as context the mean price cut and the mean flags of the other members of the same place and coarsest group,
// period by period.
func addRivals(members []Member) {
	type place struct{ site, group string }
	type sums struct {
		cut, flags, n map[int]float64
	}
	all := map[place]*sums{}
	each := func(m *Member, f func(s *sums, day int, cut, flag float64)) {
		s := all[place{m.Site, m.Groups[0]}]
		n := m.Series.Len()
		for i := range n + len(m.Future.Promo) {
			cut, flag := 0.0, 0.0
			if i < n {
				if m.Series.Promo != nil {
					cut = m.Series.Promo[i]
				}
			} else {
				cut = m.Future.Depth(i - n)
			}
			for c := range m.Series.Extra {
				if i < n {
					flag += m.Series.Extra[c][i]
				} else {
					flag += m.Future.Driver(c, i-n)
				}
			}
			f(s, int(m.Series.Start)+i, cut, flag)
		}
	}
	for i := range members {
		key := place{members[i].Site, members[i].Groups[0]}
		if all[key] == nil {
			all[key] = &sums{map[int]float64{}, map[int]float64{}, map[int]float64{}}
		}
		each(&members[i], func(s *sums, day int, cut, flag float64) {
			s.cut[day] += cut
			s.flags[day] += flag
			s.n[day]++
		})
	}
	for i := range members {
		var a, b []float64
		each(&members[i], func(s *sums, day int, cut, flag float64) {
			others := max(s.n[day]-1, 1)
			a, b = append(a, (s.cut[day]-cut)/others), append(b, (s.flags[day]-flag)/others)
		})
		members[i].Context = [][]float64{a, b}
	}
}
