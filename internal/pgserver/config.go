package pgserver

import (
	"log/slog"
	"time"
)

// Config says where a cluster lives and how it is run. The zero value is a
// durable cluster under DefaultDir.
type Config struct {
	// Dir holds the cluster, its locks and its log. It is made if needed.
	// Default: DefaultDir below the working directory.
	Dir string

	// BinDir holds the programs postgres and initdb. Default: found, see the
	// package's documentation.
	BinDir string

	// Logger receives starts, stops and crashes. The server's own messages go
	// to server.log in Dir. Default: discarded.
	Logger *slog.Logger

	// Fast gives up every durability that costs time (fsync, synchronous
	// commit, full-page writes) and autovacuum. For tests alone: a crash of
	// the machine leaves such a cluster broken.
	Fast bool

	// SharedBuffersMB is the server's page cache in MiB. Default: 512, and
	// 128 for a Fast cluster.
	SharedBuffersMB int

	// MaxConnections is the most connections at once. Default: 120, and 400
	// for a Fast cluster, which many test processes share.
	MaxConnections int

	// StartTimeout bounds making and starting the cluster, which includes
	// recovery after a crash. Default: 90 s. The context given to Start may
	// end it earlier.
	StartTimeout time.Duration
}

// DefaultDir is where the cluster of a checkout lives.
const DefaultDir = ".milkrun/pg"

// Superuser is the role that owns everything in the cluster.
const Superuser = "milkrun"

func (c Config) withDefaults() Config {
	if c.Dir == "" {
		c.Dir = DefaultDir
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.SharedBuffersMB == 0 {
		c.SharedBuffersMB = pick(c.Fast, 128, 512)
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = pick(c.Fast, 400, 120)
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 90 * time.Second
	}
	return c
}

func pick(cond bool, yes, no int) int {
	if cond {
		return yes
	}
	return no
}
