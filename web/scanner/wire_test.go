package scanner_test

import (
	"net"
	"sync"
)

// wire is the network between the handheld and the house. What the browser emulates reaches a service worker late and not always;
// a cut wire ends every connection and takes no other.
type wire struct {
	net.Listener
	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if !cut {
		return
	}
	for c := range w.open {
		c.Close()
	}
	clear(w.open)
}

// Accept gives the next connection that comes while the wire is whole.
func (w *wire) Accept() (net.Conn, error) {
	for {
		c, err := w.Listener.Accept()
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		cut := w.cut
		if !cut {
			w.open[c] = true
		}
		w.mu.Unlock()
		if !cut {
			return c, nil
		}
		c.Close()
	}
}
