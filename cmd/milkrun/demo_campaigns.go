package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// campaignPlayer plays the demo's campaigns through the house's verbs, at the instants at which they happened. Its clock is read by many
// pledges at once.
type campaignPlayer struct {
	h         *house
	ops       *campaignops.Ops
	orders    *c2mops.Ops
	ids       codes
	suppliers map[string]catalog.SupplierID
	world     *demo.World
	buyer     context.Context
	members   int

	mu  sync.Mutex
	now time.Time
}

func (h *house) demoCampaigns(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	p := &campaignPlayer{h: h, ids: ids, world: world}
	p.ops, p.orders = h.campaignsAt(p.clock), h.ordersAt(p.clock)
	var firms []string
	for _, s := range world.Suppliers {
		firms = append(firms, s.Code)
	}
	if p.suppliers, err = catalogdb.SupplierCodes(ctx, h.db.Pool, firms); err != nil {
		return "", err
	}
	if p.buyer, err = h.demoUser(ctx, "zhoumin"); err != nil {
		return "", err
	}
	plays := []func(context.Context) error{p.delivered, p.missed, p.cancelled, p.producing, p.won, p.balance, p.open, p.paused, p.scheduled, p.draft}
	for i, play := range plays {
		if err := play(ctx); err != nil {
			return "", fmt.Errorf("campaign %d: %w", i+1, err)
		}
	}
	pledges := p.members
	if err := p.votes(ctx); err != nil {
		return "", fmt.Errorf("votes: %w", err)
	}
	return fmt.Sprintf("%d campaigns in every state, %d pledges, %d votes", len(plays), pledges, p.members-pledges), nil
}

func (p *campaignPlayer) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// at moves the clock to an hour so many days from today.
func (p *campaignPlayer) at(days int, hour float64) time.Time {
	t := p.world.Today.AddDays(days).In(p.h.cfg.zone()).Add(time.Duration(hour * float64(time.Hour)))
	if real := time.Now(); t.After(real) && days <= 0 {
		t = real
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = t
	return t
}

func (p *campaignPlayer) day(days int, hour int) time.Time {
	return p.world.Today.AddDays(days).In(p.h.cfg.zone()).Add(time.Duration(hour) * time.Hour)
}

// sku gives the id of the first goods whose name holds the text.
func (p *campaignPlayer) sku(text string) catalog.SKUID {
	for _, s := range p.world.SKUs {
		if strings.Contains(s.Name.ZH, text) {
			return p.ids.skus[s.Code]
		}
	}
	return p.ids.skus[p.world.SKUs[0].Code]
}

func tier(code, zh, en string, pieces, quota quantity.Pieces, breaks ...campaign.Break) campaign.Tier {
	return campaign.Tier{Code: code, Name: catalog.Name{ZH: zh, EN: en}, Pieces: pieces, Quota: quota, Breaks: breaks}
}

func from(n quantity.Pieces, yuan money.Fen) campaign.Break {
	return campaign.Break{From: n, Price: yuan * 100}
}

// terms are the usual ones: a start and a deadline in days from today, at ten and at twenty o'clock.
func (p *campaignPlayer) terms(mode campaign.Mode, start, deadline int, goal, quota quantity.Pieces, tiers ...campaign.Tier) campaign.Terms {
	return campaign.Terms{Mode: mode, Charge: campaign.AtPledge, Goal: goal, Quota: quota, PerMember: 6, Start: p.day(start, 10), Deadline: p.day(deadline, 20),
		Extensions: 1, PayWithin: 24 * time.Hour, MOQ: 300, Tiers: tiers}
}

func (p *campaignPlayer) begin(days int, zh, en, goods string, t campaign.Terms, publish bool) (*campaign.Campaign, error) {
	p.at(days, 9.5)
	c, err := p.ops.Create(p.buyer, campaign.About{Name: catalog.Name{ZH: zh, EN: en}, Story: catalog.Name{ZH: zh + "：妈妈们投票选出来的规格，先认购、后生产，不压库存。",
		EN: en + ": the specification that parents voted for. Pledged first, made after, nothing left over."}, SKU: p.sku(goods), ShipTo: p.ids.sites["FS"]}, t)
	if err != nil || !publish {
		return c, err
	}
	return p.ops.Publish(p.buyer, c.ID, c.Revision)
}

// pledge lets so many members pledge at the present moment, all at once.
func (p *campaignPlayer) pledge(ctx context.Context, c *campaign.Campaign, n int, names string) error {
	faults := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		p.members++
		no := p.members
		wg.Go(func() {
			t := c.Tiers[pick(no, len(c.Tiers))]
			member := fmt.Sprintf("%s%06d", names, 100_000+no*7919%900_000)
			_, err := p.ops.Pledge(ctx, c.ID, campaignops.NewPledge{Key: "demo-" + member, Request: campaign.Request{Member: member, Tier: t.Code, Units: int64(1 + no%7/6)}})
			if errors.Is(err, campaign.ErrTwice) {
				err = nil
			}
			faults[i] = err
		})
	}
	wg.Wait()
	return errors.Join(faults...)
}

