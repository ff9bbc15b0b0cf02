package warehouse

import "milkrun/internal/catalog"

// FloorTask is one kind of work that waits at a site, with its next piece: what the handheld offers after a task.
type FloorTask struct {
	Kind    string // receive, inspect, putaway, refill, count, return
	Waiting int    // how many pieces of work; at most 200
	Urgent  bool   // orders or a lorry wait for it
	// The next one: its id (a delivery, an inspection, a refill, a count, a return; 0 for a put-away), where and what.
	ID   int64
	Bin  string
	To   string
	SKU  catalog.SKUID
	Ware string // the SKU's code
	Name catalog.Name
	Text string // a delivery's number, a count's reason
}
