package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// cpuClock adds up the CPU seconds of all processes of a PostgreSQL server on this machine. Where the system has no /proc it
// shows 0.
type cpuClock struct {
	postmaster int
	begin      float64
}

// newCPUClock starts a clock on the server of the pool.
func newCPUClock(ctx context.Context, pool *pgxpool.Pool) (cpuClock, error) {
	var backend int
	if err := pool.QueryRow(ctx, `select pg_backend_pid()`).Scan(&backend); err != nil {
		return cpuClock{}, err
	}
	c := cpuClock{}
	if f := statFields(backend); f != nil {
		c.postmaster = int(f[statParent])
	}
	c.begin = c.total()
	return c, nil
}

// spent gives the seconds since the start.
func (c cpuClock) spent() float64 { return c.total() - c.begin }

// Fields of /proc/<pid>/stat behind the name, from 0: proc(5).
const (
	statParent = 1
	statUTime  = 11
	statSTime  = 12
	statCUTime = 13
	statCSTime = 14
	ticks      = 100 // USER_HZ of every Linux that Go runs on
)

func (c cpuClock) total() float64 {
	if c.postmaster == 0 {
		return 0
	}
	sum := 0.0
	if f := statFields(c.postmaster); f != nil {
		// What its children took that have ended since stands with the parent.
		sum += f[statUTime] + f[statSTime] + f[statCUTime] + f[statCSTime]
	}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, p := range paths {
		pid, _ := strconv.Atoi(strings.Split(p, "/")[2])
		if f := statFields(pid); f != nil && int(f[statParent]) == c.postmaster {
			sum += f[statUTime] + f[statSTime]
		}
	}
	return sum / ticks
}

func statFields(pid int) []float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, ok := bytes.Cut(text, []byte(") "))
	words := strings.Fields(string(rest))
	if !ok || len(words) <= statCSTime {
		return nil
	}
	out := make([]float64, statCSTime+1)
	for i := 1; i <= statCSTime; i++ {
		out[i], _ = strconv.ParseFloat(words[i], 64)
	}
	return out
}

// processCPU gives the user and system seconds of this process.
func processCPU() float64 {
	if f := statFields(os.Getpid()); f != nil {
		return (f[statUTime] + f[statSTime]) / ticks
	}
	return 0
}
