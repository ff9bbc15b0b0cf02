package simulation

import "slices"

// batch is pieces of one expiry.
type batch struct{ pieces, expiry int }

// shelf is the stock of one SKU at one location, first expired first.
type shelf []batch

func (s shelf) total() int {
	n := 0
	for _, b := range s {
		n += b.pieces
	}
	return n
}

// put adds a batch behind those that end no later.
func (s *shelf) put(b batch) {
	i := len(*s)
	for i > 0 && (*s)[i-1].expiry > b.expiry {
		i--
	}
	if i > 0 && (*s)[i-1].expiry == b.expiry {
		(*s)[i-1].pieces += b.pieces
		return
	}
	*s = slices.Insert(*s, i, b)
}

// take removes up to n pieces, first expired first, and gives what it took.
func (s *shelf) take(n int) []batch {
	var got []batch
	for n > 0 && len(*s) > 0 {
		b := &(*s)[0]
		k := min(n, b.pieces)
		got = append(got, batch{k, b.expiry})
		n -= k
		if b.pieces -= k; b.pieces == 0 {
			*s = (*s)[1:]
		}
	}
	return got
}

// drop removes what expires within less than least days from day on, and tells how many pieces that were.
func (s *shelf) drop(day, least int) int {
	n := 0
	for len(*s) > 0 && (*s)[0].expiry-day < least {
		n += (*s)[0].pieces
		*s = (*s)[1:]
	}
	return n
}

// shipment is pieces on their way to a location. ordered and lane tell what a policy may expect of it; first is the day
// on which its first part arrives, part its number of days after it.
type shipment struct {
	batch
	to      Loc
	arrives int
	ordered int
	lane    Lane
	part    int
}
