package replenishment_test

import (
	"testing"

	"milkrun/internal/catalog"
	"milkrun/replenishment"
)

func backup(lead float64, price catalog.PriceBreak) replenishment.Source {
	return replenishment.Source{Code: "QUICK", Name: catalog.Name{ZH: "快厂"}, Term: catalog.Term{
		Supplier: quick, SKU: 7, MOQ: 60, Pack: 60, LeadMean: lead, Backup: true, Breaks: []catalog.PriceBreak{price},
	}}
}

func TestBackupBuysTimeWhenItPays(t *testing.T) {
	in := teether()
	in.Sources = append(in.Sources, backup(2, catalog.PriceBreak{From: 1, Price: 15_00}))
	r := replenishment.Plan(in)
	all := find(r, replenishment.Buy, jiaxing)
	if len(all) != 2 || !all[1].Backup || all[1].Supplier != quick || all[1].Reason != replenishment.ReasonGap {
		t.Fatalf("no backup order:%s", brief(r))
	}
	if step(all[0], replenishment.WhyOtherSource) != -all[1].Pieces {
		t.Errorf("the main order does not count the backup's %d pieces:%s", all[1].Pieces, brief(r))
	}
	in.Sources[1].Breaks[0].Price = 29_95 // eats the whole margin of a piece at 29.90
	r = replenishment.Plan(in)
	b := only(t, r, replenishment.Buy, jiaxing)
	if w := warned(b.Warnings, replenishment.WarnBackupDear); w == nil || w.Args.SupplierName.ZH != "快厂" {
		t.Errorf("nobody says that the backup is too dear: %v", b.Warnings)
	}
	in.Sources[1] = backup(9, catalog.PriceBreak{From: 1, Price: 15_00}) // no faster
	if r = replenishment.Plan(in); len(find(r, replenishment.Buy, jiaxing)) != 1 {
		t.Errorf("a backup that is no faster was used:%s", brief(r))
	}
}

func TestBannedSupplierGetsNothing(t *testing.T) {
	in := teether()
	in.Sources[0].Banned = "红牌"
	r := replenishment.Plan(in)
	if len(find(r, replenishment.Buy, jiaxing)) != 0 || warned(r.Warnings, replenishment.WarnBanned) == nil || warned(r.Warnings, replenishment.WarnNoSupplier) == nil {
		t.Errorf("%s", brief(r))
	}
	in.Sources = append(in.Sources, backup(6, catalog.PriceBreak{From: 1, Price: 15_00}))
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if b.Supplier != quick || warned(b.Warnings, replenishment.WarnOnlyBackup) == nil {
		t.Errorf("only the backup is left: supplier %d, %v", b.Supplier, b.Warnings)
	}
}

func TestMinimumOrder(t *testing.T) {
	in := milk()
	in.Sources[0].MOQ = 2500
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if b.Pieces != 2640 || step(b, replenishment.WhyMOQ) != 2500-1738 || step(b, replenishment.WhyRounding) != 140 {
		t.Errorf("%d pieces: %+v", b.Pieces, b.Explanation.Steps)
	}
	// A minimum of three years of an ordinary item is no purchase but the goal of a pre-sale.
	in.SKU.Core, in.Class, in.Cost = false, replenishment.ClassSlow, 100_00
	in.Sources[0].MOQ, in.Sources[0].Breaks[0].Price = 120_000, 200_00
	r := replenishment.Plan(in)
	p := only(t, r, replenishment.Presell, jiaxing)
	if p.Pieces != 120_000 || p.Unit != in.SKU.Price || warned(p.Warnings, replenishment.WarnMOQCover) == nil || len(find(r, replenishment.Buy, jiaxing)) != 0 {
		t.Errorf("%s", brief(r))
	}
	checkSum(t, p)
}

func TestPriceBreakThatPays(t *testing.T) {
	in := milk()
	in.Sources[0].Breaks = append(in.Sources[0].Breaks, catalog.PriceBreak{From: 2300, Price: 160_00})
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if b.Pieces != 2400 || b.Unit != 160_00 || step(b, replenishment.WhyPriceBreak) != 480 {
		t.Errorf("%d pieces at %d: %+v", b.Pieces, b.Unit, b.Explanation.Steps)
	}
	checkSum(t, b)
	in.Sources[0].Breaks[1].Price = 167_99 // saves 24 yuan, holding 480 tins for three weeks costs a thousand
	if b = only(t, replenishment.Plan(in), replenishment.Buy, jiaxing); b.Pieces != 1920 {
		t.Errorf("%d pieces for a fen", b.Pieces)
	}
	in.Sources[0].Breaks[1] = catalog.PriceBreak{From: 5000, Price: 100_00}
	if b = only(t, replenishment.Plan(in), replenishment.Buy, jiaxing); b.Pieces != 1920 {
		t.Errorf("%d pieces: more than the house dares", b.Pieces)
	}
}

func TestCapacity(t *testing.T) {
	in := milk()
	in.Sources[0].CapacityDay = 120 // in the 8 days from the first arrival to the next review: 960
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	w := warned(b.Warnings, replenishment.WarnCapacity)
	if b.Pieces != 1920 || w == nil || *w.Args.Date != today.AddDays(21+15) {
		t.Errorf("%d pieces, %+v", b.Pieces, b.Warnings)
	}
	if p := b.Explanation.Projection.With; p[21] != 120-96 || p[22] != 2*(120-96) {
		t.Errorf("the order arrives by the day: %v", p[20:25])
	}
	in.Sources[0].CapacityDay = 60 // less than is sold: the rest goes elsewhere
	second := backup(21, catalog.PriceBreak{From: 1, Price: 170_00})
	second.Backup, in.Sources = false, append(in.Sources, second)
	r := replenishment.Plan(in)
	all := find(r, replenishment.Buy, jiaxing)
	if len(all) != 2 || all[0].Pieces != 480 || step(all[1], replenishment.WhyCapacity) != 1440 {
		t.Fatalf("%s", brief(r))
	}
	checkSum(t, all[0])
	checkSum(t, all[1])
}

func TestShelfLifeCapsTheOrder(t *testing.T) {
	in := milk()
	in.SKU.ShelfLifeDays, in.SKU.MinRemainingDays = 60, 30 // 30 days to sell, 0.8 of them may be covered: 24 × 96
	l := levelOf(t, replenishment.Plan(in), jiaxing)
	if l.OrderUpTo != 24*96 {
		t.Errorf("order up to %d, want %d", l.OrderUpTo, 24*96)
	}
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	if step(b, replenishment.WhyShelfLife) != 24*96-2688-612 {
		t.Errorf("%+v", b.Explanation.Steps)
	}
	checkSum(t, b)
}
