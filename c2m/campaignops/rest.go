package campaignops

import (
	"context"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Demand tells what is expected to be sold of a SKU over the counter, over all sites, in so many days from today on; false where nothing is
// forecast.
type Demand interface {
	Expected(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, days int) (quantity.Pieces, bool, error)
}

// restDays is how many days over the counter the forecasted rest covers: four weeks, after which the next lot can be there.
const restDays = 28

// Rest is what is forecast to be wanted beyond what is pledged: it is proposed as the pieces to make for stock, and the buyer decides.
type Rest struct {
	// Pledges are those still expected by the deadline, of a campaign that is running; Retail is what is expected over the counter in Days days.
	Pledges, Retail quantity.Pieces
	Days            int
	// Forecast tells that a forecast of the SKU is in force.
	Forecast bool
}

// Pieces gives the whole rest.
func (r Rest) Pieces() quantity.Pieces { return r.Pledges + r.Retail }

// rest reckons the forecasted rest of a campaign; held is what its lots make beyond the pledges already.
func (o *Ops) rest(ctx context.Context, q pgdb.Querier, c *campaign.Campaign, held quantity.Pieces) (Rest, error) {
	r := Rest{Days: restDays}
	if c.State.Running() {
		curve, err := campaigndb.Curve(ctx, q, c.ID)
		if err != nil {
			return r, err
		}
		if p := o.project(c, curve, o.Clock()); p != nil {
			r.Pledges = max(0, p.Mean-c.Reserved)
		}
	}
	if o.Demand == nil || c.SKU == 0 {
		return r, nil
	}
	expected, known, err := o.Demand.Expected(ctx, q, c.SKU, restDays)
	if err != nil {
		return r, err
	}
	r.Forecast, r.Retail = known, max(0, expected-held)
	return r, nil
}