// pick spreads members over tiers: a quarter early, most standard, the rest in the last.
func pick(no, tiers int) int {
	switch {
	case tiers == 1:
		return 0
	case no%4 == 0:
		return 0
	case tiers > 2 && no%5 == 1:
		return 2
	}
	return 1
}

// grow plays the pledges of the days from the start on: share(d) of the members come on day d. Payments are done every night.
func (p *campaignPlayer) grow(ctx context.Context, c *campaign.Campaign, first, last, members int, names string) error {
	days := last - first + 1
	weight := func(d int) float64 { // a wave at the start, a lull, a rush at the end
		x := float64(d) / float64(days)
		return 0.5 + 2.2*math.Exp(-6*x) + 2.6*math.Exp(-10*(1-x))
	}
	sum := 0.0
	for d := range days {
		sum += weight(d)
	}
	for d := range days {
		n := int(float64(members) * weight(d) / sum)
		for part := range 3 {
			p.at(first+d, 11+4*float64(part))
			if err := p.pledge(ctx, c, n/3, names); err != nil {
				return err
			}
		}
		if err := p.h.settleCampaigns(ctx, p.ops); err != nil {
			return err
		}
	}
	return nil
}

// end closes what is due at an instant and lets the provider work.
func (p *campaignPlayer) end(ctx context.Context, days int, hour float64) error {
	p.at(days, hour)
	if err := p.h.settleCampaigns(ctx, p.ops); err != nil {
		return err
	}
	return p.h.settleCampaigns(ctx, p.ops)
}

// open is the hot one: it has passed its goal and runs for days yet.
func (p *campaignPlayer) open(ctx context.Context) error {
	t := p.terms(campaign.AllOrNothing, -24, 5, 1700, 3600, tier("early", "早鸟", "Early bird", 1, 500, from(0, 269)),
		tier("std", "标准", "Standard", 1, 0, from(0, 299), from(2500, 289)), tier("pair", "双件装", "Pair", 2, 600, from(0, 569)))
	t.Threshold = 1200
	c, err := p.begin(-24, "小岛 恒温睡袋 Pro", "Isla Sleeping Bag Pro", "恒温睡袋", t, true)
	if err != nil {
		return err
	}
	if err := p.quote(c.ID, "S-0105", "S-0108"); err != nil {
		return err
	}
	return p.grow(ctx, c, -24, -1, 1900, "ma")
}

// quote stores the offers of two factories.
func (p *campaignPlayer) quote(id campaign.ID, firms ...string) error {
	offers := []campaign.Quotation{{MOQ: 600, Capacity: 2700, Price: 14_900, Setup: 60_000, LeadDays: 24, Grade: 2}, {MOQ: 300, Capacity: 3600, Price: 13_400, Setup: 180_000, LeadDays: 38, Grade: 1}}
	for i, f := range firms {
		q := offers[i]
		q.Supplier = p.suppliers[f]
		if err := p.ops.Quote(p.buyer, id, q); err != nil {
			return err
		}
	}
	return nil
}

