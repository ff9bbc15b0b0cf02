package importer

import (
	"context"
	"strings"
	"unicode"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

// The columns by which a sheet names a SKU. A kind that uses SKURef has both among its columns.
const (
	SKUColumn  = "sku"
	GTINColumn = "gtin"
)

// SKUColumns are those columns: the code, or else the barcode.
func SKUColumns() []sheet.Column {
	return []sheet.Column{
		{
			ID: SKUColumn, Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Required: true, Or: GTINColumn, Kind: sheet.Code,
			Names: []string{"SKU编码", "SKU code", "货号", "商品编码", "商品货号", "商品代码", "物料编码", "物料号", "产品编码", "产品编号", "品号", "料号", "item", "item no", "item code", "item number", "material", "product code", "article", "article no"},
		},
		{
			ID: GTINColumn, Title: catalog.Name{ZH: "条形码", EN: "Barcode"}, Kind: sheet.GTIN,
			Names: []string{"条码", "商品条码", "国际条码", "69码", "GTIN", "EAN", "EAN13", "EAN code", "UPC", "barcode no", "bar code"},
		},
	}
}

// SKURef is how a row names a SKU.
type SKURef struct{ Code, GTIN string }

// ReadSKU reads how a row names its SKU.
func ReadSKU(row *sheet.Row) SKURef {
	var r SKURef
	r.Code, _ = row.Code(SKUColumn)
	r.GTIN, _ = row.GTIN(GTINColumn)
	return r
}

const (
	// maxKnown bounds what Goods remembers of one pass.
	maxKnown = 100_000
	// maxNear bounds how many unknown codes of one pass are compared with the catalog.
	maxNear = 500
)

// Goods finds the SKUs that the rows of one pass name. It asks for a batch at once and remembers the answers.
type Goods struct {
	find  Catalog
	query Querier
	codes map[string]catalog.SKUID // 0 for unknown ones
	gtins map[string]catalog.SKUID
	near  map[string]string // unknown code → a known one
	asked int
}

// NewGoods gives a Goods that knows nothing yet.
func NewGoods(s Scope) *Goods {
	return &Goods{find: s.Catalog, query: s.Query, codes: map[string]catalog.SKUID{}, gtins: map[string]catalog.SKUID{}, near: map[string]string{}}
}

// Load asks for what a batch names.
func (g *Goods) Load(ctx context.Context, refs []SKURef) error {
	if len(g.codes)+len(g.gtins) > maxKnown {
		clear(g.codes)
		clear(g.gtins)
	}
	var codes, gtins []string
	for _, r := range refs {
		if _, known := g.codes[r.Code]; !known && r.Code != "" {
			g.codes[r.Code] = 0
			codes = append(codes, r.Code)
			if up := strings.ToUpper(r.Code); up != r.Code {
				codes = append(codes, up)
			}
		}
		if _, known := g.gtins[r.GTIN]; !known && r.GTIN != "" {
			g.gtins[r.GTIN] = 0
			gtins = append(gtins, r.GTIN)
		}
	}
	if len(codes) > 0 {
		found, err := g.find.SKUCodes(ctx, g.query, codes)
		if err != nil {
			return err
		}
		for code, id := range found {
			g.codes[code] = id
		}
		if err := g.compare(ctx, codes); err != nil {
			return err
		}
	}
	if len(gtins) > 0 {
		found, err := g.find.GTINs(ctx, g.query, gtins)
		if err != nil {
			return err
		}
		for gtin, id := range found {
			g.gtins[gtin] = id
		}
	}
	return nil
}

// Find gives the SKU that a row names, 0 with a problem in the entry when there is none. A code in small letters is taken
// for the one in capitals. An entry that says nothing has got its problem when it was read.
func (g *Goods) Find(e *Entry, r SKURef) catalog.SKUID {
	if r.Code == "" {
		if r.GTIN == "" {
			return 0
		}
		id := g.gtins[r.GTIN]
		if id == 0 {
			e.Fail(GTINColumn, r.GTIN, NoSuchGTIN.With())
		}
		return id
	}
	id := g.codes[r.Code]
	if up := strings.ToUpper(r.Code); id == 0 && up != r.Code {
		if id = g.codes[up]; id != 0 {
			e.Mend(SKUColumn, r.Code, cell.ReadAs.With(up))
		}
	}
	if id == 0 {
		if near := g.near[r.Code]; near != "" {
			e.Fail(SKUColumn, r.Code, NearSKU.With(near))
		} else {
			e.Fail(SKUColumn, r.Code, NoSuchSKU.With())
		}
		return 0
	}
	if other := g.gtins[r.GTIN]; r.GTIN != "" && other != 0 && other != id {
		e.Fail(GTINColumn, r.GTIN, OtherGTIN.With())
		return 0
	}
	return id
}

// compare looks for known codes that differ from the unknown ones by a single slip.
func (g *Goods) compare(ctx context.Context, codes []string) error {
	var candidates []string
	from := map[string][]string{}
	for _, c := range codes {
		// A slip is of one byte: within a character of several bytes it would make a text that is none.
		if g.codes[c] != 0 || g.codes[strings.ToUpper(c)] != 0 || g.asked >= maxNear || len(c) > 32 || !ascii(strings.ToUpper(c)) {
			continue
		}
		g.asked++
		list := slips(strings.ToUpper(c))
		from[c] = list
		candidates = append(candidates, list...)
	}
	if len(candidates) == 0 {
		return nil
	}
	found, err := g.find.SKUCodes(ctx, g.query, candidates)
	if err != nil {
		return err
	}
	for c, list := range from {
		for _, s := range list {
			if found[s] != 0 && s != c {
				g.near[c] = s
				break
			}
		}
	}
	return nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

const (
	figures  = "0123456789"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// slips gives the codes that a slip of the finger turns into s, the likeliest first: two characters changed places, one
// is another of its sort, one was typed twice or too many, one was left out, letters were taken for figures.
func slips(s string) []string {
	b := []byte(s)
	out := []string{strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)}
	for i := range len(b) - 1 {
		c := append([]byte(nil), b...)
		c[i], c[i+1] = c[i+1], c[i]
		out = append(out, string(c))
	}
	for i, was := range b {
		sort := ""
		switch {
		case was >= '0' && was <= '9':
			sort = figures
		case was >= 'A' && was <= 'Z':
			sort = capitals
		}
		for _, is := range []byte(sort) {
			if is != was {
				c := append([]byte(nil), b...)
				c[i] = is
				out = append(out, string(c))
			}
		}
	}
	for i := range b {
		out = append(out, s[:i]+s[i+1:])
	}
	for i := range len(b) + 1 {
		for _, more := range []byte(figures + "-") {
			out = append(out, s[:i]+string(more)+s[i:])
		}
	}
	return out
}
