//go:build !linux

package pgserver

import "syscall"

// dieWithParent has no counterpart here: a server whose owner was killed runs
// on until the next start on the same directory adopts it.
func dieWithParent(*syscall.SysProcAttr) {}

func dynamicMemory() string { return "posix" }
