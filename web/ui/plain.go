package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// stop is one station of the picture on the log-in page.
type stop struct {
	X, Y, DX, DY float64
	Anchor       string
	Icon, Word   string
}

var loginStops = []stop{
	{120, 770, 46, 6, "start", "flame", "login.stop.heat"},
	{188, 620, 0, -44, "middle", "chart-line", "login.stop.forecast"},
	{255, 545, 46, 6, "start", "building-factory-2", "login.stop.factory"},
	{343, 470, 0, -44, "middle", "building-warehouse", "login.stop.warehouse"},
	{510, 330, 0, -44, "middle", "scooter", "login.stop.rider"},
	{590, 190, 46, 6, "start", "home-heart", "login.stop.home"},
}

// gridPath is the street grid behind the picture.
var gridPath = func() string {
	var b strings.Builder
	for x := -40; x < 760; x += 88 {
		fmt.Fprintf(&b, "M%d -10V910", x)
	}
	for y := 40; y < 900; y += 92 {
		fmt.Fprintf(&b, "M-10 %dH730", y)
	}
	return b.String()
}()

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
