package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestKilledUnderLoad kills web server, worker and PostgreSQL with -9 while orders come in, and loses nothing: a few times here,
// as often as MILKRUN_KILLS says (30 for the whole drill).
func TestKilledUnderLoad(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("MILKRUN_KILLS")); err == nil && n > 0 {
		kills = n
	}
	c := BenchKillCmd{Kills: kills, Every: 2 * time.Second, Senders: 3, command: func(args ...string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envCommand+"="+strings.Join(args, "\n"))
		return cmd
	}}
	r, err := c.play(t.Context(), &Config{LogLevel: "error", LogFormat: "text", TimeZone: "Asia/Shanghai"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if err := r.verdict(); err != nil {
		t.Error(err)
	}
}
