package forecasting

import (
	"math"
	"testing"
)

func repeat(n int, pattern ...float64) []float64 {
	var out []float64
	for len(out) < n {
		out = append(out, pattern...)
	}
	return out[:n]
}

func TestPattern(t *testing.T) {
	// Demands 4, 2, 6 in seven periods after two empty ones: ADI 7/3; mean 4, variance 8/3, CV² 1/6.
	adi, cv2 := Pattern([]float64{0, 0, 4, 0, 2, 0, 0, 6, 0})
	if math.Abs(adi-7.0/3) > 1e-12 || math.Abs(cv2-1.0/6) > 1e-12 {
		t.Errorf("ADI %g, CV² %g", adi, cv2)
	}
	if adi, cv2 := Pattern([]float64{0, math.NaN()}); !math.IsInf(adi, 1) || cv2 != 0 {
		t.Errorf("no demand: ADI %g, CV² %g", adi, cv2)
	}
}

func TestClassify(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		demand []float64
		want   Class
	}{
		"nothing known":                  {nil, ClassNew},
		"all unknown":                    {[]float64{nan, nan}, ClassNew},
		"listed last week":               {repeat(7, 0), ClassNew},
		"three weeks old":                {repeat(20, 3), ClassNew},
		"launched late":                  {append(repeat(300, 0), repeat(10, 5)...), ClassNew},
		"never sold":                     {repeat(60, 0), ClassDead},
		"steady":                         {repeat(60, 5, 6, 4), ClassSmooth},
		"sometimes, same size":           {repeat(60, 0, 2, 0), ClassIntermittent},
		"always, wild":                   {repeat(60, 1, 1, 1, 30), ClassErratic},
		"sometimes, wild":                {repeat(60, 0, 1, 0, 40, 0, 1, 0, 1), ClassLumpy},
		"sold, then half a year nothing": {append(repeat(100, 4), repeat(200, 0)...), ClassDead},
		"sells once in a quarter":        {repeat(900, append(repeat(89, 0), 1)...), ClassIntermittent},
	} {
		if got := Classify(c.demand); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
