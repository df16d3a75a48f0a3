package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/detect"
)

// What an engine knows is kept in a file beside the database, written under
// another name and put in its place when it is whole. It holds nothing that the
// rows do not say: without it, or when it does not fit, they are read again.

const (
	// stateSuffix is added to the path of the database.
	stateSuffix = ".clusters"
	// stateVersion changes with what is written, and with what an engine makes of
	// the same rows.
	stateVersion = 1
	// stateLeast is how many rows make it worth a file.
	stateLeast = 5000
	// stateNews is how many rows have to be new for it to be written at the end,
	// and stateEvery while the program runs.
	stateNews, stateEvery = 500, 20_000
	// stateLarge is how large an engine has to be, in bytes, for it to be taken up
	// beside the work, some tenths of a second, while the list that was kept is
	// shown.
	stateLarge = 4 << 20
	// buildSave is how many rows a long reading may lose.
	buildSave = 1_000_000
)

// The parts of the file, in their order.
const (
	partList = iota // clusters that the engine remembers
	partPast        // those that it has let go
	partPlaces
	partEngine
	parts
)

// stateHead stands at the end of the file, with its length and checksum behind it.
type stateHead struct {
	Version  int
	Point    point
	Idle     bool // nothing that was known changes the list any more
	ListN    int
	PastN    int
	PastLast time.Time
	PlacesN  int
	Heads    int // blocks of the places
	Sizes    [parts]int64
	Sums     [parts]uint32
}

const stateTail = 16

func stateMagic() string { return "DOORMAN1" }

var errState = errors.New("no state to go on from")

// counter counts and sums what is written.
type counter struct {
	w   io.Writer
	n   int64
	sum hash.Hash32
}

func newSum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	_, _ = c.sum.Write(b[:n])
	return n, err
}

// saveNow keeps what is known when that has become much more.
func (s *Store) saveNow(c *course) {
	if c.at.Rows-c.saved >= stateEvery {
		s.saveState(c)
	}
}

// isNews reports whether a course has so many rows that no file holds, or has come
// to where the file need not be taken up but only shown: to the end of the table,
// or to rest. Else every start would have to wait for the engine.
func (c *course) isNews(rows int64) bool {
	return c.at.Rows-c.saved >= rows || c.broken && c.at.Whole || c.restless && c.rests(c.engine.Clusters())
}

// rests reports whether nothing that is known changes the list any more.
func (c *course) rests(list []detect.Cluster) bool {
	return c.at.Whole && c.engine.Idle() && !slices.ContainsFunc(list, func(x detect.Cluster) bool { return x.Live > 0 })
}

// saveState writes the file. A store that may not write, and a course whose facts
// are still to be put in their order, are passed over; that the file cannot be
// written is no matter either: it is tried again much later.
func (s *Store) saveState(c *course) {
	if s.w == nil || s.feed.least < 0 || c.at.Rows < s.feed.least || !c.late.IsZero() || s.sameFile() != nil {
		return
	}
	c.saved, c.broken, c.restless = c.at.Rows, !c.at.Whole, !c.rests(c.engine.Clusters())
	path := s.o.Path + stateSuffix
	temp := path + ".part-" + model.NewID()[:8]
	err := createEmpty(temp)
	if err == nil {
		err = writeState(temp, c, !s.o.Fast)
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return
	}
	dropParts(path)
	_ = syncPath(filepath.Dir(path))
}

// partStale is after what time half a file was left behind by a program that died.
const partStale = time.Hour

