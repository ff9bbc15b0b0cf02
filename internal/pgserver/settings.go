package pgserver

import (
	"fmt"
	"strconv"
)

// settings returns the arguments that configure the server. They are given on
// the command line and not in postgresql.conf, so that a newer Milkrun runs an
// old cluster with its own settings.
//
// The sizes suit a machine of 2 cores and 4 GiB or more that also runs the
// application.
func settings(c Config, socketDir, dynamicMemory string) []string {
	list := []struct{ name, value string }{
		{"listen_addresses", ""},
		{"unix_socket_directories", socketDir},
		{"unix_socket_permissions", "0700"},
		{"port", strconv.Itoa(port)},
		{"max_connections", strconv.Itoa(c.MaxConnections)},
		{"shared_buffers", fmt.Sprintf("%dMB", c.SharedBuffersMB)},
		{"dynamic_shared_memory_type", dynamicMemory},
		{"effective_cache_size", "2GB"},
		{"work_mem", "16MB"},
		{"maintenance_work_mem", "128MB"},
		{"random_page_cost", "1.1"}, // solid-state disks
		{"max_parallel_workers", "2"},
		{"max_parallel_workers_per_gather", "1"},
		{"jit", "off"}, // short queries; compiling costs more than it saves
		{"max_wal_size", "2GB"},
		{"checkpoint_timeout", "15min"},
		{"timezone", "UTC"},
		{"log_timezone", "UTC"},
		{"lc_messages", "C"}, // startFailure reads the log
		{"log_destination", "stderr"},
		{"logging_collector", "off"},
		{"log_line_prefix", "%m [%p] %d %a "},
	}
	if c.Fast {
		list = append(list, []struct{ name, value string }{
			{"fsync", "off"},
			{"synchronous_commit", "off"},
			{"full_page_writes", "off"},
			{"wal_level", "minimal"},
			{"max_wal_senders", "0"},
			{"autovacuum", "off"},
			{"log_min_messages", "fatal"}, // tests provoke errors on purpose
		}...)
	} else {
		list = append(list, struct{ name, value string }{"log_min_duration_statement", "1s"})
	}
	args := make([]string, 0, 2*len(list))
	for _, s := range list {
		args = append(args, "-c", s.name+"="+s.value)
	}
	return args
}
