package scanner

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/label"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// parcelLabel lays out the label of the parcel of the address, in the language of the house's labels: Chinese.
func (s Scanner) parcelLabel(r *http.Request) (label.Label, warehouse.ParcelLabel, error) {
	id, err := route.ID(r, "parcel")
	if err != nil {
		return label.Label{}, warehouse.ParcelLabel{}, err
	}
	row, err := s.Ops.Label(r.Context(), id)
	if err != nil {
		return label.Label{}, row, err
	}
	due := ""
	if row.Due != nil {
		due = label.Chinese.HandOver + " " + ui.Moment(r.Context(), *row.Due)
	}
	l, err := label.Parcel{Number: row.Number, Carrier: row.Carrier, Route: route4(row.Area), HandOver: due, Name: row.Consignee, Phone: row.Phone, Address: row.Address,
		From: "Milkrun " + catalog.Name{ZH: row.SiteZH, EN: row.SiteEN}.In("zh"), Order: row.Order, Tote: row.Tote, Pieces: quantity.Pieces(row.Pieces), Grams: row.Grams,
		No: int(row.No), Of: int(row.Of), Cold: row.Cold}.Label(label.Chinese)
	var field *label.FieldError
	if errors.As(err, &field) {
		return l, row, route.Invalid("scanner.label.bad").Because(err)
	}
	return l, row, err
}

// route4 gives the short word by which parcels are sorted.
func route4(area string) string {
	runes := []rune(area)
	return string(runes[:min(4, len(runes))])
}

// label is the page that the browser prints: the label alone, at its size.
func (s Scanner) label(w http.ResponseWriter, r *http.Request) error {
	l, row, err := s.parcelLabel(r)
	if err != nil {
		return err
	}
	picture, err := l.SVG()
	if err != nil {
		return fmt.Errorf("scanner: label: %w", err)
	}
	return route.Render(w, r, labelPage(labelData{Number: row.Number, Picture: picture, ZPL: r.URL.Path + "/zpl"}))
}

// labelZPL is the label for a label printer of 203 dpi.
func (s Scanner) labelZPL(w http.ResponseWriter, r *http.Request) error {
	l, row, err := s.parcelLabel(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zpl")
	w.Header().Set("Content-Disposition", `attachment; filename="`+row.Number+`.zpl"`)
	_, _ = w.Write([]byte(label.ZPL([]label.Label{l}, label.Printer{})))
	return nil
}

type labelData struct{ Number, Picture, ZPL string }

// pictureAddress puts an SVG into the address of an img, where no script in it could run.
func pictureAddress(svg string) string {
	return "data:image/svg+xml," + strings.NewReplacer("%", "%25", "#", "%23", "<", "%3C", ">", "%3E", "\"", "%22", "\n", "%0A").Replace(svg)
}
