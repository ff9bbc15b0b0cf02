package demo

import (
	"sync"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// History is the number of days of sales before today, Horizon that of the days from today on of which Mean knows.
const (
	History = 730
	Horizon = 60
)

// World is a made-up retailer as it stands on the morning of Today. What is large (sales) is made while it is read.
// It is safe for concurrent reading.
type World struct {
	Seed  uint64
	Today calendar.Day
	First calendar.Day // first day of the sales history; the last is the day before Today

	Categories []catalog.CategoryDraft // parents before their children
	Sites      []catalog.Site
	Lanes      []catalog.LaneDraft
	Suppliers  []catalog.Supplier
	SKUs       []catalog.SKUDraft
	Terms      []catalog.TermDraft
	Topics     []catalog.Topic
	Weights    []catalog.TopicSKUDraft
	Users      []User
	Orders     []Order // the oldest first

	list   []item
	index  map[string]int
	excite [][]float64 // by topic
	shared tables
	last   paths
	places sync.Once
	stood  layout
}

// Generate makes the world of a day and a seed.
func Generate(today calendar.Day, seed uint64) *World {
	w := &World{Seed: seed, Today: today, First: today.AddDays(-History), index: map[string]int{}}
	w.Categories, w.Sites, w.Lanes, w.Topics = categoryDrafts(), siteList(), laneList(), topicList()
	w.Suppliers = suppliers(w.random("suppliers"))
	w.list = w.items()
	w.attach(w.list)
	w.makeTables()
	for i := range w.list {
		it := &w.list[i]
		w.index[it.Code] = i
		w.SKUs = append(w.SKUs, it.SKUDraft)
		for _, t := range it.topics {
			w.Weights = append(w.Weights, catalog.TopicSKUDraft{TopicCode: topics[t.topic].code, SKUCode: it.Code, Weight: t.w})
		}
	}
	w.Terms = w.terms()
	w.Users = users()
	w.Orders = w.orders()
	return w
}

func (w *World) find(sku string) *item {
	i, ok := w.index[sku]
	if !ok {
		return nil
	}
	return &w.list[i]
}
