package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"milkrun/routing/dispatch"
	"milkrun/routing/instance"
	"milkrun/routing/simulation"
	"milkrun/routing/solver"
)

// BenchSameDayCmd plays the published instances with release times as days on which orders come in, and holds the cost against the
// best known one of perfect information.
type BenchSameDayCmd struct {
	Dir        string   `help:"Folder of the sets." default:"../shared/data/routing" env:"MILKRUN_ROUTING" type:"path"`
	Only       string   `help:"Only instances whose name contains this."`
	Limit      int      `help:"Instances, spread evenly; 0: all." default:"0"`
	Epochs     int64    `help:"Plans a day; the horizon is cut into so many." default:"10"`
	Minutes    int64    `help:"Plans a day of the baseline that sends everything at once each minute." default:"100"`
	Margin     float64  `help:"Share of an epoch by which a trip that waits leaves before its last moment." default:"0"`
	Full       int64    `help:"Thousandths of a vehicle's room from which a trip leaves although it could wait." default:"850"`
	Busy       int64    `help:"Thousandths of the vehicles in use from which trips leave at once." default:"500"`
	Prize      int64    `help:"Thousandths of a customer's own round trip that a place in a leaving trip may cost while the customer can wait." default:"600"`
	Patience   float64  `help:"Epochs that a customer must still be able to wait to be left behind." default:"2"`
	Seconds    float64  `help:"Processor seconds for the whole table: each plan searches for its share at most. 0: as long as the steps take."`
	Iterations int64    `help:"Steps of the search of each plan." default:"3000"`
	Seed       int64    `help:"Seed of the search." default:"1"`
	Threads    int      `help:"Instances at a time." default:"2"`
	Each       bool     `help:"Print a line for each instance."`
	Policies   []string `help:"Of now-minute, now-epoch, pool-epoch, pool-minute; all if none." sep:"," enum:"now-minute,now-epoch,pool-epoch,pool-minute"`

	aDay time.Duration // processor time of a day by a policy, of all threads together
}

// sameDayFigures are a policy's over instances.
type sameDayFigures struct {
	runs, missed, whole int
	customers           int
	ratio, all          float64 // sums of cost by bound: of those that served everybody, of all
	plans, trips        int
}

// Run plays every instance by each policy and prints the means.
func (c *BenchSameDayCmd) Run(ctx context.Context) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	list, err := os.Open(filepath.Join(c.Dir, "mtvrptw_release", "bks.csv"))
	if err != nil {
		return err
	}
	bests, err := instance.ReadBests(list)
	_ = list.Close()
	if err != nil {
		return err
	}
	policies := c.policies()
	if c.Seconds > 0 {
		c.aDay = time.Duration(c.Seconds * float64(time.Second) * float64(max(1, c.Threads)) / float64(len(files)*len(policies)))
	}
	fmt.Printf("%-29s %-8s %5s %7s %9s %12s %12s %10s %6s\n", "policy", "release", "runs", "missed", "missed %", "cost/bound", "of complete", "trips/day", "plans")
	cpu := processorTime()
	for _, p := range policies {
		sums := map[string]*sameDayFigures{}
		if err := c.play(ctx, files, bests, p.epochs, p.pool, sums); err != nil {
			return err
		}
		for _, k := range slices.Sorted(mapsKeys(sums)) {
			f := sums[k]
			fmt.Printf("%-29s %-8s %5d %7d %8.2f%% %12.4f %12.4f %10.1f %6d\n", p.name, k, f.runs, f.missed, 100*float64(f.missed)/float64(f.customers), f.all/float64(f.runs),
				f.ratio/float64(max(1, f.whole)), float64(f.trips)/float64(f.runs), f.plans/f.runs)
		}
	}
	fmt.Printf("%.0f processor seconds\n", (processorTime() - cpu).Seconds())
	return nil
}

// sameDayPolicy is when trips leave.
type sameDayPolicy struct {
	key, name string
	epochs    int64
	pool      bool
}

