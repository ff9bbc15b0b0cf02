package roadops_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/routing/roadops"
	"milkrun/routing/solver"
)

// osrm speaks OSRM's table service: a way is the difference of the degrees, 1 m and 2 s for each hundred-thousandth. Over a point
// at latitude 0 there is no way.
type osrm struct {
	t         *testing.T
	mu        sync.Mutex
	questions int
	cells     int
	path      string
	broken    int // status to answer instead; 1: garbage, 2: a smaller table
}

func (o *osrm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.questions++
	o.path = r.URL.Path
	switch {
	case o.broken == 1:
		_, _ = w.Write([]byte("<html>"))
		return
	case o.broken > 2:
		w.WriteHeader(o.broken)
		_, _ = w.Write([]byte(`{"code":"TooBig","message":"Too many table coordinates"}`))
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // table v1 profile coordinates
	if len(parts) != 4 || parts[0] != "table" || parts[1] != "v1" || r.URL.Query().Get("annotations") != "duration,distance" {
		o.t.Errorf("asked for %s", r.URL)
	}
	var points [][2]float64
	for _, c := range strings.Split(parts[3], ";") {
		lon, lat, _ := strings.Cut(c, ",")
		x, _ := strconv.ParseFloat(lon, 64)
		y, _ := strconv.ParseFloat(lat, 64)
		points = append(points, [2]float64{x, y})
	}
	index := func(name string) (out []int) {
		raw, _, _ := strings.Cut(r.URL.RawQuery[strings.Index(r.URL.RawQuery, name+"=")+len(name)+1:], "&")
		for _, s := range strings.Split(raw, ";") {
			n, err := strconv.Atoi(s)
			if err != nil {
				o.t.Errorf("%s of %q: %v", name, r.URL.RawQuery, err)
			}
			out = append(out, n)
		}
		return out
	}
	from, to := index("sources"), index("destinations")
	if len(from) > 2 || len(to) > 2 {
		o.t.Errorf("%d × %d in one question", len(from), len(to))
	}
	durations, distances := [][]*float64{}, [][]*float64{}
	for _, a := range from {
		var d, m []*float64
		for _, b := range to {
			o.cells++
			if points[a][1] == 0 || points[b][1] == 0 {
				d, m = append(d, nil), append(m, nil)
				continue
			}
			far := (abs(points[a][0]-points[b][0]) + abs(points[a][1]-points[b][1])) * 1e5
			s := 2*far - .4
			d, m = append(d, &s), append(m, &far)
		}
		durations, distances = append(durations, d), append(distances, m)
	}
	if o.broken == 2 {
		durations = durations[:0]
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"code": "Ok", "durations": durations, "distances": distances})
}

func abs(x float64) float64 { return max(x, -x) }

func open(t *testing.T) (*osrm, *roadops.Server, *time.Time) {
	t.Helper()
	o := &osrm{t: t}
	web := httptest.NewServer(o)
	t.Cleanup(web.Close)
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	s, err := roadops.New(roadops.Settings{Address: web.URL + "/", Profiles: map[string]string{"bike": "cycling"}, Block: 2, Clock: func() time.Time { return now },
		Straight: solver.StraightRoads{"bike": {Detour: 1.3, KmH: 20, Lost: 0}}})
	if err != nil {
		t.Fatal(err)
	}
	return o, s, &now
}

func TestWaysComeFromTheServerOnce(t *testing.T) {
	o, s, now := open(t)
	points := []solver.Point{{Lat: 31, Lon: 121}, {Lat: 31.001, Lon: 121}, {Lat: 31, Lon: 121.002}}
	p, err := s.Ways(t.Context(), "bike", points)
	if err != nil {
		t.Fatal(err)
	}
	if p.Metres[1] != 100 || p.Seconds[1] != 200 || p.Metres[0*3+2] != 200 || p.Metres[2*3+1] != 300 || p.Seconds[0] != 0 {
		t.Errorf("%v %v", p.Metres, p.Seconds)
	}
	if !strings.HasPrefix(o.path, "/table/v1/cycling/121.") {
		t.Errorf("asked %s", o.path)
	}
	asked := o.questions
	if _, err := s.Ways(t.Context(), "bike", points); err != nil || o.questions != asked {
		t.Errorf("%d more questions for what is known, %v", o.questions-asked, err)
	}
	// One more door asks for its own row and column alone.
	o.cells = 0
	if p, err = s.Ways(t.Context(), "bike", append(points, solver.Point{Lat: 31.005, Lon: 121})); err != nil || p.Metres[3] != 500 || p.Metres[3*4+1] != 400 {
		t.Errorf("%v, %v", p.Metres, err)
	}
	if o.cells > 16 {
		t.Errorf("%d cells asked for, at most twice 4 × 2", o.cells)
	}
	*now = now.Add(25 * time.Hour)
	o.questions = 0
	if _, err := s.Ways(t.Context(), "bike", points); err != nil || o.questions == 0 {
		t.Error("what is a day old was not asked for again")
	}
	if since, what := s.Trouble(); !since.IsZero() {
		t.Errorf("trouble %s", what)
	}
}

func TestWithoutTheServerWaysAreStraight(t *testing.T) {
	points := []solver.Point{{Lat: 31, Lon: 121}, {Lat: 31.01, Lon: 121}}
	want := solver.Straight(points, 1.3, 20, 0)
	for _, broken := range []int{1, 2, 400, 500, 503} {
		t.Run(fmt.Sprint(broken), func(t *testing.T) {
			o, s, now := open(t)
			o.broken = broken
			p, err := s.Ways(t.Context(), "bike", points)
			if err != nil || p.Metres[1] != want.Metres[1] || p.Seconds[1] != want.Seconds[1] {
				t.Fatalf("%v, %v", p.Metres, err)
			}
			if since, what := s.Trouble(); !since.Equal(*now) || what == "" {
				t.Errorf("trouble since %v: %q", since, what)
			}
			asked := o.questions
			if _, err := s.Ways(t.Context(), "bike", points); err != nil || o.questions != asked {
				t.Error("a failing server was asked again at once")
			}
			*now = now.Add(time.Minute)
			o.broken = 0
			if p, err = s.Ways(t.Context(), "bike", points); err != nil || p.Metres[1] != 1000 {
				t.Errorf("%v, %v", p.Metres, err)
			}
			if since, _ := s.Trouble(); !since.IsZero() {
				t.Error("still in trouble")
			}
		})
	}
}

func TestWhereNoRoadLeads(t *testing.T) {
	_, s, _ := open(t)
	points := []solver.Point{{Lat: 0, Lon: 121}, {Lat: .01, Lon: 121}}
	p, err := s.Ways(t.Context(), "bike", points)
	if want := solver.Straight(points, 1.3, 20, 0); err != nil || p.Metres[1] != want.Metres[1] {
		t.Errorf("%v, %v", p.Metres, err)
	}
	if _, err := s.Ways(t.Context(), "camel", points); !errors.Is(err, solver.ErrProblem) {
		t.Errorf("a kind nobody knows: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "osrm:5000", "ftp://osrm", "http://", "://"} {
		if _, err := roadops.New(roadops.Settings{Address: bad}); !errors.Is(err, roadops.ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
