package catalog

import (
	"fmt"
	"math"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Drafts are master data as they come from outside (a sheet, the API, a form): whatever they refer to is named by its code.
// The ids of the embedded nouns are not read. Validate answers Faults for what can be seen without the catalog.
type (
	// CategoryDraft is a category under the category of the code Parent; an empty Parent is the top.
	CategoryDraft struct {
		Code   string
		Name   Name
		Parent string
	}
	// SKUDraft is a SKU of the category CategoryCode. SuccessorCode may be empty.
	SKUDraft struct {
		SKU
		CategoryCode, SuccessorCode string
	}
	// LaneDraft is a lane between two sites.
	LaneDraft struct {
		Lane
		FromCode, ToCode string
	}
	// TermDraft is a supplier's term for a SKU. An empty ShipsToCode means any regional site.
	TermDraft struct {
		Term
		SupplierCode, SKUCode, ShipsToCode string
	}
	// TopicSKUDraft is the weight of a topic on a SKU, 0 < Weight ≤ 1.
	TopicSKUDraft struct {
		TopicCode, SKUCode string
		Weight             float64
	}
)

// Bounds of texts, in characters, and of figures.
const (
	MaxCode = 64
	MaxText = 200
	// MaxDays bounds lead times and shelf lives: a hundred years.
	MaxDays = 36_500
	// MaxPieces bounds pack, MOQ and capacity.
	MaxPieces = 1_000_000_000
	// MaxPriceFen bounds a unit price: a hundred million yuan.
	MaxPriceFen = 10_000_000_000
)

// Validate answers Faults for a category that breaks a rule.
func (d CategoryDraft) Validate() error {
	var f Faults
	f.code("code", d.Code)
	f.name(d.Name)
	if d.Parent != "" && d.Parent == d.Code {
		f.add("parent", OutOfOrder, d.Parent)
	}
	return f.orNil()
}

// Validate answers Faults for a SKU that breaks a rule.
func (d SKUDraft) Validate() error {
	f := d.SKU.faults()
	if d.CategoryCode == "" {
		f.add("category", Missing, "")
	}
	if d.SuccessorCode != "" && d.SuccessorCode == d.Code {
		f.add("successor", OutOfOrder, d.SuccessorCode)
	}
	return f.orNil()
}

// Validate answers Faults for a SKU that breaks a rule; Category and Successor are not looked at.
func (s SKU) Validate() error { return s.faults().orNil() }

func (s SKU) faults() Faults {
	var f Faults
	f.code("code", s.Code)
	f.name(s.Name)
	if s.GTIN != "" && !ValidGTIN(s.GTIN) {
		f.add("gtin", BadCheck, s.GTIN)
	}
	f.text("unit", s.Unit.ZH)
	f.text("unit", s.Unit.EN)
	if s.Temperature.Rank() < 0 {
		f.add("temperature", NotOneOf, string(s.Temperature))
	}
	f.span("shelf_life_days", int64(s.ShelfLifeDays), 0, MaxDays)
	f.span("min_remaining_days", int64(s.MinRemainingDays), 0, MaxDays)
	if s.MinRemainingDays > s.ShelfLifeDays {
		f.add("min_remaining_days", OutOfOrder, strconv.Itoa(s.MinRemainingDays))
	}
	f.span("carton_pieces", int64(s.CartonPieces), 1, MaxPieces)
	f.span("weight_grams", int64(s.WeightGrams), 0, math.MaxInt32)
	f.span("volume_ml", int64(s.VolumeML), 0, math.MaxInt32)
	f.span("price", int64(s.Price), 0, MaxPriceFen)
	if s.Launched != nil && s.Retired != nil && *s.Retired < *s.Launched {
		f.add("retired", OutOfOrder, s.Retired.String())
	}
	return f
}

// Validate answers Faults for a site that breaks a rule.
func (s Site) Validate() error {
	var f Faults
	f.code("code", s.Code)
	f.name(s.Name)
	f.text("city", s.City.ZH)
	f.text("city", s.City.EN)
	if s.Tier.Rank() < 0 {
		f.add("tier", NotOneOf, string(s.Tier))
	}
	if !(s.Lat >= -90 && s.Lat <= 90) {
		f.add("lat", OutOfRange, fmt.Sprint(s.Lat))
	}
	if !(s.Lon >= -180 && s.Lon <= 180) {
		f.add("lon", OutOfRange, fmt.Sprint(s.Lon))
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		f.add("time_zone", NotOneOf, s.TimeZone)
	}
	return f.orNil()
}

// Validate answers Faults for a lane that breaks a rule.
func (d LaneDraft) Validate() error {
	var f Faults
	f.code("from", d.FromCode)
	f.code("to", d.ToCode)
	if d.FromCode != "" && d.FromCode == d.ToCode {
		f.add("to", OutOfOrder, d.ToCode)
	}
	f.lead(d.LeadMean, d.LeadSD)
	f.span("priority", int64(d.Priority), 1, 100)
	f.span("cost", int64(d.CostFen), 0, MaxPriceFen)
	return f.orNil()
}

// Validate answers Faults for a supplier that breaks a rule.
func (s Supplier) Validate() error {
	var f Faults
	f.code("code", s.Code)
	f.name(s.Name)
	f.text("city", s.City.ZH)
	f.text("city", s.City.EN)
	f.text("contact", s.Contact.Person)
	f.text("phone", s.Contact.Phone)
	f.text("banned", s.Banned)
	if s.Contact.Email != "" {
		if a, err := mail.ParseAddress(s.Contact.Email); err != nil || a.Address != s.Contact.Email || len(s.Contact.Email) > 254 {
			f.add("email", BadForm, s.Contact.Email)
		}
	}
	return f.orNil()
}

// Validate answers Faults for a term that breaks a rule.
func (d TermDraft) Validate() error {
	f := d.Term.faults()
	if d.SupplierCode == "" {
		f.add("supplier", Missing, "")
	}
	if d.SKUCode == "" {
		f.add("sku", Missing, "")
	}
	return f.orNil()
}

// Validate answers Faults for a term that breaks a rule; Supplier, SKU and ShipsTo are not looked at.
func (t Term) Validate() error { return t.faults().orNil() }

func (t Term) faults() Faults {
	var f Faults
	f.text("part_no", t.PartNo)
	f.span("moq", int64(t.MOQ), 1, MaxPieces)
	f.span("pack", int64(t.Pack), 1, MaxPieces)
	f.span("capacity_day", int64(t.CapacityDay), 0, MaxPieces)
	f.lead(t.LeadMean, t.LeadSD)
	for i, b := range t.Breaks {
		at := strconv.FormatInt(int64(b.From), 10)
		switch {
		case b.From < 1:
			f.add("breaks", NotAbove0, at)
		case i == 0 && b.From > max(t.MOQ, 1), i > 0 && b.From <= t.Breaks[i-1].From:
			f.add("breaks", OutOfOrder, at)
		}
		f.span("price", int64(b.Price), 1, MaxPriceFen)
	}
	return f
}

// Validate answers Faults for a topic that breaks a rule.
func (t Topic) Validate() error {
	var f Faults
	f.code("code", t.Code)
	f.name(t.Name)
	if t.Kind != DemandTopic && t.Kind != ComplaintTopic {
		f.add("kind", NotOneOf, string(t.Kind))
	}
	return f.orNil()
}

// Validate answers Faults for a weight that breaks a rule.
func (d TopicSKUDraft) Validate() error {
	var f Faults
	if d.TopicCode == "" {
		f.add("topic", Missing, "")
	}
	if d.SKUCode == "" {
		f.add("sku", Missing, "")
	}
	if !(d.Weight > 0 && d.Weight <= 1) {
		f.add("weight", OutOfRange, fmt.Sprint(d.Weight))
	}
	return f.orNil()
}

// code checks a code: given, not long, of printing characters, without space at its ends.
func (f *Faults) code(field, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		f.add(field, Missing, "")
	case utf8.RuneCountInString(s) > MaxCode:
		f.add(field, TooLong, s)
	case s != strings.TrimSpace(s) || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		f.add(field, BadForm, s)
	}
}

func (f *Faults) name(n Name) {
	if strings.TrimSpace(n.ZH) == "" && strings.TrimSpace(n.EN) == "" {
		f.add("name", Missing, "")
	}
	f.text("name_zh", n.ZH)
	f.text("name_en", n.EN)
}

func (f *Faults) text(field, s string) {
	switch {
	case utf8.RuneCountInString(s) > MaxText:
		f.add(field, TooLong, s)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		f.add(field, BadForm, s)
	}
}

func (f *Faults) span(field string, n, low, high int64) {
	value := strconv.FormatInt(n, 10)
	switch {
	case n < low && low == 1:
		f.add(field, NotAbove0, value)
	case n < low:
		f.add(field, Negative, value)
	case n > high:
		f.add(field, OutOfRange, value)
	}
}

func (f *Faults) lead(mean, sd float64) {
	if !(mean > 0 && mean <= MaxDays) {
		f.add("lead_days", NotAbove0, fmt.Sprint(mean))
	}
	if !(sd >= 0 && sd <= MaxDays) {
		f.add("lead_sd_days", Negative, fmt.Sprint(sd))
	}
}
