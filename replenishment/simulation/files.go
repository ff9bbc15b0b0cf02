package simulation

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Files of a world's folder.
const (
	masterFile = "master.json"
	demandFile = "demand.csv.gz"
	heatFile   = "heat.csv.gz"
)

// master is the file of what is neither demand nor heat.
type master struct {
	Seed     int64              `json:"seed"`
	WarmDays int                `json:"warm_days"`
	SimDays  int                `json:"sim_days"`
	SkipDays int                `json:"skip_days"`
	Promo    map[string]float64 `json:"promo"`
	Parents  map[string]string  `json:"parents"`
	Lead     map[string][]int   `json:"lead_time_by_order_day"`
	Costs    Costs              `json:"costs"`
	SKUs     []SKU              `json:"skus"`
}

// parents is the only network there is.
var parents = map[string]string{"F1": "REG1", "F2": "REG1", "F3": "REG2", "F4": "REG2", "REG1": "OVS", "REG2": "OVS"}

// Load reads the world of a folder: master.json, demand.csv.gz and heat.csv.gz. A file or row that cannot be used
// answers ErrWorld with its place.
func Load(dir string) (*World, error) {
	raw, err := os.ReadFile(filepath.Join(dir, masterFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w; a world is a folder with %s, %s and %s", ErrWorld, err, masterFile, demandFile, heatFile)
	}
	if err != nil {
		return nil, fmt.Errorf("simulation: load: %w", err)
	}
	var m master
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWorld, masterFile, err)
	}
	w := &World{Seed: m.Seed, WarmDays: m.WarmDays, SimDays: m.SimDays, SkipDays: m.SkipDays, Costs: m.Costs, SKUs: m.SKUs,
		Promo: map[int]float64{}, Demand: make([][Fronts][]int, len(m.SKUs)), Heat: make([][]float64, len(m.SKUs))}
	for k, v := range m.Promo {
		day, err := strconv.Atoi(k)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: promo day %q is not a number", ErrWorld, masterFile, k)
		}
		w.Promo[day] = v
	}
	for child, p := range m.Parents {
		if parents[child] != p {
			return nil, fmt.Errorf("%w: %s: parents: %s is filled from %s; want %q", ErrWorld, masterFile, child, p, parents[child])
		}
	}
	for l, name := range laneNames {
		w.Lead[l] = m.Lead[name]
	}
	index := map[string]int{}
	for i, s := range m.SKUs {
		index[s.Code] = i
	}
	if err := readRows(filepath.Join(dir, demandFile), 2, func(row []string) error { return w.demandRow(index, row) }); err != nil {
		return nil, err
	}
	if err := readRows(filepath.Join(dir, heatFile), 1, func(row []string) error { return w.heatRow(index, row) }); err != nil {
		return nil, err
	}
	return w, w.Check()
}

func (w *World) demandRow(index map[string]int, row []string) error {
	i, ok := index[row[0]]
	if !ok {
		return fmt.Errorf("unknown sku %q", row[0])
	}
	f := -1
	for k := range Fronts {
		if Front(k).String() == row[1] {
			f = k
		}
	}
	if f < 0 {
		return fmt.Errorf("front %q, want F1 to F4", row[1])
	}
	if w.Demand[i][f] != nil {
		return fmt.Errorf("%s at %s is there twice", row[0], row[1])
	}
	days := make([]int, 0, len(row)-2)
	for d, v := range row[2:] {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1e9 {
			return fmt.Errorf("day %d: %q is not a number of pieces", d, v)
		}
		days = append(days, n)
	}
	w.Demand[i][f] = days
	return nil
}

func (w *World) heatRow(index map[string]int, row []string) error {
	i, ok := index[row[0]]
	if !ok {
		return fmt.Errorf("unknown sku %q", row[0])
	}
	if w.Heat[i] != nil {
		return fmt.Errorf("%s is there twice", row[0])
	}
	days := make([]float64, 0, len(row)-1)
	for d, v := range row[1:] {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || !(x >= 0 && x < 1e9) {
			return fmt.Errorf("day %d: %q is not a heat", d, v)
		}
		days = append(days, x)
	}
	w.Heat[i] = days
	return nil
}

// readRows gives each row below the heading of a zipped table; rows need more than least fields.
func readRows(path string, least int, take func([]string) error) (err error) {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("simulation: load: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrWorld, name, err)
	}
	r := csv.NewReader(z)
	for line := 1; ; line++ {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, csv.ErrFieldCount):
			return fmt.Errorf("%w: %s, row %d: %d fields, want %d as in the heading", ErrWorld, name, line, len(row), r.FieldsPerRecord)
		case err != nil:
			return fmt.Errorf("%w: %s: %w", ErrWorld, name, err)
		case line == 1:
			continue
		case len(row) <= least:
			return fmt.Errorf("%w: %s, row %d: no days", ErrWorld, name, line)
		}
		if err := take(row); err != nil {
			return fmt.Errorf("%w: %s, row %d: %w", ErrWorld, name, line, err)
		}
	}
}

// Save writes the world as the files that Load reads; the folder is made.
func (w *World) Save(dir string) error {
	if err := w.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("simulation: save: %w", err)
	}
	m := master{Seed: w.Seed, WarmDays: w.WarmDays, SimDays: w.SimDays, SkipDays: w.SkipDays, Costs: w.Costs, SKUs: w.SKUs,
		Promo: map[string]float64{}, Parents: parents, Lead: map[string][]int{}}
	for d, f := range w.Promo {
		m.Promo[strconv.Itoa(d)] = f
	}
	for l, name := range laneNames {
		m.Lead[name] = w.Lead[l]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("simulation: save: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, masterFile), raw, 0o644); err != nil {
		return fmt.Errorf("simulation: save: %w", err)
	}
	head := func(days int, first ...string) []string {
		for d := range days {
			first = append(first, "d"+strconv.Itoa(d))
		}
		return first
	}
	demand := [][]string{head(len(w.Demand[0][0]), "sku", "front")}
	heat := [][]string{head(len(w.Heat[0]), "sku")}
	for i, s := range w.SKUs {
		for f, days := range w.Demand[i] {
			row := []string{s.Code, Front(f).String()}
			for _, n := range days {
				row = append(row, strconv.Itoa(n))
			}
			demand = append(demand, row)
		}
		row := []string{s.Code}
		for _, h := range w.Heat[i] {
			row = append(row, strconv.FormatFloat(h, 'g', -1, 64))
		}
		heat = append(heat, row)
	}
	if err := writeRows(filepath.Join(dir, demandFile), demand); err != nil {
		return err
	}
	return writeRows(filepath.Join(dir, heatFile), heat)
}

func writeRows(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("simulation: save: %w", err)
	}
	z := gzip.NewWriter(f)
	if err := errors.Join(csv.NewWriter(z).WriteAll(rows), z.Close(), f.Close()); err != nil {
		return fmt.Errorf("simulation: save %s: %w", filepath.Base(path), err)
	}
	return nil
}
