package forecastops_test

import (
	"testing"
)

func TestRunPublishes(t *testing.T) {
	w := newWorld(t, shape{skus: 60, sites: 4, days: 420, lag: 5})
	r := w.start()
	w.work()
	r = w.awaitPublished(r.ID)
	t.Logf("%+v %+v", r, r.Summary)
	w.idle()
	r = w.run(r.ID)
	t.Logf("%+v", r.Accuracy)
}
