package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"milkrun/internal/access"
)

// BenchKillCmd kills the house under load and counts what is left.
type BenchKillCmd struct {
	Kills   int           `help:"How often the web server, the worker or PostgreSQL is killed with -9." default:"30"`
	Every   time.Duration `help:"Mean time between two kills." default:"3s"`
	Senders int           `help:"Channels that send orders at once." default:"4"`
	JSON    bool          `name:"json" help:"Print one line of JSON."`

	// command makes a process of this program; tests run it otherwise.
	command func(args ...string) *exec.Cmd `kong:"-"`
}

// killResult is what the house holds after it was killed so often.
type killResult struct {
	Kills      map[string]int `json:"kills"`
	Sent       int            `json:"orders_acknowledged"`
	Stored     int            `json:"orders_stored"`
	Missing    int            `json:"missing"`
	Twice      int            `json:"twice"`
	Cancelled  int            `json:"cancelled"`
	Lines      int            `json:"lines"`
	Allocated  int            `json:"lines_allocated"`
	Short      int            `json:"lines_short"`
	Undecided  int            `json:"lines_undecided"`
	Oversold   int            `json:"oversold"`
	Faults     int            `json:"invariant_faults"`
	Seconds    float64        `json:"seconds"`
	SettledSec float64        `json:"settled_after_seconds"`
}

// Run seeds a house, starts a web server and a worker on it as processes of their own, sends orders without pause, kills one of
// them or PostgreSQL at random moments, and proves the books at the end. It fails when anything was lost, doubled or oversold.
func (c *BenchKillCmd) Run(ctx context.Context, cfg *Config) error {
	r, err := c.play(ctx, cfg, os.Stderr)
	if err != nil {
		return err
	}
	if c.JSON {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	} else {
		fmt.Printf("killed with -9: %v in %.0f s, settled %.1f s after the last order\n", r.Kills, r.Seconds, r.SettledSec)
		fmt.Printf("orders: %d acknowledged, %d stored, %d missing, %d twice, %d cancelled\n", r.Sent, r.Stored, r.Missing, r.Twice, r.Cancelled)
		fmt.Printf("lines: %d, allocated %d, short %d, undecided %d; pieces oversold %d; invariants broken %d\n", r.Lines, r.Allocated, r.Short, r.Undecided, r.Oversold, r.Faults)
	}
	return r.verdict()
}

func (r killResult) verdict() error {
	if r.Missing+r.Twice+r.Undecided+r.Oversold+r.Faults > 0 || r.Sent == 0 {
		return fmt.Errorf("the house did not survive: %+v", r)
	}
	return nil
}

func (c *BenchKillCmd) play(ctx context.Context, cfg *Config, say io.Writer) (killResult, error) {
	var out killResult
	dir, err := os.MkdirTemp("", "milkrun-kill-")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return out, err
	}
	own := *cfg
	own.Data, own.DatabaseURL, own.Embedded, own.LogLevel = dir, "", true, "error"
	rig := &killRig{cmd: c, cfg: own, dir: dir, say: say, kills: map[string]int{}}
	defer rig.end()
	if err := rig.seed(ctx); err != nil {
		return out, err
	}
	if err := rig.start(ctx); err != nil {
		return out, err
	}
	at := time.Now()
	load := newKillLoad(rig.door, c.Senders)
	sending, stop := context.WithCancel(ctx)
	load.start(sending)
	err = rig.rampage(ctx)
	stop()
	load.wait()
	out.Kills, out.Seconds = rig.kills, time.Since(at).Seconds()
	if err != nil {
		return out, err
	}
	return out, rig.settle(ctx, load, &out)
}

// killRig is the house and its processes.
type killRig struct {
	cmd    *BenchKillCmd
	cfg    Config
	dir    string
	say    io.Writer
	port   int
	door   *apiDoor
	server *kept
	worker *kept
	kills  map[string]int
}

// kept is a process that is started again whenever it ends, as a service manager does.
type kept struct {
	make func() *exec.Cmd
	mu   sync.Mutex
	cmd  *exec.Cmd
	over bool
	done chan struct{}
}