func (p *campaignPlayer) paused(ctx context.Context) error {
	c, err := p.begin(-6, "软糖象 联名奶瓶 星空款", "Gummy Elephant Bottle, Starry", "奶瓶", p.terms(campaign.KeepItAll, -6, 8, 300, 0,
		tier("early", "早鸟", "Early bird", 1, 120, from(0, 69)), tier("std", "标准", "Standard", 1, 0, from(0, 79), from(400, 75))), true)
	if err != nil {
		return err
	}
	if err := p.grow(ctx, c, -6, -2, 160, "pa"); err != nil {
		return err
	}
	p.at(-1, 16)
	_, err = p.ops.Pause(p.buyer, c.ID, 0)
	return err
}

func (p *campaignPlayer) scheduled(context.Context) error {
	t := p.terms(campaign.GroupBuy, 3, 10, 200, 800, tier("std", "统一价", "One price", 1, 0, from(0, 59), from(300, 55)))
	t.GroupSize = 3
	_, err := p.begin(-1, "云柔 纸尿裤 三人拼团", "Yunrou Nappies, group of three", "纸尿裤", t, true)
	return err
}

func (p *campaignPlayer) draft(context.Context) error {
	_, err := p.begin(0, "禾初 溶豆 新口味", "Hechu Melts, new flavours", "溶豆", p.terms(campaign.AllOrNothing, 5, 19, 500, 0,
		tier("std", "标准", "Standard", 1, 0, from(0, 39), from(800, 36))), false)
	return err
}

// balance is a pre-sale with deposits whose balances are coming in.
func (p *campaignPlayer) balance(ctx context.Context) error {
	t := p.terms(campaign.DepositBalance, -16, -2, 400, 900, tier("std", "标准", "Standard", 1, 0, from(0, 459), from(500, 439)))
	end := p.day(4, 20)
	t.Deposit, t.BalanceDeadline, t.Forfeit, t.Double = 5000, &end, true, true
	c, err := p.begin(-16, "稚谷 有机米粉 礼盒", "Zhigu Organic Cereal Box", "米粉", t, true)
	if err != nil {
		return err
	}
	if err := p.grow(ctx, c, -16, -3, 430, "de"); err != nil {
		return err
	}
	if err := p.end(ctx, -2, 22); err != nil {
		return err
	}
	p.at(-1, 12)
	ps, err := campaigndb.Pledges(ctx, p.h.db.Pool, c.ID, campaign.Accepted)
	if err != nil {
		return err
	}
	for i, x := range ps {
		if i%5 < 2 {
			if _, err := p.ops.PayBalance(p.buyer, c.ID, x.Seq); err != nil {
				return err
			}
		}
	}
	return p.h.settleCampaigns(ctx, p.ops)
}

