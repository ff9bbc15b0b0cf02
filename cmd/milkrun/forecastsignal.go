package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
	"milkrun/forecasting/models"
)

// evalSignals measures a folder with series.csv: a row of figures for each distance from the origin. WAPE and bias are means over the
// series, as in the figures such sets are compared by.
func evalSignals(dir, name string, out *csv.Writer) ([]evalRow, error) {
	items, err := backtest.ReadSignals(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	panel := make([]models.Signal, len(items))
	for i, it := range items {
		panel[i] = models.Signal{Value: it.Value, Heat: it.Heat}
	}
	before := cpuSeconds()
	paths := models.Nowcast(panel, models.NowcastOptions{})
	cpu := 1000 * (cpuSeconds() - before) / float64(len(items))
	var rows []evalRow
	for _, ahead := range []int{0, 1, 2, 4} {
		row := evalRow{Set: fmt.Sprintf("%s+%d", name, ahead), CPUPer1000: figure(cpu), Models: map[string]int{}}
		score := forecasting.Scorer{}
		wape, bias := 0.0, 0.0
		for i, it := range items {
			own := forecasting.Scorer{}
			var actual []float64
			var f forecasting.Path
			for _, p := range paths[i] {
				if p.Ahead != ahead {
					continue
				}
				t := p.Origin + p.Ahead
				_ = out.Write([]string{it.ID, strconv.Itoa(it.First + t), decimal(p.Mean), decimal(p.Q50), decimal(p.Q90), decimal(p.Q95), strconv.Itoa(ahead)})
				actual = append(actual, it.Value[t])
				f.Mean, f.Q50 = append(f.Mean, p.Mean), append(f.Q50, p.Q50)
				f.Q90, f.Q95 = append(f.Q90, p.Q90), append(f.Q95, p.Q95)
				if p.Heated {
					row.Models["with heat"]++
				} else {
					row.Models["without heat"]++
				}
			}
			train := it.Value[:max(len(it.Value)-len(actual), 0)]
			score.Add(train, actual, f)
			own.Add(train, actual, f)
			a := own.Accuracy()
			wape += a.WAPE / float64(len(items))
			bias += a.Bias / float64(len(items))
		}
		row.set(score.Accuracy())
		row.WAPE, row.Bias = figure(wape), figure(bias)
		rows = append(rows, row)
	}
	return rows, nil
}
