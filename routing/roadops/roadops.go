// Package roadops asks a road network's server for ways between places: any that speaks OSRM's table service
// (http://project-osrm.org/docs/v5.24.0/api/#table-service), at an address that the house is given. Answers are kept, so that
// a re-plan asks for the new doors alone. When the server does not answer, ways are by the straight line, and Trouble says so.
package roadops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"milkrun/routing/solver"
)

// Settings are where the server is and how it is asked.
type Settings struct {
	// Address is the server's, like http://osrm:5000. Profiles gives the server's profile by kind of vehicle ("bike" → "cycling");
	// a kind without one is asked for by its own name.
	Address  string
	Profiles map[string]string
	// Straight is how a kind of vehicle gets along without the server.
	Straight solver.StraightRoads
	// Timeout bounds one question, Keep is how long an answer holds, Pause how long the server is left alone after a failure. 0: 3
	// seconds, a day, 30 seconds.
	Timeout, Keep, Pause time.Duration
	// Block is the most sources, and destinations, of one question: a server's --max-table-size bounds both together. 0: 50.
	Block int
	// Ways is how many ways are kept. 0: a million, some 60 MB.
	Ways int
	// Client asks; nil is http.DefaultClient's transport with the timeout.
	Client *http.Client
	Clock  func() time.Time
	Log    *slog.Logger
}

// ErrAddress refuses an address that is no HTTP server's.
var ErrAddress = errors.New("roadops: the road server's address must be like http://host:5000")

// Server is a road network's server behind a cache. It is safe for concurrent use.
type Server struct {
	set  Settings
	mu   sync.Mutex
	ways map[way]cost
	// since and what tell of the trouble that lasts.
	since time.Time
	what  string
	again time.Time
}

// way is from one place to another by a kind of vehicle. Places are rounded to a hundred-thousandth of a degree: a metre.
type way struct {
	kind     string
	from, to [2]int32
}

type cost struct {
	seconds, metres int32
	until           int64
}

// New checks the settings and gives the server's client; nothing is asked yet.
func New(s Settings) (*Server, error) {
	u, err := url.Parse(s.Address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%w: %q", ErrAddress, s.Address)
	}
	s.Address = strings.TrimRight(s.Address, "/")
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&s.Timeout, 3*time.Second)
	def(&s.Keep, 24*time.Hour)
	def(&s.Pause, 30*time.Second)
	if s.Block == 0 {
		s.Block = 50
	}
	if s.Ways == 0 {
		s.Ways = 1_000_000
	}
	if s.Client == nil {
		s.Client = &http.Client{}
	}
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{set: s, ways: map[way]cost{}}, nil
}

// Trouble tells since when the server does not answer, and how it failed; zero while all is well.
func (s *Server) Trouble() (since time.Time, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since, s.what
}

func rounded(p solver.Point) [2]int32 {
	return [2]int32{int32(math.Round(p.Lat * 1e5)), int32(math.Round(p.Lon * 1e5))}
}

// Ways implements solver.Roads. A failing server is no error: the ways that are not known are by the straight line. The only error
// is a kind of vehicle without a straight line, or a context that ended.
func (s *Server) Ways(ctx context.Context, kind string, points []solver.Point) (solver.Profile, error) {
	straight, err := s.set.Straight.Ways(ctx, kind, points)
	if err != nil || len(points) < 2 {
		return straight, err
	}
	keys := make([][2]int32, len(points))
	for i, p := range points {
		keys[i] = rounded(p)
	}
	if missing := s.missing(kind, keys); len(missing) > 0 && s.mayAsk() {
		err := s.fetch(ctx, kind, keys, missing)
		if ctx.Err() != nil {
			return straight, ctx.Err()
		}
		s.note(ctx, err)
	}
	return s.known(kind, keys, straight), nil
}

// missing gives the places of which a way to or from another is not known.
func (s *Server) missing(kind string, keys [][2]int32) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.set.Clock().Unix()
	seen := map[[2]int32]bool{}
	var out []int
	for i, a := range keys {
		if seen[a] {
			continue
		}
		seen[a] = true
		for _, b := range keys {
			if c, known := s.ways[way{kind, a, b}]; a != b && (!known || c.until < now) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

func (s *Server) mayAsk() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.set.Clock().Before(s.again)
}

func (s *Server) note(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		if !s.since.IsZero() {
			s.set.Log.InfoContext(ctx, "the road server answers again", "address", s.set.Address)
		}
		s.since, s.what, s.again = time.Time{}, "", time.Time{}
		return
	}
	if s.since.IsZero() {
		s.since = s.set.Clock()
		s.set.Log.WarnContext(ctx, "the road server does not answer: ways are by the straight line", "address", s.set.Address, "error", err)
	}
	s.what, s.again = err.Error(), s.set.Clock().Add(s.set.Pause)
}

