package bench

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what the system says of a process; zero where it does not say.
type usage struct {
	cpu   time.Duration // user and system
	reads int           // read calls
	bytes int           // that they brought
	rss   int           // resident bytes
	anon  int           // of these, not of files
	peak  int           // the most that were resident
}

// tick is the unit of times in /proc/PID/stat on every Linux there is.
const tick = 10 * time.Millisecond

// use reads the usage of a process from /proc.
func use(pid int) usage {
	var u usage
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	if b, err := os.ReadFile(dir + "stat"); err == nil {
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if len(f) > 12 {
			user, _ := strconv.Atoi(f[11])
			system, _ := strconv.Atoi(f[12])
			u.cpu = time.Duration(user+system) * tick
		}
	}
	u.reads, u.bytes = figure(dir+"io", "syscr:"), figure(dir+"io", "rchar:")
	u.rss, u.anon, u.peak = figure(dir+"status", "VmRSS:")*1024, figure(dir+"status", "RssAnon:")*1024, figure(dir+"status", "VmHWM:")*1024
	return u
}

// figure finds a number in a file of lines "name: number".
func figure(path, name string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}
