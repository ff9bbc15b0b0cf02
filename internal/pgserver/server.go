package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgserver/filelock"
)

// Server is a running cluster that this process owns or is a guest of.
type Server struct {
	cfg     Config
	home    string
	dataDir string
	acct    account
	log     *slog.Logger

	stopOnce sync.Once
	stopping chan struct{}
	watched  chan struct{} // closed when the watch has ended

	mu        sync.Mutex
	owner     *filelock.Lock // nil for a guest
	proc      *process       // nil for a guest
	socketDir string
}

// Start makes the cluster if there is none, starts it if it is not running,
// and returns when it answers queries. ctx bounds the start alone; the server
// runs until Stop or the end of the process.
//
// The error is ErrNoBinaries where no usable PostgreSQL is installed, else it
// holds the last words of the server's log.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.StartTimeout)
	defer cancel()
	if err := s.ownOrAttach(ctx); err != nil {
		s.owner.Release()
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", s.home, err)
	}
	go s.watch()
	return s, nil
}

func newServer(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	acct = acct.ofExisting(filepath.Join(cfg.Dir, dataName))
	home, err := homeDir(cfg.Dir, acct, cfg.Fast)
	if err != nil {
		return nil, err
	}
	return &Server{
		cfg:      cfg,
		home:     home,
		dataDir:  filepath.Join(home, dataName),
		acct:     acct,
		log:      cfg.Logger,
		stopping: make(chan struct{}),
		watched:  make(chan struct{}),
	}, nil
}

// ownOrAttach becomes the owner of the cluster, or the guest of a live owner
// as soon as its server answers.
func (s *Server) ownOrAttach(ctx context.Context) error {
	for {
		err := s.tryOwn()
		if err == nil {
			return s.run(ctx)
		}
		if !errors.Is(err, filelock.ErrHeld) {
			return err
		}
		f, err := s.answering(ctx)
		if err == nil {
			s.mu.Lock()
			s.socketDir = f.socketDir
			s.mu.Unlock()
			s.log.Info("attached to the PostgreSQL of another process", "dir", s.home, "pid", f.pid)
			return nil
		}
		if ctxErr := pause(ctx, 50*time.Millisecond); ctxErr != nil {
			return fmt.Errorf("another process is starting it and does not get ready: %w (%w)", ctxErr, err)
		}
	}
}

// tryOwn takes the owner's lock, or returns filelock.ErrHeld.
func (s *Server) tryOwn() error {
	path := filepath.Join(s.home, ownerName)
	lock, err := filelock.Try(path, filelock.Exclusive)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: another user made this directory; run Milkrun as that user, or move the directory away", err)
	}
	if err != nil {
		return err
	}
	if err := s.acct.give(path); err != nil {
		lock.Release()
		return fmt.Errorf("give the lock to %s: %w", s.acct.name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owner = lock
	return nil
}

// answering reports the running server of the data directory, or an error if
// there is none that accepts a connection.
func (s *Server) answering(ctx context.Context) (pidFile, error) {
	f, err := readPidFile(s.dataDir)
	if err != nil {
		return f, err
	}
	if !f.ready || !isPostmaster(f.pid, s.dataDir) {
		return f, errors.New("the server is not ready")
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, connURL(f.socketDir, "postgres"))
	if err != nil {
		return f, err
	}
	return f, conn.Close(ctx)
}

// run makes this process, which holds the owner's lock, run the server: one
// that a dead owner left behind, or a new one.
func (s *Server) run(ctx context.Context) error {
	if f, err := s.settled(ctx); err == nil {
		s.setProcess(adoptProcess(f.pid, s.dataDir), f.socketDir)
		s.log.Info("took over a running PostgreSQL", "dir", s.home, "pid", f.pid)
		return nil
	}
	major, err := dataMajor(s.dataDir)
	if err != nil {
		return err
	}
	b, err := findBinaries(ctx, s.cfg.BinDir, major, s.acct)
	if err != nil {
		return err
	}
	if major == 0 {
		if err := initCluster(ctx, b, s.acct, s.dataDir, s.cfg.Fast); err != nil {
			return err
		}
	}
	return s.launch(ctx, b)
}

// settled is answering, asked twice: the kernel frees a dead owner's lock a
// moment before it tells the server to shut down.
func (s *Server) settled(ctx context.Context) (pidFile, error) {
	f, err := s.answering(ctx)
	if err != nil {
		return f, err
	}
	if err := pause(ctx, 100*time.Millisecond); err != nil {
		return f, err
	}
	return s.answering(ctx)
}

func (s *Server) setProcess(p *process, socketDir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc, s.socketDir = p, socketDir
}

// URL returns the connection string of a database in the cluster. The
// database need not exist; see EnsureDatabase.
func (s *Server) URL(dbname string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return connURL(s.socketDir, dbname)
}

func connURL(socketDir, dbname string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.User(Superuser),
		Path:   "/" + dbname,
		RawQuery: url.Values{
			"host":    {socketDir},
			"port":    {strconv.Itoa(port)},
			"sslmode": {"disable"},
		}.Encode(),
	}
	return u.String()
}

// EnsureDatabase creates the database unless it exists and returns its URL.
func (s *Server) EnsureDatabase(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", fmt.Errorf("ensure database %s: %w", name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// A plain "check, then create" races with a guest that does the same.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, "create database "+name); err != nil {
		return "", fmt.Errorf("ensure database %s: %w", name, err)
	}
	var there bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	if err == nil && !there {
		_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize())
	}
	if err != nil {
		return "", fmt.Errorf("ensure database %s: %w", name, err)
	}
	return s.URL(name), nil
}

// Owned says whether this process runs the server, and so whether Stop ends
// it.
func (s *Server) Owned() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owner != nil
}

// LogFile is the path of the server's own log.
func (s *Server) LogFile() string { return filepath.Join(s.home, logName) }

// Stop ends the server if this process owns it: sessions are ended and the
// data is written out. When ctx ends first, the server is ended at once and
// recovers at its next start. A guest only detaches. Stopping twice is fine.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { close(s.stopping) })
	<-s.watched
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner == nil {
		return nil
	}
	defer func() { s.owner.Release(); s.owner = nil }()
	if s.proc == nil || s.proc.ended() {
		return nil
	}
	if err := s.proc.signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-s.proc.done:
		_ = os.Remove(s.socketDir) // refused while anything is in it
		s.log.Info("PostgreSQL stopped", "dir", s.home)
		return nil
	case <-ctx.Done():
	}
	if err := s.proc.signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	<-s.proc.done // the postmaster kills what does not end within 5 s
	return fmt.Errorf("stop PostgreSQL: ended without a checkpoint: %w", ctx.Err())
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