func keep(make func() *exec.Cmd) *kept {
	k := &kept{make: make, done: newDone()}
	go k.run()
	return k
}

func newDone() chan struct{} { return make(chan struct{}) }

func (k *kept) run() {
	defer close(k.done)
	for {
		k.mu.Lock()
		if k.over {
			k.mu.Unlock()
			return
		}
		cmd := k.make()
		err := cmd.Start()
		k.cmd = cmd
		k.mu.Unlock()
		if err == nil {
			_ = cmd.Wait()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// kill ends the process at once; it is started again unless this is the end.
func (k *kept) kill(end bool) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.over = k.over || end
	if k.cmd != nil && k.cmd.Process != nil {
		_ = k.cmd.Process.Kill()
	}
	k.mu.Unlock()
	if end {
		<-k.done
	}
}

// seed makes the catalog, the stock and a key, and closes the house again.
func (r *killRig) seed(ctx context.Context) error {
	h, err := openHouse(ctx, &r.cfg, r.cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	load := newBenchLoad("kill", 4000, 1)
	load.orders, load.lines = 0, nil // the stock alone: the orders come by API
	if err := load.store(ctx, h.db.Pool); err != nil {
		return err
	}
	account, err := h.Access.AddUser(h.asSystem(ctx), access.User{Login: "bench-api", Name: "压测", Role: access.Integrator, Language: "zh"}, "")
	if err != nil {
		return err
	}
	key, _, err := h.Access.AddKey(h.asSystem(ctx), account.ID, "bench")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.port = l.Addr().(*net.TCPAddr).Port
	r.door = newDoor(fmt.Sprintf("http://127.0.0.1:%d", r.port), key)
	return l.Close()
}

func (r *killRig) spawn(args ...string) *kept {
	args = append([]string{"--data", r.dir, "--embedded", "--log-level", "error"}, args...)
	return keep(func() *exec.Cmd { return r.cmd.process(args...) })
}

func (c *BenchKillCmd) process(args ...string) *exec.Cmd {
	if c.command != nil {
		return c.command(args...)
	}
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return exec.Command(exe, args...)
}

// start starts both processes and waits for the first order to be taken.
func (r *killRig) start(ctx context.Context) (err error) {
	r.server, r.worker = r.spawn("serve", "--listen", "127.0.0.1:"+strconv.Itoa(r.port)), r.spawn("work")
	for deadline := time.Now().Add(2 * time.Minute); ; {
		if err = r.door.sendAgain(ctx, "first", "kill-K1"); err == nil {
			return nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("the house does not begin to answer: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// rampage kills somebody after random times.
func (r *killRig) rampage(ctx context.Context) error {
	for range r.cmd.Kills {
		pause := r.cmd.Every/4 + rand.N(r.cmd.Every*3/2+1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		victim := []string{"server", "worker", "postgres"}[rand.IntN(3)]
		if err := r.kill(victim); err != nil {
			return fmt.Errorf("kill the %s: %w", victim, err)
		}
		r.kills[victim]++
		fmt.Fprintf(r.say, "  killed the %s\n", victim)
	}
	return nil
}

func (r *killRig) kill(victim string) (err error) {
	switch victim {
	case "server":
		r.server.kill(false)
	case "worker":
		r.worker.kill(false)
	default:
		var pid int
		if pid, err = r.postmaster(); err == nil {
			// Its owner starts it again.
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			err = nil // it was down at this moment already
		}
	}
	return err
}

// postmaster reads the process id of the running PostgreSQL.
func (r *killRig) postmaster() (int, error) {
	home := filepath.Join(r.cfg.clusterDir(), "cluster") // a link, where the folder is closed to the server's account
	if _, err := os.Stat(home); err != nil {
		home = r.cfg.clusterDir()
	}
	text, err := os.ReadFile(filepath.Join(home, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

func (r *killRig) end() {
	r.server.kill(true)
	r.worker.kill(true)
	// The last process took the cluster with it; what is left of it must not outlive the folder.
	if pid, err := r.postmaster(); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGQUIT)
		time.Sleep(300 * time.Millisecond)
	}
}
