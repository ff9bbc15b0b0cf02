package dispatch

import "slices"

// Pooling says when a planned trip leaves and who of it stays for company of its own: the price of waiting against the saving.
// The minute's plan of a warehouse and the same-day protocol on published instances decide by the same rules.
type Pooling struct {
	// Margin is how many seconds before its last moment a trip leaves, for ways that take longer than planned.
	Margin int64 `json:"margin"`
	// Full is the share of the room, in thousandths, from which a trip leaves although it could wait: there is little room left
	// for what may come. 0: none does.
	Full int64 `json:"full"`
	// Crowded is the share of riders in use, in thousandths, from which a trip that fills Half of its room, in thousandths, leaves
	// without waiting for company: riders are what is short then. 0: never.
	Crowded int64 `json:"crowded"`
	Half    int64 `json:"half"`
	// Prize is the price of a place: the share of a stop's own way there and back, in thousandths, that its detour may cost in a
	// trip that leaves. A stop that costs more and can wait Patience seconds beyond the margin stays for company of its own.
	// 0: everybody of the trip rides.
	Prize    int64 `json:"prize"`
	Patience int64 `json:"patience"`
}

// Departure is a planned trip whose vehicle is in, as Pooling judges it.
type Departure struct {
	// Last is the instant by which it must have left, so that it and what follows it are in time. It may be earlier than now.
	Last int64
	// Fill is how much of the room it takes, in thousandths, of the dimension that is fullest.
	Fill int64
	// Crowded is the share of riders in use, in thousandths.
	Crowded int64
	// Stops counts the trip's stops. Way is what the way from one to another costs, −1 being the warehouse; Alone is the instant
	// by which a stop must have left on a trip of its own.
	Stops int
	Way   func(a, b int) int64
	Alone func(stop int) int64
}

// Leaves tells which stops of a trip leave now, in their order, when the next decision is so many seconds away; none: the whole
// trip waits.
func (p Pooling) Leaves(now, next int64, d Departure) []int {
	must := d.Last <= now+next+p.Margin
	full := p.Full > 0 && d.Fill >= p.Full
	short := p.Crowded > 0 && d.Crowded >= p.Crowded && d.Fill >= p.Half
	if !must && !full && !short {
		return nil
	}
	return p.worth(now, d)
}

// worth leaves out who can wait and costs too much of a detour, the dearest first.
func (p Pooling) worth(now int64, d Departure) []int {
	stops := make([]int, d.Stops)
	for k := range stops {
		stops[k] = k
	}
	for p.Prize > 0 && len(stops) > 1 {
		worst, most := -1, int64(0)
		for i, k := range stops {
			if d.Alone(k) < now+p.Margin+p.Patience {
				continue
			}
			before, after := -1, -1
			if i > 0 {
				before = stops[i-1]
			}
			if i+1 < len(stops) {
				after = stops[i+1]
			}
			if over := 1000*d.detour(before, k, after) - p.Prize*d.own(k); over > most {
				worst, most = i, over
			}
		}
		if worst < 0 {
			break
		}
		stops = slices.Delete(stops, worst, worst+1)
	}
	return stops
}

func (d Departure) detour(before, k, after int) int64 {
	return d.Way(before, k) + d.Way(k, after) - d.Way(before, after)
}

func (d Departure) own(k int) int64 { return d.Way(-1, k) + d.Way(k, -1) }

// Place is the most that a place for the stop may cost in a trip that goes anyway, rather than a trip of its own.
func (p Pooling) Place(own int64) int64 {
	if p.Prize == 0 {
		return own
	}
	return own * p.Prize / 1000
}
