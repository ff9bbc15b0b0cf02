package pgserver

import "syscall"

// dieWithParent makes the kernel shut the server down, in order, when this
// process ends by whatever cause.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// dynamicMemory names how parallel workers share memory. Containers often get
// 64 MiB of /dev/shm, which parallel joins outgrow; files do not.
func dynamicMemory() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < 256<<20 {
		return "mmap"
	}
	return "posix"
}