// won waits for the buyer to choose a date and order.
func (p *campaignPlayer) won(ctx context.Context) error {
	c, err := p.begin(-18, "贝栗 硅胶餐椅垫", "Beili Silicone Chair Pad", "牙胶", p.terms(campaign.AllOrNothing, -18, -1, 500, 1500,
		tier("early", "早鸟", "Early bird", 1, 200, from(0, 99)), tier("std", "标准", "Standard", 1, 0, from(0, 129), from(600, 119))), true)
	if err != nil {
		return err
	}
	for _, q := range []campaign.Quotation{ // an early and dear choice, a split, a late and cheap one
		{Supplier: p.suppliers["S-0113"], MOQ: 300, Capacity: 900, Price: 5200, Setup: 30_000, LeadDays: 12, Grade: 2, Note: "包料，免模具费"},
		{Supplier: p.suppliers["S-0108"], MOQ: 200, Capacity: 500, Price: 4650, Setup: 60_000, LeadDays: 21, Grade: 1, Breaks: []campaign.Break{{From: 350, Price: 4380}}},
		{Supplier: p.suppliers["S-0105"], MOQ: 600, Capacity: 3000, Price: 3920, Setup: 180_000, LeadDays: 33, Grade: 1, Materials: 160, Note: "硅胶客供"}} {
		if err := p.ops.Quote(p.buyer, c.ID, q); err != nil {
			return err
		}
	}
	silicone := []campaigndb.BillLine{
		{Code: "M-SILICONE", NameZH: "食品级硅胶", NameEN: "Food-grade silicone", Unit: "kg", PerUnitMilli: 180, ScrapPermille: 40, OnHandMilli: 20_000, PackMilli: 25_000, MOQMilli: 50_000},
		{Code: "M-BOX", NameZH: "彩盒", NameEN: "Printed box", Unit: "pc", PerUnitMilli: 1000, ScrapPermille: 10, PackMilli: 100_000, MOQMilli: 500_000}}
	if err := p.ops.SaveBill(p.buyer, c.SKU, silicone); err != nil {
		return err
	}
	if err := p.grow(ctx, c, -18, -2, 620, "be"); err != nil {
		return err
	}
	return p.end(ctx, 0, 0.5)
}

// made brings a campaign from its first pledge to its ordered lots.
func (p *campaignPlayer) made(ctx context.Context, zh, en, goods string, start, deadline, members int) (*campaign.Campaign, error) {
	c, err := p.begin(start, zh, en, goods, p.terms(campaign.AllOrNothing, start, deadline, 600, 0, tier("std", "标准", "Standard", 1, 0, from(0, 199), from(900, 189))), true)
	if err != nil {
		return nil, err
	}
	if err := p.quote(c.ID, "S-0105", "S-0108"); err != nil {
		return nil, err
	}
	if err := p.bill(c.SKU); err != nil {
		return nil, err
	}
	if err := p.grow(ctx, c, start, deadline-1, members, "mb"); err != nil {
		return nil, err
	}
	if err := p.end(ctx, deadline, 22); err != nil {
		return nil, err
	}
	p.at(deadline+1, 10)
	return p.ops.OrderLots(p.buyer, c.ID, 0, campaignops.Making{Extra: 120, DueDays: 60, Surplus: 300, Release: lotplan.Release{FirstShare: 60, SellThrough: 70, GapDays: 7}})
}

func (p *campaignPlayer) bill(sku catalog.SKUID) error {
	return p.ops.SaveBill(p.buyer, sku, []campaigndb.BillLine{
		{Code: "M-COTTON", NameZH: "精梳棉", NameEN: "Combed cotton", Unit: "m", PerUnitMilli: 1800, ScrapPermille: 60, OnHandMilli: 200_000, PackMilli: 50_000, MOQMilli: 300_000},
		{Code: "M-ZIP", NameZH: "双向拉链", NameEN: "Two-way zip", Unit: "pc", PerUnitMilli: 1000, ScrapPermille: 15, PackMilli: 100_000, MOQMilli: 500_000},
		{Code: "M-TAG", NameZH: "水洗标", NameEN: "Care label", Unit: "pc", PerUnitMilli: 1000, ScrapPermille: 5, OnHandMilli: 2_000_000, PackMilli: 1_000_000}})
}

// producing has lots at two factories, of which one will be late.
func (p *campaignPlayer) producing(ctx context.Context) error {
	c, err := p.made(ctx, "絮野 纱布浴巾 六层", "Xuye Muslin Towel, six layers", "浴巾", -40, -22, 1500)
	if err != nil {
		return err
	}
	lots, err := campaigndb.Lots(ctx, p.h.db.Pool, c.ID)
	if err != nil {
		return err
	}
	for i, l := range lots {
		if l.Order == 0 {
			continue
		}
		if err := p.agree(ctx, c, l, -20, map[bool]int{true: 6, false: 0}[i == 0]); err != nil {
			return err
		}
	}
	_, err = p.ops.Replan(p.buyer, c.ID)
	return err
}

