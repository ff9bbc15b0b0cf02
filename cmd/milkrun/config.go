package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	_ "time/tzdata" // sites live in their own zones, also where the system has no zone files

	"milkrun/routing/roadops"
	"milkrun/web/console/rounds"
)

// Config is what every command shares.
type Config struct {
	DatabaseURL string `help:"PostgreSQL to use; without it a private one runs under --data." env:"DATABASE_URL" placeholder:"URL"`
	Embedded    bool   `help:"Use the private PostgreSQL even when a database URL is set."`
	Data        string `help:"Folder of the private PostgreSQL." default:".milkrun" type:"path"`
	Workers     int    `help:"Heavy jobs at a time (forecast shards, imports); 0 means one a core." default:"0"`
	LogLevel    string `help:"debug, info, warn or error." default:"info"`
	LogFormat   string `help:"text or json." default:"text"`
	TimeZone    string `help:"Zone of the business day." default:"Asia/Shanghai"`
	SealKey     string `help:"Keys that seal consignees, base64 of 32 bytes each, the one in force first; default: the file seal.key in the data folder." placeholder:"KEY,…"`
	UndoSeconds int    `help:"Seconds in which an approval can be taken back." default:"10"`

	// MapTiles and MapBy: pictures below the dispatcher's map.
	MapTiles string `help:"Address of map pictures below the dispatcher's map, with {z}, {x} and {y}; without it the map is drawn from our own geometry." placeholder:"URL"`
	MapBy    string `help:"Whom the map pictures are by, as their terms ask to be shown." placeholder:"TEXT"`
	// RoadServer and RoadProfile: real roads for riders and vans.
	RoadServer  string            `help:"Address of a road network's server with OSRM's table service; without it ways are by the straight line." placeholder:"URL"`
	RoadProfile map[string]string `help:"The server's profile by kind of vehicle." default:"bike=cycling;van=driving" placeholder:"KIND=PROFILE;…"`

	Payment PaymentConfig `embed:"" prefix:"payment-"`
}

// check answers every fault of the configuration at once.
func (c *Config) check() error {
	var faults []error
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		faults = append(faults, fmt.Errorf("--log-level %q: want debug, info, warn or error", c.LogLevel))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		faults = append(faults, fmt.Errorf("--log-format %q: want text or json", c.LogFormat))
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		faults = append(faults, fmt.Errorf("--time-zone %q: no such zone; want a name such as Asia/Shanghai", c.TimeZone))
	}
	if c.Workers < 0 || c.Workers > 256 {
		faults = append(faults, fmt.Errorf("--workers %d: want 0 to 256", c.Workers))
	}
	if err := c.Payment.check(); err != nil {
		faults = append(faults, err)
	}
	if c.UndoSeconds < 0 || c.UndoSeconds > 3600 {
		faults = append(faults, fmt.Errorf("--undo-seconds %d: want 0 to 3600", c.UndoSeconds))
	}
	if err := (rounds.Tiles{Address: c.MapTiles, By: c.MapBy}).Check(); err != nil {
		faults = append(faults, fmt.Errorf("--map-tiles %q with --map-by %q: %w", c.MapTiles, c.MapBy, err))
	}
	if c.RoadServer != "" {
		if _, err := roadops.New(roadops.Settings{Address: c.RoadServer}); err != nil {
			faults = append(faults, fmt.Errorf("--road-server %q: want an address like http://osrm:5000", c.RoadServer))
		}
	}
	if c.DatabaseURL != "" && !strings.Contains(c.DatabaseURL, "://") && !strings.Contains(c.DatabaseURL, "=") {
		faults = append(faults, fmt.Errorf("DATABASE_URL: want postgres://… or key=value pairs"))
	}
	return errors.Join(faults...)
}

func (c *Config) embedded() bool { return c.Embedded || c.DatabaseURL == "" }

func (c *Config) clusterDir() string { return filepath.Join(c.Data, "pg") }

func (c *Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.NumCPU()
}

func (c *Config) zone() *time.Location {
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC // check has refused it before
	}
	return loc
}

func (c *Config) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel))
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}
