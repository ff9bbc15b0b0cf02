package picking

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func someJobs(rng *rand.Rand, l Layout, n int) []Job {
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = Job{ID: int64(i), Due: int64(rng.IntN(3)), Places: somePlaces(rng, l, 1+rng.IntN(4)), Grams: int64(rng.IntN(9000)), ML: int64(rng.IntN(30_000))}
	}
	return jobs
}

// Each job is on one cart, in totes of its own that hold it, and no cart has more totes than there are but for a job that needs
// more by itself.
func TestClusterProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Usual(rapid.IntRange(1, 10).Draw(t, "aisles"), rapid.IntRange(1, 20).Draw(t, "bays"))
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 3))
		jobs := someJobs(rng, l, rapid.IntRange(0, 25).Draw(t, "jobs"))
		cart := Cart{Totes: rapid.IntRange(0, 6).Draw(t, "totes"), ToteGrams: int64(rapid.SampledFrom([]int{0, 4000, 10_000}).Draw(t, "grams")), ToteML: 40_000}
		seen := map[int]bool{}
		rounds := Cluster(l, jobs, cart)
		for _, r := range rounds {
			tote, places := 1, []Place(nil)
			for _, s := range r.Slots {
				if seen[s.Job] || s.Tote != tote || s.Totes != cart.totes(jobs[s.Job]) {
					t.Fatalf("%+v", r)
				}
				seen[s.Job] = true
				tote += s.Totes
				places = append(places, jobs[s.Job].Places...)
			}
			if tote-1 > max(1, cart.Totes) && len(r.Slots) > 1 || len(r.Slots) == 0 {
				t.Fatalf("%d totes on a cart of %d: %+v", tote-1, cart.Totes, r)
			}
			if r.CM != Shortest(l, places).CM {
				t.Fatalf("says %d cm, walks %d", r.CM, Shortest(l, places).CM)
			}
		}
		if len(seen) != len(jobs) {
			t.Fatalf("%d of %d jobs", len(seen), len(jobs))
		}
		// The job that is due first of all goes with the first cart.
		if len(jobs) > 0 && jobs[rounds[0].Slots[0].Job].Due != slices.MinFunc(jobs, func(a, b Job) int { return int(a.Due - b.Due) }).Due {
			t.Fatal("the first cart begins with a job due later")
		}
	})
}

// Carts of orders that lie together walk less than carts filled in the order of arrival.
func TestClusterSaves(t *testing.T) {
	l, rng := Usual(10, 20), rand.New(rand.NewPCG(8, 8))
	var clustered, arrival int
	for range 20 {
		jobs := someJobs(rng, l, 60)
		for i := range jobs {
			jobs[i].Due, jobs[i].Grams, jobs[i].ML = 0, 0, 0
		}
		for _, r := range Cluster(l, jobs, Cart{Totes: 6}) {
			clustered += r.CM
		}
		for part := range slices.Chunk(jobs, 6) {
			var places []Place
			for _, j := range part {
				places = append(places, j.Places...)
			}
			arrival += Shortest(l, places).CM
		}
	}
	t.Logf("60 orders on carts of 6 totes: %.1f %% of the way of carts in the order of arrival", 100*float64(clustered)/float64(arrival))
	if clustered*100 > arrival*92 {
		t.Errorf("clustered %d, in the order of arrival %d", clustered, arrival)
	}
}

func BenchmarkCluster(b *testing.B) {
	l, rng := Usual(10, 20), rand.New(rand.NewPCG(8, 8))
	for _, n := range []int{60, 2000} {
		jobs := someJobs(rng, l, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Cluster(l, jobs, Cart{Totes: 6})
			}
		})
	}
}
