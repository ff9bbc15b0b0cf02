package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// floorPlayer plays the demo's inbound side through the house's verbs: certificates, expected deliveries, a receipt under way, lots
// under inspection.
type floorPlayer struct {
	h         *house
	world     *demo.World
	ids       codes
	suppliers map[string]catalog.SupplierID
	skus      map[string]catalog.SKUDraft
}

// demoFloor plays what the warehouse has in hand this morning.
func (h *house) demoFloor(ctx context.Context, world *demo.World) (string, error) {
	p := &floorPlayer{h: h, world: world, skus: map[string]catalog.SKUDraft{}}
	var firms []string
	for _, s := range world.Suppliers {
		firms = append(firms, s.Code)
	}
	var err error
	if p.ids, err = h.demoCodes(ctx, world); err != nil {
		return "", err
	}
	if p.suppliers, err = catalogdb.SupplierCodes(ctx, h.db.Pool, firms); err != nil {
		return "", err
	}
	for _, s := range world.SKUs {
		p.skus[s.Code] = s
	}
	papers, err := p.certificates(ctx)
	if err != nil {
		return "", err
	}
	if err := p.faces(ctx); err != nil {
		return "", err
	}
	notes, err := p.expected(ctx)
	if err != nil {
		return "", err
	}
	if err := p.underWay(ctx); err != nil {
		return "", err
	}
	if err := p.inspected(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d certificates, %d deliveries expected, lots to inspect", papers, notes), nil
}

// certificates hands in the papers that milk and baby food need, one of them about to end and one that has ended.
func (p *floorPlayer) certificates(ctx context.Context) (n int, err error) {
	categories, err := p.h.Catalog.Categories(ctx)
	if err != nil {
		return 0, err
	}
	needs := map[string][]quality.CertificateKind{"milk": quality.DualQualification(), "food": quality.DualQualification(), "play": {c2m.CertificateCCC}}
	parent, ids := map[string]string{}, map[string]catalog.CategoryID{}
	for _, c := range p.world.Categories {
		parent[c.Code] = c.Parent
	}
	for _, c := range categories {
		ids[c.Code] = c.ID
	}
	for code, kinds := range needs {
		if err := p.h.Orders.SetCertificateNeeds(ctx, ids[code], kinds); err != nil {
			return n, err
		}
	}
	wanted := map[string]map[quality.CertificateKind]bool{}
	for _, t := range p.world.Terms {
		top := p.skus[t.SKUCode].CategoryCode
		for parent[top] != "" {
			top = parent[top]
		}
		for _, k := range needs[top] {
			if wanted[t.SupplierCode] == nil {
				wanted[t.SupplierCode] = map[quality.CertificateKind]bool{}
			}
			wanted[t.SupplierCode][k] = true
		}
	}
	for i, s := range p.world.Suppliers {
		for _, kind := range c2m.CertificateKinds() {
			if !wanted[s.Code][kind] {
				continue
			}
			c := c2m.Certificate{Supplier: p.suppliers[s.Code], Kind: kind, Number: fmt.Sprintf("%s-%s-%04d", prefixes[kind], s.Code[2:], 2400+i), Issuer: issuers[kind],
				From: p.world.Today.AddDays(-400 - 11*i), To: p.world.Today.AddDays(500 - 7*i)}
			switch { // one ends soon, one has ended
			case s.Code == "S-0103" && kind == quality.ISO22000:
				c.To = p.world.Today.AddDays(12)
			case s.Code == "S-0114" && kind == quality.InfantFood:
				c.To = p.world.Today.AddDays(-20)
			}
			then := p.h.ordersAt(func() time.Time { return c.From.In(p.h.cfg.zone()).Add(10 * time.Hour) }) // one that has ended was handed in while it held
			if _, err := then.AddCertificate(ctx, c, nil); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

var (
	prefixes = map[quality.CertificateKind]string{quality.ISO22000: "FSMS", quality.InfantFood: "SC", c2m.CertificateCCC: "CCC"}
	issuers  = map[quality.CertificateKind]string{quality.ISO22000: "中国质量认证中心", quality.InfantFood: "市场监督管理局", c2m.CertificateCCC: "国家认证认可监督管理委员会"}
)

// faces says from where each SKU is picked.
func (p *floorPlayer) faces(ctx context.Context) error {
	var list []warehouse.PickFace
	for _, f := range p.world.PickFaces() {
		list = append(list, warehouse.PickFace{Site: p.ids.sites[f.Site], SKU: p.ids.skus[f.SKU], Bin: f.Bin, Min: f.Min, Max: f.Max})
	}
	return p.h.Stock.SetPickFaces(ctx, list)
}

// expected makes the deliveries of the notes that suppliers have sent; the job does the same for later ones.
func (p *floorPlayer) expected(ctx context.Context) (n int, err error) {
	for _, id := range p.suppliers {
		notes, err := c2mdb.ASNsOfSupplier(ctx, p.h.db.Pool, id, 100)
		if err != nil {
			return n, err
		}
		for _, a := range notes {
			if err := p.h.Stock.ExpectNote(ctx, a.ID); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

func handheld() warehouse.Command { return warehouse.Command{Op: uuid.New(), Device: "PDA-07"} }

// underWay scans the first cartons of the story site's delivery in: the lorry stands at the dock.
func (p *floorPlayer) underWay(ctx context.Context) error {
	worker, err := p.h.demoUser(ctx, "warehouse")
	if err != nil {
		return err
	}
	docks, err := p.h.Stock.Docks(ctx, warehouse.DockQuery{Site: p.ids.sites[demo.StorySite]})
	if err != nil || len(docks) == 0 {
		return err
	}
	r, err := p.h.Stock.StartReceipt(worker, handheld(), docks[0].ID, "")
	if err != nil {
		return err
	}
	l := r.Delivery.Lines[0]
	for range min(3, l.Cartons) {
		in := warehouseops.Arrive{Delivery: r.Delivery.ID, Line: l.No, SKU: l.SKU, Lot: l.Lot, Produced: l.Produced, Expiry: l.Expiry, Pieces: l.PerCarton}
		if _, err := p.h.Stock.Receive(worker, handheld(), in); err != nil {
			return err
		}
	}
	return nil
}

// inspected plays a delivery without a note: one lot was accepted and waits to be put away, one was refused, one waits for its
// inspection.
func (p *floorPlayer) inspected(ctx context.Context) error {
	const firm = "S-0106"
	worker, err := p.h.demoUser(ctx, "warehouse")
	if err != nil {
		return err
	}
	r, err := p.h.Stock.StartBlind(worker, handheld(), warehouseops.Blind{Site: p.ids.sites[demo.StorySite], Supplier: p.suppliers[firm], Carrier: "安能", Reason: "司机没带送货单，已电话核对"})
	if err != nil {
		return err
	}
	lots := 0
	for _, t := range p.world.Terms {
		if t.SupplierCode != firm || t.Backup || lots == 3 || t.SKUCode == demo.StorySKU {
			continue
		}
		lots++
		sku := p.skus[t.SKUCode]
		in := warehouseops.Arrive{Delivery: r.Delivery.ID, SKU: p.ids.skus[t.SKUCode], Lot: fmt.Sprintf("XY%s%d", p.world.Today.AddDays(-9).Time().Format("060102"), lots),
			Pieces: max(sku.CartonPieces, 1) * quantity.Pieces(10+lots)}
		if sku.ShelfLifeDays > 0 {
			made := p.world.Today.AddDays(-9)
			end := made.AddDays(sku.ShelfLifeDays)
			in.Produced, in.Expiry = &made, &end
		}
		if _, err := p.h.Stock.Receive(worker, handheld(), in); err != nil {
			return err
		}
	}
	if _, err := p.h.Stock.CloseReceipt(worker, handheld(), r.Delivery.ID, ""); err != nil {
		return err
	}
	return p.judge(access.WithUser(ctx, access.TheSystem()), worker, r.Delivery.ID)
}

// judge accepts the first lot of a delivery and refuses the second.
func (p *floorPlayer) judge(ctx, worker context.Context, id warehouse.DeliveryID) error {
	waits, _, err := p.h.Stock.Inspections(ctx, warehouse.InspectionQuery{Delivery: id, States: []warehouse.InspectionState{warehouse.InspectionWaiting}})
	if err != nil {
		return err
	}
	slices.SortFunc(waits, func(a, b warehouse.Inspection) int { return int(a.ID - b.ID) })
	for n, i := range waits {
		f := warehouseops.Findings{Examined: i.Sample}
		switch n {
		case 0:
		case 1:
			f.Major = major(i)
			f.Defects = []warehouse.Defect{{Class: "major", What: "腰贴粘性不足", Pieces: f.Major}}
		default:
			continue
		}
		if _, err := p.h.Stock.Inspect(worker, handheld(), i.ID, f); err != nil {
			return err
		}
	}
	return nil
}

// major gives the major defects that refuse a lot.
func major(i warehouse.Inspection) int {
	for _, s := range i.Plans {
		if s.Class == "major" {
			return s.Reject
		}
	}
	return 1
}
