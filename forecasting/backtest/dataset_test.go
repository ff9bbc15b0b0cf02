package backtest

import (
	"errors"
	"io/fs"
	"math"
	"slices"
	"testing"
	"testing/fstest"

	"milkrun/forecasting"
)

func folder(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

const trainText = "\uFEFFseries_id,t,value\na,1,5\na,2,\na,4,7\nb,3,1\nb,4,2\n"

func TestReadDataset(t *testing.T) {
	d, err := ReadDataset(folder(map[string]string{"train.csv": trainText, "test.csv": "series_id,t,value\r\na,5,9\r\na,6,8\r\nb,5,3\r\n"}), "x_daily", "")
	if err != nil {
		t.Fatal(err)
	}
	a := d.Items[0]
	if d.Period != Day || d.Scale != 7 || a.Horizon != 2 || a.Actual != nil || len(a.Past) != 4 || !math.IsNaN(a.Past[1]) || !math.IsNaN(a.Past[2]) || a.Past[3] != 7 {
		t.Errorf("%+v %+v", d, a)
	}
	if err := d.ReadActuals(); err != nil || !slices.Equal(a.Actual, []float64{9, 8}) {
		t.Errorf("%v %v", a.Actual, err)
	}
}

func TestReadDatasetTellsThePlan(t *testing.T) {
	d, err := ReadDataset(folder(map[string]string{
		"train.csv":    "series_id,t,value,price,base_price,feature\n1_7,1,5,2,2,0\n1_7,2,6,1,2,1\n2_7,1,3,2,2,0\n1_8,1,3,2,2,0\n2_8,1,3,2,2,0\n1_9,1,3,2,2,0\n2_9,1,3,2,2,0\n",
		"test.csv":     "series_id,t,value,price,base_price,feature\n1_7,3,9,1.5,2,1\n2_7,2,1,2,2,0\n1_8,2,1,2,2,0\n2_8,2,1,2,2,0\n1_9,2,1,2,2,0\n2_9,2,1,2,2,0\n",
		"products.csv": "upc,category\n7,soap\n8,soap\n9,tea\n",
	}), "shop", "")
	if err != nil {
		t.Fatal(err)
	}
	s, fut := d.Case(d.Items[0])
	if d.Period != Week || s.Promo[1] != .5 || fut.Promo[0] != .25 || fut.Extra[0][0] != 1 {
		t.Errorf("%s %+v %+v", d.Period, s, fut)
	}
	if c := d.Attributes["category"]; len(c) != 6 || c[0] != "soap" || c[5] != "tea" {
		t.Errorf("%v", d.Attributes)
	}
}

func TestReadDatasetRefuses(t *testing.T) {
	const good = "series_id,t,value\na,5,9\nb,5,3\n"
	for name, c := range map[string]struct {
		train, test string
		row         int
		column      string
	}{
		"no column":      {"series_id,t\na,1\n", good, 1, "value"},
		"twice":          {"series_id,t,value,t\na,1,1,1\n", good, 1, "t"},
		"no number":      {"series_id,t,value\na,1,five\n", good, 2, "value"},
		"infinite":       {"series_id,t,value\na,1,Inf\n", good, 2, "value"},
		"fields":         {"series_id,t,value\na,1,1\na,2\n", good, 3, ""},
		"not whole":      {"series_id,t,value\na,1.5,1\n", good, 2, "t"},
		"doubled period": {"series_id,t,value\na,1,1\na,1,1\n", good, 3, "t"},
		"no name":        {"series_id,t,value\n,1,1\n", good, 2, "series_id"},
		"empty":          {"", good, 0, ""},
		"no rows":        {"series_id,t,value\n", good, 0, ""},
		"unknown series": {trainText, good + "c,1,1\n", 4, "series_id"},
		"gap in test":    {trainText, "series_id,t,value\na,6,9\nb,5,3\n", 2, "t"},
		"nothing to do":  {trainText, "series_id,t,value\na,5,9\n", 0, ""},
		"huge":           {"series_id,t,value\na,1,1e300\n", good, 2, "value"},
	} {
		_, err := ReadDataset(folder(map[string]string{"train.csv": c.train, "test.csv": c.test}), "daily", "")
		var f *FileError
		if !errors.As(err, &f) || f.Row != c.row || f.Column != c.column {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadDataset(folder(nil), "daily", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := ReadDataset(folder(map[string]string{"train.csv": trainText, "test.csv": good}), "what", ""); err == nil {
		t.Error("a set of unknown period")
	}
	if _, err := ReadDataset(folder(map[string]string{"train.csv.gz": "no gzip"}), "daily", ""); err == nil {
		t.Error("broken gzip")
	}
}

// TestTestValuesAreNotRead: a test file whose values are rubbish can be forecast; only scoring stumbles.
func TestTestValuesAreNotRead(t *testing.T) {
	d, err := ReadDataset(folder(map[string]string{"train.csv": trainText, "test.csv": "series_id,t,value\na,5,rubbish\nb,5,rubbish\n"}), "daily", "")
	if err != nil {
		t.Fatal(err)
	}
	var f *FileError
	if err := d.ReadActuals(); !errors.As(err, &f) || f.Row != 2 {
		t.Errorf("%v", err)
	}
}

func TestHoldBack(t *testing.T) {
	text := "series_id,t,value\n"
	for i := range 9 {
		text += "a," + string(rune('1'+i)) + ",1\n"
	}
	d, err := ReadDataset(folder(map[string]string{"train.csv": text + "b,1,1\n", "test.csv": "series_id,t,value\na,10,1\na,11,1\nb,2,1\n"}), "weekly", "")
	if err != nil {
		t.Fatal(err)
	}
	d.HoldBack(2)
	if len(d.Items) != 1 || len(d.Items[0].Past) != 5 || len(d.Items[0].Actual) != 2 {
		t.Errorf("%+v", d.Items[0])
	}
	if err := d.ReadActuals(); err != nil || len(d.Items[0].Actual) != 2 {
		t.Error("the test file was read after HoldBack")
	}
}

func FuzzReadDataset(f *testing.F) {
	f.Add(trainText, "series_id,t,value\na,5,9\nb,5,3\n")
	f.Add("series_id,t,value,base_price,price\n\"a\",1,,,\n", "series_id,t,base_price,price\na,2,,\n")
	f.Fuzz(func(t *testing.T, train, test string) {
		d, err := ReadDataset(folder(map[string]string{"train.csv": train, "test.csv": test}), "daily", "")
		if err != nil {
			return
		}
		for _, it := range d.Items {
			s, fut := d.Case(it)
			if it.Horizon < 1 || it.Horizon > forecasting.MaxHorizon || len(s.Sales) == 0 || len(fut.Promo) > it.Horizon {
				t.Fatalf("%+v", it)
			}
		}
	})
}

const saleHead = "series_id,sku,location,topic,t,date,sales,sold_out,promo,holiday\n"

func heatFiles() map[string]string {
	return map[string]string{
		"train.csv":    saleHead + "S1@L1,S1,L1,T1,0,2023-01-02,3,0,0.2,new_year\nS1@L1,S1,L1,T1,2,2023-01-04,4,1,0,\n",
		"test.csv":     "series_id,sku,location,topic,origin,t,date,sales,sold_out,promo,holiday,demand,mu\nS1@L1,S1,L1,T1,3,3,2023-01-05,9,0,0.9,,7,7\nS1@L1,S1,L1,T1,3,4,2023-01-06,8,0,0.9,,7,7\n",
		"calendar.csv": "sku,t,promo,holiday\nS1,3,0.1,\nS1,4,0,double11\n",
		"heat.csv":     "topic,t,date,heat,content,comments\nT1,0,2023-01-02,50,1,2\nT1,1,2023-01-03,,3,4\nT1,2,2023-01-04,52,,\n",
	}
}

func TestReadHeatDataset(t *testing.T) {
	d, err := ReadHeatDataset(folder(heatFiles()))
	if err != nil {
		t.Fatal(err)
	}
	it := d.Items[0]
	past := d.Past(it, 3)
	if d.Train != 3 || d.Horizon != 2 || !slices.Equal(d.Origins, []int{3}) || past.Len() != 3 || !math.IsNaN(past.Sales[1]) || !past.SoldOut[2] {
		t.Errorf("%+v %+v", d, past)
	}
	if fut := d.Future(it, 3); fut.Promo[0] != .1 || fut.Promo[1] != 0 || it.Promo[3] != .1 {
		t.Errorf("the plan is that of the calendar: %v %v", fut, it.Promo)
	}
	if h := d.KnownHeat("T1", 3); len(h) != 3 || len(h[0].Value) != 2 || !math.IsNaN(h[0].Value[1]) {
		t.Errorf("heat known on day 3 ends on day 1: %+v", h)
	}
	if !d.Wanted(it, 3) || d.Wanted(it, 4) {
		t.Error("wanted")
	}
}

func TestReadHeatDatasetRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		column     string
	}{
		"date":     {"train.csv", saleHead + "S1@L1,S1,L1,T1,0,02.01.2023,3,0,0,\n", "date"},
		"other":    {"train.csv", saleHead + "S1@L1,S1,L1,T1,0,2023-01-02,3,0,0,\nS1@L1,S1,L1,T1,1,2023-01-09,3,0,0,\n", "date"},
		"flag":     {"train.csv", saleHead + "S1@L1,S1,L1,T1,0,2023-01-02,3,yes,0,\n", "sold_out"},
		"depth":    {"train.csv", saleHead + "S1@L1,S1,L1,T1,0,2023-01-02,3,0,20,\n", "promo"},
		"heat":     {"heat.csv", "topic,t,date,heat\nT1,0,2023-01-02,-4\n", "heat"},
		"no topic": {"heat.csv", "topic,t,date,heat\nT2,0,2023-01-02,4\n", "topic"},
		"plan":     {"calendar.csv", "sku,t,promo,holiday\nS1,3,2,\n", "promo"},
	} {
		files := heatFiles()
		files[c.file] = c.text
		_, err := ReadHeatDataset(folder(files))
		var f *FileError
		if !errors.As(err, &f) || f.Column != c.column {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadSignals(t *testing.T) {
	items, err := ReadSignals(folder(map[string]string{"series.csv": "series_id,t,value,heat\nr,3,1,9\nr,5,2,-78\n"}))
	if err != nil || len(items) != 1 || len(items[0].Value) != 3 || !math.IsNaN(items[0].Value[1]) || !math.IsNaN(items[0].Heat[2]) {
		t.Errorf("%+v %v", items, err)
	}
	if _, err := ReadSignals(folder(map[string]string{"series.csv": "series_id,t,value,heat\nr,3,-1,9\n"})); err == nil {
		t.Error("a negative value was taken")
	}
}
