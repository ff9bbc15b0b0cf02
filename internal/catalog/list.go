package catalog

import "errors"

// ErrPlace is the refusal of a place in a list that the list did not give.
var ErrPlace = errors.New("catalog: not a place in this list")

// Life is where a SKU is in its life.
type Life string

// The parts of a SKU's life. An empty Life means all of them.
const (
	Selling Life = "selling" // launched (or of unknown launch) and not retired
	Newborn Life = "new"     // launched within NewbornDays, or still to be launched
	Ending  Life = "ending"  // a day of retirement is set and still to come
	Retired Life = "retired" // the day of retirement is reached
)

// NewbornDays is how long a SKU counts as new.
const NewbornDays = 60

// SKUSort is what a list of SKUs is sorted by; the SKU's id decides between equals.
type SKUSort string

// The sorts of a list of SKUs.
const (
	ByCode     SKUSort = "code"
	ByPrice    SKUSort = "price"
	ByLaunched SKUSort = "launched"
	ByUpdated  SKUSort = "updated"
)

// SKUSorts lists the sorts.
func SKUSorts() []SKUSort { return []SKUSort{ByCode, ByPrice, ByLaunched, ByUpdated} }

// SKUQuery asks for a page of the SKUs. Zero values leave a filter out.
type SKUQuery struct {
	Text        string     // parts of names, code or GTIN, in any order
	Category    CategoryID // and what is below it
	Core        *bool
	Temperature Temperature
	Supplier    SupplierID
	Topic       TopicID
	Life        Life
	Sort        SKUSort // ByCode when empty
	Down        bool    // from the last to the first
	After       string  // SKUPage.Next of the page before; empty for the first
	Limit       int     // 1..MaxPage; DefaultPage when 0
}

// Filtered tells whether the query leaves SKUs out.
func (q SKUQuery) Filtered() bool {
	return q.Text != "" || q.Category != 0 || q.Core != nil || q.Temperature != "" || q.Supplier != 0 || q.Topic != 0 || q.Life != ""
}

// Sizes of a page, and how far a total is counted.
const (
	DefaultPage = 50
	MaxPage     = 1000
	CountCap    = 10_000
)

// SKUPage is a page of the SKUs.
type SKUPage struct {
	Rows []SKURecord
	// Total counts the rows of all pages, up to CountCap; More is true when there are yet more.
	Total int
	More  bool
	Next  string // the place of the next page; empty at the end
}

// SupplierQuery asks for the suppliers. Zero values leave a filter out.
type SupplierQuery struct {
	Text     string // parts of names, city, code or contact
	Active   *bool
	Banned   bool // the banned ones only
	Category CategoryID
}
