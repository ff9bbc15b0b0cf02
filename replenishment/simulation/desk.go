package simulation

// Policy decides once a day for each SKU, after the day's sales.
type Policy interface {
	// Act sees one SKU through the desk and orders by it. It is called for the days in order, but for different SKUs
	// at the same time: what it keeps must be kept by SKU.
	Act(d *Desk)
}

// Incoming is pieces on their way as a policy may know them: Days is how many days they are expected to take yet, by the
// lane's statistics. Of an order that comes in daily parts the later ones are known once the first is there.
type Incoming struct {
	Pieces, Days, Expiry int
}

// Lot is pieces of one expiry day.
type Lot struct{ Pieces, Expiry int }

// Desk is one SKU on one day, as a policy sees it and acts on it.
type Desk struct {
	w     *World
	sku   *SKU
	index int
	day   int
	stats *[Lanes][]LeadStats

	shelves  [Locs]shelf
	coming   []shipment
	sales    [Fronts][]int
	empty    [Fronts][]bool
	cleared  []bool // by day: whether it was sold at a markdown
	clearing bool
	tally    tally
}

// Day is today; Index the SKU's number in the world; SKU what is known of it.
func (d *Desk) Day() int   { return d.day }
func (d *Desk) Index() int { return d.index }
func (d *Desk) SKU() *SKU  { return d.sku }

// Costs gives the rates of the world.
func (d *Desk) Costs() Costs { return d.w.Costs }

// Sales gives the pieces sold at a front on each day up to today; a policy must not write to it.
func (d *Desk) Sales(front int) []int { return d.sales[front] }

// SoldOut tells of each day up to today whether the front had nothing left in the evening: more might have sold.
func (d *Desk) SoldOut(front int) []bool { return d.empty[front] }

// Cleared tells of each day up to today whether the SKU was sold at a markdown.
func (d *Desk) Cleared() []bool { return d.cleared }

// Heat gives the social heat of each day up to today.
func (d *Desk) Heat() []float64 { return d.w.Heat[d.index][:d.day+1] }

// Promo gives the promotion calendar: the demand factor of any day, also one to come.
func (d *Desk) Promo(day int) float64 { return d.w.PromoOn(day) }

// Season gives the season index of any day, also one to come.
func (d *Desk) Season(day int) float64 { return d.sku.SeasonOn(day) }

// Lead gives what has been observed of a lane up to today.
func (d *Desk) Lead(l Lane) LeadStats { return d.stats[l][d.day-d.w.WarmDays] }

// Stock gives the pieces at a location.
func (d *Desk) Stock(l Loc) int { return d.shelves[l].total() }

// Lots gives the same by expiry, the first first.
func (d *Desk) Lots(l Loc) []Lot {
	out := make([]Lot, len(d.shelves[l]))
	for i, b := range d.shelves[l] {
		out[i] = Lot{b.pieces, b.expiry}
	}
	return out
}

// OnOrder gives the pieces on their way to a location.
func (d *Desk) OnOrder(l Loc) int {
	n := 0
	for _, s := range d.coming {
		if s.to == l {
			n += s.pieces
		}
	}
	return n
}

// Coming lists what is on its way to a location.
func (d *Desk) Coming(l Loc) []Incoming {
	var out []Incoming
	for _, s := range d.coming {
		if s.to != l {
			continue
		}
		days := d.Lead(s.lane).Remaining(d.day-s.ordered) + s.part
		if s.part > 0 && s.arrives-s.part <= d.day { // the first part is there: the rest follows daily
			days = s.arrives - d.day
		}
		out = append(out, Incoming{s.pieces, days, s.expiry})
	}
	return out
}

// Request is pieces wanted from a location.
type Request struct {
	To     Loc
	Pieces int
}

// Move sends pieces from one location to others. What the source cannot send in whole is shared in proportion, rounded
// down, and the rest is dropped.
func (d *Desk) Move(from Loc, requests ...Request) {
	have, want := d.shelves[from].total(), 0
	for _, r := range requests {
		want += max(r.Pieces, 0)
	}
	for _, r := range requests {
		n := max(r.Pieces, 0)
		if want > have {
			n = n * have / want
		}
		d.send(from, r.To, n)
	}
}

func (d *Desk) send(from, to Loc, n int) {
	if n <= 0 || from == to {
		return
	}
	lane, dear := Lateral, 2.0
	if parent(from, to) {
		lane, dear = RegionToFront, 1
		if from == OVS {
			lane = OVSToRegion
		}
	}
	for _, b := range d.shelves[from].take(n) {
		d.coming = append(d.coming, shipment{batch: b, to: to, arrives: d.day + d.w.Lead[lane][d.day], ordered: d.day, lane: lane})
	}
	d.tally.moves += d.w.Costs.InternalLine + d.w.Costs.MoveUnitRate*d.sku.Value*float64(n)*dear
}

// Buy orders at least n pieces from the supplier, raised to the minimum and to whole packs. They come to OVS or a region
// in daily parts of the supplier's capacity, from its lead on. It tells how many were ordered.
func (d *Desk) Buy(to Loc, n int) int {
	if n <= 0 || to > REG2 {
		return 0
	}
	q := ceilTo(max(n, d.sku.MOQ), d.sku.Pack)
	lane := SupplierToRegion
	if to == OVS {
		lane = SupplierToOVS
	}
	first := d.day + d.w.Lead[lane][d.day]
	for rest, part := q, 0; rest > 0; part++ {
		k := min(rest, d.sku.CapPerDay)
		d.coming = append(d.coming, shipment{batch: batch{k, d.day + d.sku.ShelfLife}, to: to, arrives: first + part, ordered: d.day, lane: lane, part: part})
		rest -= k
	}
	d.tally.orders += d.w.Costs.SupplierOrder
	return q
}

// BuyBackup orders from the backup source, if there is one: at most a day's capacity, raised to whole packs, at a premium.
// It tells how many were ordered.
func (d *Desk) BuyBackup(to Loc, n int) int {
	if n = min(n, d.sku.CapPerDay); n <= 0 || d.sku.Backup == 0 {
		return 0
	}
	q := ceilTo(n, d.sku.Pack)
	d.coming = append(d.coming, shipment{batch: batch{q, d.day + d.sku.ShelfLife}, to: to, arrives: d.day + d.w.Lead[Backup][d.day], ordered: d.day, lane: Backup})
	d.tally.backup += d.w.Costs.SupplierOrder + d.w.Costs.BackupPremium*d.sku.Value*float64(q)
	return q
}

// Clear puts the SKU into clearance from tomorrow on, or takes it out.
func (d *Desk) Clear(on bool) { d.clearing = on }

func ceilTo(n, pack int) int { return (n + pack - 1) / pack * pack }
