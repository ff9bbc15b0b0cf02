package forecastops_test

import (
	"context"
	"testing"

	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/catalog"
)

// TestGlobalModel: a run learns over a sample of its series, stores what it has learnt with the judgement by class, and forecasts with it;
// a single SKU is forecast anew with the same model.
func TestGlobalModel(t *testing.T) {
	w := newWorld(t, shape{skus: 20, sites: 3, days: 400, lag: 5})
	w.ops.Panel = forecastops.Panel{Most: 50, Least: 20, Rows: 6000, Trees: 15}
	w.work()
	run := w.awaitPublished(w.start().ID)
	note, err := forecastdb.GlobalNote(context.Background(), w.pool, run.ID)
	if err != nil || note == nil || note.Series < 20 || note.Bytes == 0 || len(note.Lessons) == 0 {
		t.Fatalf("the model of the run: %+v, %v", note, err)
	}
	for _, l := range note.Lessons {
		if l.Share > 0 && l.With >= l.Alone {
			t.Errorf("%s: used though it does not pay: %+v", l.Class, l)
		}
	}
	if err := w.ops.Refresh(context.Background(), []catalog.SKUID{1}); err != nil {
		t.Fatal(err)
	}
	w.addsUp()
	w.idle()
}