// known lays what is known over the straight lines.
func (s *Server) known(kind string, keys [][2]int32, p solver.Profile) solver.Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range keys {
		for j, b := range keys {
			if c, ok := s.ways[way{kind, a, b}]; ok && i != j {
				p.Seconds[i*p.Size+j], p.Metres[i*p.Size+j] = c.seconds, c.metres
			}
		}
	}
	return p
}

// fetch asks for the ways to and from the missing places, in blocks.
func (s *Server) fetch(ctx context.Context, kind string, keys [][2]int32, missing []int) error {
	var all, rest []int
	fresh := map[int]bool{}
	for _, i := range missing {
		fresh[i] = true
	}
	seen := map[[2]int32]bool{}
	for i, k := range keys {
		if !seen[k] {
			seen[k] = true
			all = append(all, i)
			if !fresh[i] {
				rest = append(rest, i)
			}
		}
	}
	// From the new places to all, and from the others to the new ones.
	for _, q := range [][2][]int{{missing, all}, {rest, missing}} {
		for _, from := range blocks(q[0], s.set.Block) {
			for _, to := range blocks(q[1], s.set.Block) {
				if err := s.ask(ctx, kind, keys, from, to); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func blocks(list []int, most int) (out [][]int) {
	for len(list) > most {
		out, list = append(out, list[:most]), list[most:]
	}
	if len(list) > 0 {
		out = append(out, list)
	}
	return out
}

// table is OSRM's answer; a cell is null where there is no way.
type table struct {
	Code      string       `json:"code"`
	Message   string       `json:"message"`
	Durations [][]*float64 `json:"durations"`
	Distances [][]*float64 `json:"distances"`
}

// largestAnswer bounds what is read of an answer.
const largestAnswer = 32 << 20

func (s *Server) ask(ctx context.Context, kind string, keys [][2]int32, from, to []int) error {
	ctx, cancel := context.WithTimeout(ctx, s.set.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address(kind, keys, from, to), nil)
	if err != nil {
		return fmt.Errorf("roadops: %w", err)
	}
	res, err := s.set.Client.Do(req)
	if err != nil {
		return fmt.Errorf("roadops: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var t table
	if err := json.NewDecoder(io.LimitReader(res.Body, largestAnswer)).Decode(&t); err != nil {
		return fmt.Errorf("roadops: %s answered %d and no table: %w", s.set.Address, res.StatusCode, err)
	}
	if res.StatusCode != http.StatusOK || t.Code != "Ok" {
		return fmt.Errorf("roadops: %s answered %d %s: %s", s.set.Address, res.StatusCode, t.Code, t.Message)
	}
	if !shaped(t.Durations, len(from), len(to)) || !shaped(t.Distances, len(from), len(to)) {
		return fmt.Errorf("roadops: %s answered a table of another size than %d × %d", s.set.Address, len(from), len(to))
	}
	s.keep(kind, keys, from, to, t)
	return nil
}

func shaped(cells [][]*float64, rows, columns int) bool {
	if len(cells) != rows {
		return false
	}
	for _, row := range cells {
		if len(row) != columns {
			return false
		}
	}
	return true
}

// address is /table/v1/{profile}/{lon},{lat};…?sources=…&destinations=…&annotations=duration,distance.
func (s *Server) address(kind string, keys [][2]int32, from, to []int) string {
	profile := kind
	if p := s.set.Profiles[kind]; p != "" {
		profile = p
	}
	var b, sources, destinations strings.Builder
	at := 0
	list := func(ids []int, index *strings.Builder) {
		for i, k := range ids {
			if at > 0 {
				b.WriteByte(';')
			}
			if i > 0 {
				index.WriteByte(';')
			}
			b.WriteString(degrees(keys[k][1]) + "," + degrees(keys[k][0]))
			index.WriteString(strconv.Itoa(at))
			at++
		}
	}
	list(from, &sources)
	list(to, &destinations)
	return fmt.Sprintf("%s/table/v1/%s/%s?sources=%s&destinations=%s&annotations=duration,distance", s.set.Address, url.PathEscape(profile), b.String(), sources.String(), destinations.String())
}

func degrees(v int32) string { return strconv.FormatFloat(float64(v)/1e5, 'f', 5, 64) }

func (s *Server) keep(kind string, keys [][2]int32, from, to []int, t table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ways)+len(from)*len(to) > s.set.Ways {
		s.ways = map[way]cost{} // rare; asked for again as they are needed
	}
	until := s.set.Clock().Add(s.set.Keep).Unix()
	for i, a := range from {
		for j, b := range to {
			sec, m := t.Durations[i][j], t.Distances[i][j]
			if sec == nil || m == nil || *sec < 0 || *m < 0 || *sec > math.MaxInt32/4 || *m > math.MaxInt32/4 {
				continue // no way there: the straight line stands
			}
			s.ways[way{kind, keys[a], keys[b]}] = cost{int32(math.Ceil(*sec)), int32(math.Round(*m)), until}
		}
	}
}