// agree sends the order of a lot and lets the factory answer: so many days later than asked.
func (p *campaignPlayer) agree(ctx context.Context, c *campaign.Campaign, l campaign.Lot, days, late int) error {
	p.at(days, 10)
	d, err := p.orders.Detail(p.buyer, c2m.OrderID(l.Order))
	if err != nil || d.Order.State != c2m.StateDraft {
		return err
	}
	sent, err := p.orders.Send(p.buyer, d.Order.ID, c2mops.Sending{Revision: d.Order.Revision, Prices: c2mops.KeepPrices})
	if err != nil {
		return err
	}
	p.at(days, 15)
	supplier := access.WithUser(ctx, access.User{Name: "供应商", Role: access.Supplier, Supplier: l.Supplier, Language: "zh"})
	var replies []c2m.Reply
	for _, line := range sent.Lines {
		pieces, day := line.Pieces, line.Due.AddDays(late)
		r := c2m.Reply{Line: line.No, SKU: line.SKU, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &day}}}
		if late > 0 {
			r.Reason = c2m.ReasonMaterial
		}
		replies = append(replies, r)
	}
	answered, _, problems, err := p.orders.AnswerOnline(supplier, sent.ID, sent.Version(), replies)
	if err != nil || len(problems) > 0 {
		return errors.Join(err, firstProblem(problems))
	}
	if answered.Undecided() > 0 {
		p.at(days+1, 9)
		_, _, err = p.orders.Accept(p.buyer, sent.ID, answered.Revision, c2m.Select{}, "按答复走")
	}
	return err
}

func firstProblem(all []c2m.Problem) error {
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("the answer was refused: %v", all[0].Reason)
}

func (p *campaignPlayer) delivered(ctx context.Context) error {
	c, err := p.made(ctx, "朵朵羊 婴儿抚触油", "Duoyang Baby Oil", "面霜", -75, -60, 800)
	if err != nil {
		return err
	}
	if _, err := p.ops.ReleaseMessages(p.buyer, c.ID); err != nil {
		return err
	}
	p.at(-15, 10)
	_, err = p.ops.DeliverAll(p.buyer, c.ID)
	return err
}

func (p *campaignPlayer) missed(ctx context.Context) error {
	c, err := p.begin(-35, "暖朵 夜用拉拉裤 超薄", "Nuanduo Night Pants, extra thin", "拉拉裤", p.terms(campaign.AllOrNothing, -35, -25, 800, 0, tier("std", "标准", "Standard", 1, 0, from(0, 89))), true)
	if err != nil {
		return err
	}
	if err := p.grow(ctx, c, -35, -26, 300, "mi"); err != nil {
		return err
	}
	if err := p.pledge(ctx, c, 3, "noaccount-"); err != nil { // their refunds will be refused
		return err
	}
	if err := p.h.settleCampaigns(ctx, p.ops); err != nil {
		return err
	}
	return p.end(ctx, -25, 22)
}

func (p *campaignPlayer) cancelled(ctx context.Context) error {
	t := p.terms(campaign.DepositBalance, -30, -20, 200, 0, tier("std", "标准", "Standard", 1, 0, from(0, 259)))
	end := p.day(-15, 20)
	t.Deposit, t.BalanceDeadline, t.Forfeit, t.Double = 3000, &end, true, true
	c, err := p.begin(-30, "豆亩 辅食研磨碗", "Doumu Weaning Bowl", "辅食", t, true)
	if err != nil {
		return err
	}
	if err := p.grow(ctx, c, -30, -25, 90, "ca"); err != nil {
		return err
	}
	p.at(-24, 11)
	if _, err := p.ops.Cancel(p.buyer, c.ID, 0, "模具验收没有通过"); err != nil {
		return err
	}
	return p.h.settleCampaigns(ctx, p.ops)
}
