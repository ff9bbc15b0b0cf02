package models

import (
	"math"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Settings of the uncertainty of a launch.
const (
	launchSize  = 1.5 // r of the negative binomial noise
	launchTau2  = .36 // relative variance of the level of a SKU that has never sold: off by a factor of 1.8 one time in three
	launchKnown = 14  // own days after which it has halved
)

// LaunchForecast gives the forecast of a SKU of which only its expected course is known, and so many days of its own sales.
func LaunchForecast(key forecasting.Key, origin calendar.Day, mean []float64, known int) forecasting.Forecast {
	h := len(mean)
	f := forecasting.Forecast{Key: key, Origin: origin, Class: forecasting.ClassNew, Model: "launch"}
	for _, v := range []*[]float32{&f.Mean, &f.Q10, &f.Q50, &f.Q90, &f.Q95, &f.CumSD} {
		*v = make([]float32, h)
	}
	tau2 := launchTau2 * launchKnown / (launchKnown + float64(known))
	size := 1 / (1/launchSize + tau2)
	total, noise := 0.0, 0.0
	for i, m := range mean {
		m = finite(m)
		f.Mean[i] = float32(m)
		var q [len(probabilities)]float64
		for k, p := range probabilities {
			q[k] = nbQuantile(p, m, size)
		}
		ascending(q[:])
		f.Q10[i], f.Q50[i], f.Q90[i], f.Q95[i] = float32(q[0]), float32(q[1]), float32(q[2]), float32(q[3])
		total += m
		noise += m + m*m/launchSize
		f.CumSD[i] = float32(math.Sqrt(noise + tau2*total*total))
	}
	return f
}

// Moved gives a forecast with another mean: the quantiles move with it, and where nothing was expected before they are those of a
// launch.
func Moved(f forecasting.Forecast, mean []float64) forecasting.Forecast {
	fresh := LaunchForecast(f.Key, f.Origin, mean, 0)
	out := f.Scaled(func(i int) float64 {
		if i < len(mean) && f.Mean[i] > 0 {
			return finite(mean[i]) / float64(f.Mean[i])
		}
		return 1
	})
	for i := range out.Mean {
		if f.Mean[i] > 0 || i >= len(mean) {
			continue
		}
		out.Mean[i], out.Q10[i], out.Q50[i], out.Q90[i], out.Q95[i] = fresh.Mean[i], fresh.Q10[i], fresh.Q50[i], fresh.Q90[i], fresh.Q95[i]
	}
	for i := range out.CumSD {
		if was := f.Sum(i + 1); was <= 0 {
			out.CumSD[i] = fresh.CumSD[i]
		}
	}
	growing(out.CumSD)
	return out
}
