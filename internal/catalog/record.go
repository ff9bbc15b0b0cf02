package catalog

import (
	"time"
)

// Records are stored master data with what a page shows beside them. UpdatedAt is the version: a change names the version
// that it was made from, and is refused with ErrStale when there is a newer one.
type (
	// SKURecord is a SKU with the names of what it refers to.
	SKURecord struct {
		SKU
		CategoryCode  string
		CategoryName  Name
		SuccessorCode string // empty for none
		UpdatedAt     time.Time
	}
	// CategoryRecord is a category.
	CategoryRecord struct {
		Category
		UpdatedAt time.Time
	}
	// SiteRecord is a site.
	SiteRecord struct {
		Site
		UpdatedAt time.Time
	}
	// LaneRecord is a lane with the codes and names of its ends.
	LaneRecord struct {
		Lane
		FromCode, ToCode string
		FromName, ToName Name
		UpdatedAt        time.Time
	}
	// SupplierRecord is a supplier with the number of SKUs it has terms for.
	SupplierRecord struct {
		Supplier
		SKUs      int
		UpdatedAt time.Time
	}
	// TermRecord is a term with the names of what it joins. Banned is the supplier's; Active tells whether it is in use.
	TermRecord struct {
		Term
		SupplierCode string
		SupplierName Name
		Active       bool
		Banned       string
		SKUCode      string
		SKUName      Name
		Unit         Name
		ShipsToCode  string // empty for any regional site
		ShipsToName  Name
		UpdatedAt    time.Time
	}
	// TopicRecord is a topic with the number of SKUs it concerns.
	TopicRecord struct {
		Topic
		SKUs      int
		UpdatedAt time.Time
	}
	// TopicSKURecord is a weight with the names of both ends.
	TopicSKURecord struct {
		TopicSKU
		TopicCode string
		TopicName Name
		Kind      TopicKind
		SKUCode   string
		SKUName   Name
	}
)

// Saved counts what an upsert did with the rows it was given.
type Saved struct{ New, Changed, Same int }

// Add adds the counts of another upsert.
func (s Saved) Add(t Saved) Saved {
	return Saved{s.New + t.New, s.Changed + t.Changed, s.Same + t.Same}
}

// HitKind tells what a search has found.
type HitKind string

// What a search of the catalog finds.
const (
	SKUHit      HitKind = "sku"
	SupplierHit HitKind = "supplier"
)

// Hit is one thing that a search has found.
type Hit struct {
	Kind  HitKind
	ID    int32
	Code  string
	Name  Name
	Exact bool // the text is its code or GTIN
	Over  bool // retired, switched off or banned
}

// Below gives the categories of the tree at id, id among them; nil when id is not in the list.
func Below(all []Category, id CategoryID) []CategoryID {
	children := map[CategoryID][]CategoryID{}
	known := false
	for _, c := range all {
		known = known || c.ID == id
		children[c.Parent] = append(children[c.Parent], c.ID)
	}
	if !known {
		return nil
	}
	out, seen := []CategoryID{id}, map[CategoryID]bool{id: true}
	for i := 0; i < len(out); i++ {
		for _, c := range children[out[i]] {
			if !seen[c] { // a ring would never end
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// SKUsChanged is the fact that master data of these SKUs, or terms for them, have changed in a way that plans depend on.
// An empty list means that it may be any SKU.
type SKUsChanged struct{ SKUs []SKUID }
