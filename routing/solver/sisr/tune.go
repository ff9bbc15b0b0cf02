package sisr

import (
	"os"
	"strconv"
	"strings"
)

var tuning = func() map[string]float64 {
	m := map[string]float64{}
	for _, f := range strings.Split(os.Getenv("TUNE"), ",") {
		k, v, ok := strings.Cut(f, "=")
		if ok {
			m[k], _ = strconv.ParseFloat(v, 64)
		}
	}
	return m
}()

func tune(k string, d float64) float64 {
	if v, ok := tuning[k]; ok {
		return v
	}
	return d
}
