package campaignops

import (
	"context"
	"errors"
	"strings"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/quantity"
)

// Refusals about materials.
var (
	// ErrNoMaterial refuses to order materials where nothing is open.
	ErrNoMaterial = errors.New("campaignops: no material is to be ordered")
	// ErrReference refuses a reference that is missing or longer than 60 characters.
	ErrReference = errors.New("campaignops: a reference of 1 to 60 characters is needed")
	// ErrMaterial refuses a receipt of a material that is not awaited, or of more than was ordered.
	ErrMaterial = errors.New("campaignops: so much of this material is not awaited")
)

// buyMaterials reckons the materials for so many pieces, with what there is of them beside what other campaigns need.
func (a *act) buyMaterials(ctx context.Context, pieces quantity.Pieces) error {
	bill, err := campaigndb.Bill(ctx, a.tx, a.c.SKU)
	if err != nil || len(bill) == 0 {
		return err
	}
	there, err := campaigndb.Available(ctx, a.tx, a.c.ID, bill)
	if err != nil {
		return err
	}
	materials := make([]lotplan.Material, len(bill))
	for i, l := range bill {
		materials[i] = l.Material()
		materials[i].OnHand = there[l.ID]
	}
	campaigndb.Buy(&a.batch, a.c.ID, pieces, bill, lotplan.Buy(pieces, materials), a.now)
	return nil
}

// OrderMaterials notes that everything that is still to be bought of a campaign's materials was ordered, under the reference of the purchase. It
// tells how many materials that were. ErrNoMaterial, ErrReference.
func (o *Ops) OrderMaterials(ctx context.Context, id campaign.ID, reference string) (n int, err error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return 0, err
	}
	if reference = strings.TrimSpace(reference); reference == "" || len([]rune(reference)) > 60 {
		return 0, ErrReference
	}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted, a.verb = true, "material.order"
		n, err = campaigndb.OrderMaterials(ctx, a.tx, id, reference, u.Name, a.now)
		if err == nil && n == 0 {
			err = ErrNoMaterial
		}
		a.after = map[string]any{"reference": reference, "materials": n}
		return err
	})
	return n, err
}

// ReceiveMaterial puts what came of a material, in thousandths of its unit, to the stock. ErrMaterial.
func (o *Ops) ReceiveMaterial(ctx context.Context, id campaign.ID, code string, milli int64) error {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return err
	}
	if milli <= 0 {
		return ErrMaterial
	}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted, a.verb, a.after = true, "material.receive", map[string]any{"material": code, "milli": milli}
		ok, err := campaigndb.ReceiveMaterial(ctx, a.tx, id, code, milli)
		if err == nil && !ok {
			err = ErrMaterial
		}
		return err
	})
	return err
}