func (c *BenchSameDayCmd) policies() []sameDayPolicy {
	all := []sameDayPolicy{{"now-minute", "everything, each minute", c.Minutes, false}, {"now-epoch", "everything, each epoch", c.Epochs, false},
		{"pool-epoch", "must go or pool, each epoch", c.Epochs, true}, {"pool-minute", "must go or pool, each minute", c.Minutes, true}}
	if len(c.Policies) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(p sameDayPolicy) bool { return !slices.Contains(c.Policies, p.key) })
}

func mapsKeys(m map[string]*sameDayFigures) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (c *BenchSameDayCmd) files() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(c.Dir, "mtvrptw_release", "*.vrp"))
	if err != nil || len(all) == 0 {
		return nil, fmt.Errorf("no instances in %s", filepath.Join(c.Dir, "mtvrptw_release"))
	}
	slices.Sort(all)
	all = slices.DeleteFunc(all, func(f string) bool { return !strings.Contains(filepath.Base(f), c.Only) })
	if c.Limit <= 0 || c.Limit >= len(all) {
		return all, nil
	}
	out := make([]string, c.Limit)
	for i := range out {
		out[i] = all[i*len(all)/c.Limit]
	}
	return out, nil
}

var releaseOf = regexp.MustCompile(`R(0\.\d+)$`)

func (c *BenchSameDayCmd) play(ctx context.Context, files []string, bests instance.Bests, epochs int64, pool bool, sums map[string]*sameDayFigures) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var next atomic.Int64
	var first error
	for range max(1, c.Threads) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				name, res, ratio, err := c.one(ctx, files[i], bests, epochs, pool)
				mu.Lock()
				if err != nil && first == nil {
					first = fmt.Errorf("%s: %w", name, err)
				}
				group := "all"
				if m := releaseOf.FindStringSubmatch(name); m != nil {
					group = m[1]
				}
				for _, k := range []string{group, "mean"} {
					f := sums[k]
					if f == nil {
						f = &sameDayFigures{}
						sums[k] = f
					}
					f.runs, f.missed, f.plans, f.trips = f.runs+1, f.missed+res.Missed, f.plans+res.Plans, f.trips+res.Trips
					if res.Missed == 0 {
						f.whole++
						f.ratio += ratio
					}
					f.all += ratio
					f.customers += res.Customers
				}
				if c.Each {
					fmt.Printf("  %-14s %8d metres, %2d missed, %3d trips, %.4f\n", name, res.Metres, res.Missed, res.Trips, ratio)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return first
}

func (c *BenchSameDayCmd) one(ctx context.Context, path string, bests instance.Bests, epochs int64, pool bool) (name string, res simulation.SameDayResult, ratio float64, err error) {
	name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	file, err := os.Open(path)
	if err != nil {
		return name, res, 0, err
	}
	defer func() { _ = file.Close() }()
	f, err := instance.Read(file)
	if err != nil {
		return name, res, 0, err
	}
	p, err := f.Problem(instance.DistanceDIMACS10)
	if err != nil {
		return name, res, 0, err
	}
	var end int64
	for _, v := range p.Vehicles {
		end = max(end, v.To)
	}
	day := simulation.SameDay{Epoch: max(1, end/epochs), Pool: pool, Options: solver.Options{Seed: c.Seed, Threads: 1, Iterations: c.Iterations}}
	if pool {
		day.Pooling = dispatch.Pooling{Margin: int64(c.Margin * float64(day.Epoch)), Full: c.Full, Crowded: c.Busy, Prize: c.Prize, Patience: int64(c.Patience * float64(day.Epoch))}
	}
	if c.aDay > 0 {
		day.Options.Budget, day.Options.Clock = c.aDay/time.Duration(epochs), processorTime
	}
	if res, err = day.Play(ctx, p); err != nil {
		return name, res, 0, err
	}
	best, there := bests.Of(name, instance.DistanceDIMACS10)
	if !there {
		return name, res, 0, fmt.Errorf("not in bks.csv")
	}
	return name, res, float64(res.Metres) / best.Distance, nil
}
