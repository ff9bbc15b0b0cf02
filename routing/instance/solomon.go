package instance

import (
	"fmt"
	"strings"
)

func isSolomon(lines []line) bool {
	for _, l := range lines[:min(len(lines), 6)] {
		if strings.EqualFold(l.fields[0], "VEHICLE") {
			return true
		}
	}
	return false
}

// readSolomon reads the format of Solomon (1987), also of Gehring and
// Homberger (1999).
func readSolomon(lines []line) (*File, error) {
	f := &File{Name: lines[0].text, Format: Solomon, Depots: 1, Trips: 1, Windows: true}
	k := 0
	for ; k < len(lines); k++ {
		if strings.EqualFold(lines[k].fields[0], "VEHICLE") {
			break
		}
	}
	if k == 0 {
		f.Name = ""
	}
	k += 2 // NUMBER CAPACITY
	if k >= len(lines) {
		return nil, fmt.Errorf("the file ends before the number of vehicles: %w", ErrFormat)
	}
	count, err := lines[k].whole(0, "the number of vehicles")
	if err != nil {
		return nil, err
	}
	if count < 1 || count > mostNodes {
		return nil, lines[k].fault("%d vehicles", count)
	}
	if f.Capacity, err = lines[k].whole(1, "the capacity"); err != nil {
		return nil, err
	}
	f.Vehicle = make([]int, count)
	var numbers []int
	f.lineOf = func(i int, _ quantity) int { return numbers[i] }
	for k++; k < len(lines); k++ {
		l := lines[k]
		if c := l.fields[0][0]; (c < '0' || c > '9') && c != '-' && c != '+' {
			if len(f.Nodes) > 0 || !strings.EqualFold(l.fields[0], "CUSTOMER") && !strings.EqualFold(l.fields[0], "CUST") {
				return nil, l.fault("%q where a customer's line is expected", l.text)
			}
			continue
		}
		n, err := l.node("id", "x", "y", "demand", "ready time", "due date", "service time")
		if err != nil {
			return nil, err
		}
		if len(l.fields) != 7 {
			return nil, l.fault("%d fields, expected 7: id x y demand ready due service", len(l.fields))
		}
		if n.ID != len(f.Nodes) {
			return nil, l.fault("customer %d where %d is expected", n.ID, len(f.Nodes))
		}
		f.Nodes = append(f.Nodes, n)
		numbers = append(numbers, l.no)
	}
	if len(f.Nodes) == 0 {
		return nil, fmt.Errorf("no depot and no customers: %w", ErrFormat)
	}
	return f, nil
}

// node reads the fields that Solomon's and Li & Lim's lines share.
func (l line) node(names ...string) (Node, error) {
	var v [7]float64
	for i, name := range names {
		var err error
		if i == 0 || i == 3 {
			var w int64
			w, err = l.whole(i, name)
			v[i] = float64(w)
		} else {
			v[i], err = l.number(i, name)
		}
		if err != nil {
			return Node{}, err
		}
	}
	return Node{ID: int(v[0]), X: v[1], Y: v[2], Demand: int64(v[3]), Ready: v[4], Due: v[5], Service: v[6]}, nil
}

// readLiLim reads the format of Li and Lim (2001).
func readLiLim(lines []line) (*File, error) {
	f := &File{Format: LiLim, Depots: 1, Trips: 1, Windows: true, pickups: true}
	head := lines[0]
	count, err := head.whole(0, "the number of vehicles")
	if err != nil {
		return nil, &LineError{head.no, "neither Solomon, Li & Lim nor VRPLIB: " + head.text[:min(len(head.text), 60)]}
	}
	if f.Capacity, err = head.whole(1, "the capacity"); err != nil {
		return nil, err
	}
	if len(head.fields) > 3 {
		return nil, head.fault("%d fields, expected 3: vehicles capacity speed", len(head.fields))
	}
	if len(head.fields) == 3 {
		// The speed is 0 or 1 in the published files and means nothing.
		if _, err := head.number(2, "the speed"); err != nil {
			return nil, err
		}
	}
	if count < 1 || count > mostNodes {
		return nil, head.fault("%d vehicles", count)
	}
	f.Vehicle = make([]int, count)
	f.lineOf = func(i int, _ quantity) int { return lines[i+1].no }
	mates := make([][2]int64, 0, len(lines))
	for _, l := range lines[1:] {
		n, err := l.node("id", "x", "y", "demand", "ready time", "due date", "service time")
		if err != nil {
			return nil, err
		}
		if len(l.fields) != 9 {
			return nil, l.fault("%d fields, expected 9: id x y demand ready due service pickup delivery", len(l.fields))
		}
		if n.ID != len(f.Nodes) {
			return nil, l.fault("node %d where %d is expected", n.ID, len(f.Nodes))
		}
		p, err := l.whole(7, "pickup")
		if err != nil {
			return nil, err
		}
		d, err := l.whole(8, "delivery")
		if err != nil {
			return nil, err
		}
		mates = append(mates, [2]int64{p, d})
		f.Nodes = append(f.Nodes, n)
	}
	if len(f.Nodes) == 0 {
		return nil, fmt.Errorf("no depot and no nodes: %w", ErrFormat)
	}
	for i := 1; i < len(f.Nodes); i++ {
		l, m := lines[i+1], mates[i]
		mate := m[0] + m[1]
		switch {
		case (m[0] > 0) == (m[1] > 0):
			return nil, l.fault("node %d must name either its pickup or its delivery", i)
		case mate < 1 || mate >= int64(len(f.Nodes)) || mate == int64(i):
			return nil, l.fault("node %d names %d, which is no other node", i, mate)
		case mates[mate][0]+mates[mate][1] != int64(i) || (mates[mate][0] > 0) == (m[0] > 0):
			return nil, l.fault("nodes %d and %d do not name each other as pickup and delivery", i, mate)
		case f.Nodes[i].Demand != -f.Nodes[mate].Demand || m[1] > 0 && f.Nodes[i].Demand < 0:
			return nil, l.fault("the demands %d and %d of nodes %d and %d do not belong together", f.Nodes[i].Demand, f.Nodes[mate].Demand, i, mate)
		}
		f.Nodes[i].Mate = int(mate)
	}
	f.markPickups(mates)
	return f, nil
}

// markPickups notes pairs without load, whose sign does not tell their ends.
func (f *File) markPickups(mates [][2]int64) {
	for i := 1; i < len(f.Nodes); i++ {
		if mates[i][0] > 0 {
			f.Nodes[i].Mate = -f.Nodes[i].Mate // a delivery
		}
	}
}