// dropParts removes what programs left behind that died while they wrote a file.
func dropParts(path string) {
	list, _ := os.ReadDir(filepath.Dir(path)) // what cannot be listed stays
	for _, e := range list {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && strings.HasPrefix(e.Name(), filepath.Base(path)+".part-") && time.Since(info.ModTime()) > partStale {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

func writeState(path string, c *course, safe bool) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<18)
	err = encodeState(w, c)
	if err == nil {
		err = w.Flush()
	}
	if err == nil && safe {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func encodeState(w io.Writer, c *course) error {
	list, p := c.engine.Clusters(), c.atlas.places
	h := stateHead{Version: stateVersion, Point: c.at, ListN: len(list), PastN: c.past.n, PastLast: c.past.newest, PlacesN: p.n, Heads: len(p.heads)}
	h.Point.Clock = c.engine.Clock()
	h.Idle = c.rests(list)
	write := [parts]func(io.Writer) error{
		partList: func(w io.Writer) error { _, err := w.Write(packClusters(list)); return err },
		partPast: func(w io.Writer) error { _, err := w.Write(c.past.text); return err },
		partPlaces: func(w io.Writer) error {
			if err := binary.Write(w, binary.LittleEndian, p.heads); err != nil {
				return err
			}
			return p.writeText(w)
		},
		partEngine: c.engine.Snapshot,
	}
	for i := range write {
		to := &counter{w: w, sum: newSum()}
		if err := write[i](to); err != nil {
			return err
		}
		h.Sizes[i], h.Sums[i] = to.n, to.sum.Sum32()
	}
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sum := newSum()
	_, _ = sum.Write(head)
	tail := binary.LittleEndian.AppendUint32(head, uint32(len(head))) //nolint:gosec // G115: some hundred bytes
	tail = append(binary.LittleEndian.AppendUint32(tail, sum.Sum32()), stateMagic()...)
	_, err = w.Write(tail)
	return err
}

// state is an open file with its head.
type state struct {
	f    *os.File
	held bool // the file is in use on
	stateHead
}

// openState reads the head.
func openState(path string) (*state, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() < stateTail {
		return nil, errState
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st := &state{f: f}
	if err := st.readHead(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return st, nil
}

// close closes the file, unless it is held: then it is with who holds it.
func (st *state) close() {
	if !st.held {
		_ = st.f.Close()
	}
}

func (st *state) readHead() error {
	info, err := st.f.Stat()
	if err != nil {
		return err
	}
	var tail [stateTail]byte
	if _, err := st.f.ReadAt(tail[:], info.Size()-stateTail); err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[8:]) != stateMagic() || n > info.Size()-stateTail {
		return errState
	}
	head := make([]byte, n)
	if _, err := st.f.ReadAt(head, info.Size()-stateTail-n); err != nil {
		return err
	}
	sum := newSum()
	_, _ = sum.Write(head)
	if sum.Sum32() != binary.LittleEndian.Uint32(tail[4:]) {
		return errState
	}
	if err := json.Unmarshal(head, &st.stateHead); err != nil {
		return err
	}
	total := int64(0)
	for _, n := range st.Sizes {
		if n < 0 {
			return errState
		}
		total += n
	}
	if st.Version != stateVersion || total != info.Size()-stateTail-n {
		return errState
	}
	return nil
}

// section returns a part as it is.
func (st *state) section(i int) *io.SectionReader {
	at := int64(0)
	for _, n := range st.Sizes[:i] {
		at += n
	}
	return io.NewSectionReader(st.f, at, st.Sizes[i])
}

// part returns a part after checking its sum.
func (st *state) part(i int) (*io.SectionReader, error) {
	r := st.section(i)
	sum := newSum()
	if _, err := io.Copy(sum, r); err != nil {
		return nil, err
	}
	if sum.Sum32() != st.Sums[i] {
		return nil, errState
	}
	_, err := r.Seek(0, io.SeekStart)
	return r, err
}

// bytes reads a part, once.
func (st *state) bytes(i int) ([]byte, error) {
	b := make([]byte, st.Sizes[i])
	if _, err := io.ReadFull(st.section(i), b); err != nil {
		return nil, err
	}
	sum := newSum()
	_, _ = sum.Write(b)
	if sum.Sum32() != st.Sums[i] {
		return nil, errState
	}
	return b, nil
}

// clusters reads the first two parts.
func (st *state) clusters() ([]detect.Cluster, past, error) {
	p := past{n: st.PastN, newest: st.PastLast}
	b, err := st.bytes(partList)
	if err != nil {
		return nil, p, err
	}
	list, err := unpackClusters(b, st.ListN)
	if err == nil {
		p.text, err = st.bytes(partPast)
	}
	return list, p, err
}

// course makes a course of all four.
func (st *state) course(cfg detect.Config, now time.Time, near int64) (*course, error) {
	var err error
	c := &course{at: st.Point, built: now, saved: st.Point.Rows, broken: !st.Point.Whole, restless: !st.Idle}
	if _, c.past, err = st.clusters(); err != nil {
		return nil, err
	}
	p, err := st.places(near)
	if err != nil {
		return nil, err
	}
	c.atlas = newAtlas(p)
	r, err := st.part(partEngine)
	if err != nil {
		return nil, err
	}
	cfg.Quiet = nil
	if c.engine, err = detect.Restore(cfg, r); err != nil {
		return nil, err
	}
	c.engine.OnArchive(func(x detect.Cluster) { c.past.add(&x) })
	return c, nil
}
