package instance

import (
	"fmt"
	"slices"
	"strings"
)

func isVRPLIB(lines []line) bool {
	for _, l := range lines[:min(len(lines), 12)] {
		if key, _, ok := strings.Cut(l.text, ":"); ok {
			switch strings.TrimSpace(key) {
			case "NAME", "TYPE", "DIMENSION", "COMMENT", "EDGE_WEIGHT_TYPE":
				return true
			}
		}
		if strings.HasSuffix(l.fields[0], "_SECTION") {
			return true
		}
	}
	return false
}

// vrplib is a file of keys and sections, as far as it was read.
type vrplib struct {
	*File
	keys     map[string]line
	sections map[string][]line
	where    map[string]line
}

// understood are the keys and sections that are read. Others change the
// problem in ways we would miss, so they are refused.
var (
	understoodKeys = []string{"NAME", "COMMENT", "TYPE", "DIMENSION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "CAPACITY", "VEHICLES",
		"VEHICLES_MAX_DURATION", "SERVICE_TIME", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE"}
	understoodSections = []string{"NODE_COORD_SECTION", "DEMAND_SECTION", "TIME_WINDOW_SECTION", "SERVICE_TIME_SECTION",
		"RELEASE_TIME_SECTION", "VEHICLES_DEPOT_SECTION", "VEHICLES_RELOAD_DEPOT_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION"}
)

func readVRPLIB(lines []line) (*File, error) {
	v := &vrplib{File: &File{Format: VRPLIB, Trips: 1}, keys: map[string]line{}, sections: map[string][]line{}, where: map[string]line{}}
	if err := v.split(lines); err != nil {
		return nil, err
	}
	for _, step := range []func() error{v.header, v.coordinates, v.depots, v.demands, v.times, v.vehicles} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	v.lineOf = v.line
	return v.File, nil
}

// line is where a quantity of node i stands.
func (v *vrplib) line(i int, q quantity) int {
	section := [...]string{place: "NODE_COORD_SECTION", demand: "DEMAND_SECTION", window: "TIME_WINDOW_SECTION", service: "SERVICE_TIME_SECTION",
		release: "RELEASE_TIME_SECTION"}[q]
	switch rows := v.sections[section]; {
	case i < len(rows):
		return rows[i].no
	case q == service:
		return v.keys["SERVICE_TIME"].no
	}
	return 0
}

// split sorts the lines by key and section.
func (v *vrplib) split(lines []line) error {
	section := ""
	for _, l := range lines {
		first := l.fields[0]
		c := first[0]
		switch key, value, ok := strings.Cut(l.text, ":"); {
		case first == "EOF":
			return nil
		case strings.HasSuffix(first, "_SECTION"):
			if !slices.Contains(understoodSections, first) {
				return l.fault("section %s is not understood", first)
			}
			if _, twice := v.where[first]; twice {
				return l.fault("section %s stands twice", first)
			}
			section = first
			v.where[first] = l
			v.sections[first] = nil
		case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.':
			if section == "" {
				return l.fault("numbers outside of any section")
			}
			v.sections[section] = append(v.sections[section], l)
		case ok:
			key = strings.TrimSpace(key)
			if !slices.Contains(understoodKeys, key) {
				return l.fault("%s is not understood", key)
			}
			v.keys[key] = line{l.no, strings.TrimSpace(value), strings.Fields(value)}
			section = ""
		default:
			return l.fault("%q is neither key, section nor numbers", l.text[:min(len(l.text), 60)])
		}
	}
	return nil
}

func (v *vrplib) header() error {
	v.Name = strings.Trim(v.keys["NAME"].text, `" `)
	l, ok := v.keys["DIMENSION"]
	if !ok {
		return fmt.Errorf("DIMENSION is missing: %w", ErrFormat)
	}
	n, err := l.whole(0, "DIMENSION")
	if err != nil {
		return err
	}
	if n < 1 || n > mostNodes {
		return l.fault("DIMENSION %d", n)
	}
	v.Nodes = make([]Node, n)
	if l, ok = v.keys["CAPACITY"]; !ok {
		return fmt.Errorf("CAPACITY is missing: %w", ErrFormat)
	}
	if v.Capacity, err = l.whole(0, "CAPACITY"); err != nil {
		return err
	}
	if l, ok := v.keys["VEHICLES_MAX_DURATION"]; ok {
		if v.MaxDuration, err = l.number(0, "VEHICLES_MAX_DURATION"); err != nil {
			return err
		}
		if v.MaxDuration <= 0 {
			return l.fault("VEHICLES_MAX_DURATION %g", v.MaxDuration)
		}
	}
	return nil
}

// rows gives the lines of a section in the order of nodes, each line once.
func (v *vrplib) rows(section string, fields int) ([]line, error) {
	rows := v.sections[section]
	if len(rows) != len(v.Nodes) {
		return nil, v.where[section].fault("%s has %d lines, DIMENSION says %d", section, len(rows), len(v.Nodes))
	}
	for i, l := range rows {
		if len(l.fields) != fields {
			return nil, l.fault("%d fields in %s, expected %d", len(l.fields), section, fields)
		}
		id, err := l.whole(0, "the node")
		if err != nil {
			return nil, err
		}
		if id != int64(i)+1 {
			return nil, l.fault("node %d where %d is expected", id, i+1)
		}
	}
	return rows, nil
}

func (v *vrplib) coordinates() error {
	switch kind := v.keys["EDGE_WEIGHT_TYPE"]; kind.text {
	case "EUC_2D":
	case "EXPLICIT":
		if err := v.matrix(); err != nil {
			return err
		}
	case "":
		return fmt.Errorf("EDGE_WEIGHT_TYPE is missing: %w", ErrFormat)
	default:
		return kind.fault("EDGE_WEIGHT_TYPE %s: EUC_2D and EXPLICIT are understood", kind.text)
	}
	for i := range v.Nodes {
		v.Nodes[i].ID = i + 1
	}
	if _, ok := v.where["NODE_COORD_SECTION"]; !ok {
		if v.Explicit != nil {
			return nil
		}
		return fmt.Errorf("NODE_COORD_SECTION is missing: %w", ErrFormat)
	}
	rows, err := v.rows("NODE_COORD_SECTION", 3)
	if err != nil {
		return err
	}
	for i, l := range rows {
		n := &v.Nodes[i]
		if n.X, err = l.number(1, "x"); err != nil {
			return err
		}
		if n.Y, err = l.number(2, "y"); err != nil {
			return err
		}
	}
	return nil
}

// matrix reads a full matrix of ways.
func (v *vrplib) matrix() error {
	n := len(v.Nodes)
	if f := v.keys["EDGE_WEIGHT_FORMAT"]; f.text != "FULL_MATRIX" {
		return f.fault("EDGE_WEIGHT_FORMAT %q: FULL_MATRIX is understood", f.text)
	}
	last := v.where["EDGE_WEIGHT_SECTION"]
	for _, l := range v.sections["EDGE_WEIGHT_SECTION"] {
		for k := range l.fields {
			w, err := l.number(k, "the weight")
			if err != nil {
				return err
			}
			if w < 0 || w > 1e9 {
				return l.fault("weight %g", w)
			}
			v.Explicit = append(v.Explicit, w)
		}
		last = l
	}
	if len(v.Explicit) != n*n {
		return last.fault("EDGE_WEIGHT_SECTION has %d weights, expected %d", len(v.Explicit), n*n)
	}
	return nil
}

func (v *vrplib) depots() error {
	for _, l := range v.sections["DEPOT_SECTION"] {
		for k := range l.fields {
			id, err := l.whole(k, "the depot")
			if err != nil {
				return err
			}
			if id == -1 {
				return nil
			}
			if id != int64(v.Depots)+1 || v.Depots == len(v.Nodes) {
				return l.fault("depot %d: depots are the nodes 1, 2, …", id)
			}
			v.Depots++
		}
	}
	if v.Depots == 0 {
		return fmt.Errorf("DEPOT_SECTION names no depot: %w", ErrFormat)
	}
	return nil
}

func (v *vrplib) demands() error {
	if _, ok := v.where["DEMAND_SECTION"]; !ok {
		return fmt.Errorf("DEMAND_SECTION is missing: %w", ErrFormat)
	}
	rows, err := v.rows("DEMAND_SECTION", 2)
	if err != nil {
		return err
	}
	for i, l := range rows {
		if v.Nodes[i].Demand, err = l.whole(1, "the demand"); err != nil {
			return err
		}
		if i < v.Depots && v.Nodes[i].Demand != 0 {
			return l.fault("depot %d has a demand", i+1)
		}
	}
	return nil
}

func (v *vrplib) times() error {
	if _, ok := v.where["TIME_WINDOW_SECTION"]; ok {
		v.Windows = true
		rows, err := v.rows("TIME_WINDOW_SECTION", 3)
		if err != nil {
			return err
		}
		for i, l := range rows {
			if v.Nodes[i].Ready, err = l.number(1, "the window's begin"); err != nil {
				return err
			}
			if v.Nodes[i].Due, err = l.number(2, "the window's end"); err != nil {
				return err
			}
			if v.Nodes[i].Due < v.Nodes[i].Ready {
				return l.fault("the window of node %d ends before it begins", i+1)
			}
		}
	}
	if l, ok := v.keys["SERVICE_TIME"]; ok {
		s, err := l.number(0, "SERVICE_TIME")
		if err != nil {
			return err
		}
		for i := v.Depots; i < len(v.Nodes); i++ {
			v.Nodes[i].Service = s
		}
	}
	for _, x := range []struct {
		section string
		field   func(*Node) *float64
	}{
		{"SERVICE_TIME_SECTION", func(n *Node) *float64 { return &n.Service }},
		{"RELEASE_TIME_SECTION", func(n *Node) *float64 { return &n.Release }},
	} {
		if _, ok := v.where[x.section]; !ok {
			continue
		}
		rows, err := v.rows(x.section, 2)
		if err != nil {
			return err
		}
		for i, l := range rows {
			if *x.field(&v.Nodes[i]), err = l.number(1, "the time"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *vrplib) vehicles() error {
	count := int64(len(v.Nodes) - v.Depots)
	v.Unlimited = true
	if l, ok := v.keys["VEHICLES"]; ok {
		var err error
		if count, err = l.whole(0, "VEHICLES"); err != nil {
			return err
		}
		if count < 1 || count > mostNodes {
			return l.fault("VEHICLES %d", count)
		}
		v.Unlimited = false
	}
	v.Vehicle = make([]int, count)
	depot := func(section string, each func(vehicle int, depot int)) error {
		rows := v.sections[section]
		if len(rows) != int(count) {
			return v.where[section].fault("%s has %d lines, VEHICLES says %d", section, len(rows), count)
		}
		for i, l := range rows {
			if len(l.fields) != 2 {
				return l.fault("%d fields in %s, expected 2", len(l.fields), section)
			}
			k, err := l.whole(0, "the vehicle")
			if err != nil {
				return err
			}
			d, err := l.whole(1, "the depot")
			if err != nil {
				return err
			}
			if k != int64(i)+1 || d < 1 || d > int64(v.Depots) {
				return l.fault("vehicle %d with depot %d: vehicle %d and a depot up to %d are expected", k, d, i+1, v.Depots)
			}
			each(i, int(d)-1)
		}
		return nil
	}
	if _, ok := v.where["VEHICLES_DEPOT_SECTION"]; ok {
		if err := depot("VEHICLES_DEPOT_SECTION", func(i, d int) { v.Vehicle[i] = d }); err != nil {
			return err
		}
	}
	if l, ok := v.where["VEHICLES_RELOAD_DEPOT_SECTION"]; ok {
		v.Trips = len(v.Nodes)
		var elsewhere bool
		if err := depot("VEHICLES_RELOAD_DEPOT_SECTION", func(i, d int) { elsewhere = elsewhere || d != v.Vehicle[i] }); err != nil {
			return err
		}
		if elsewhere {
			return l.fault("reloading at another depot than the vehicle's own is not understood")
		}
	}
	return nil
}
