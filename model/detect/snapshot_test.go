package detect_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
	"slices"
	"testing"
	"time"

	"doorman/model/detect"
)

func written(t testing.TB, e *detect.Engine) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSnapshotIsTheState: what was restored writes the same snapshot, also after
// events were forgotten, and with ids and moments that fit nowhere.
func TestSnapshotIsTheState(t *testing.T) {
	cfg := detect.Config{Most: 1700}
	e := detect.New(cfg)
	evs := small(3).finish()
	for i, ev := range evs {
		switch i % 50 {
		case 3:
			ev.ID = "reset number " + ev.ID[:9]
		case 4:
			ev.Account = "somebody " + ev.Account[20:]
		case 5:
			ev.Expires = ev.Created.AddDate(3, 0, 0)
		}
		e.Add(ev)
		e.Advance(ev.Created)
		if i%60 == 7 {
			e.Revoke(ev.ID, ev.Created.AddDate(0, -4, 0))
		}
		if i%1600 != 1599 {
			continue
		}
		whole := written(t, e)
		back, err := detect.Restore(cfg, bytes.NewReader(whole))
		if err != nil {
			t.Fatalf("after %d events: %v", i, err)
		}
		if !bytes.Equal(written(t, back), whole) {
			t.Fatalf("after %d events another state came back", i)
		}
		same(t, back.Clusters(), e.Clusters())
		e = back
	}
}

func TestRestoreRefusesWhatItCannotRead(t *testing.T) {
	e := detect.New(detect.Config{})
	for _, ev := range small(1).finish()[:500] {
		e.Add(ev)
		e.Advance(ev.Created)
	}
	whole := written(t, e)
	refused := func(name string, b []byte, cfg detect.Config) {
		t.Helper()
		if _, err := detect.Restore(cfg, bytes.NewReader(b)); !errors.Is(err, detect.ErrSnapshot) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, 7, 8, 100, len(whole) / 2, len(whole) - 8, len(whole) - 1} {
		refused("cut", whole[:n], detect.Config{})
	}
	for i := 0; i < len(whole); i += 997 {
		other := slices.Clone(whole)
		other[i] ^= 0x40
		refused("changed", other, detect.Config{})
	}
	refused("another width", whole, detect.Config{Widest4: 20})
	refused("a huge length", []byte{255, 255, 255, 255, 0, 0, 0, 0, 1, 2, 3}, detect.Config{})
	if _, err := detect.Restore(detect.Config{}, bytes.NewReader(whole)); err != nil {
		t.Error(err)
	}
}

// FuzzRestore changes what is inside frames whose checksums are right: whoever
// wrote it, it is refused, or the engine goes on from it.
func FuzzRestore(f *testing.F) {
	cfg := detect.Config{Most: 400}
	e := detect.New(cfg)
	evs := small(1).finish()
	var whole []byte
	for i, ev := range evs[:1500] {
		e.Add(ev)
		if i < 1480 {
			e.Advance(ev.Created)
		}
	}
	whole = written(f, e)
	f.Add(uint32(10), []byte{1})
	f.Add(uint32(700), []byte{0x80, 0x80, 0x01})
	f.Add(uint32(3000), []byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		got, err := detect.Restore(cfg, bytes.NewReader(patched(whole, at, patch)))
		if err != nil {
			return
		}
		for _, ev := range evs[1480:1600] {
			got.Add(ev)
			got.Advance(ev.Created)
		}
		got.Redeem(evs[1490].ID, evs[1590].Created, netip.MustParseAddr("10.1.1.1"))
		got.Advance(evs[1600].Created.Add(30 * time.Hour))
		got.Clusters()
		written(t, got)
	})
}

// patched overwrites some bytes of the contents and makes the checksums right.
func patched(whole []byte, at uint32, patch []byte) []byte {
	var contents, out []byte
	for rest := whole; len(rest) > 8; {
		n := binary.LittleEndian.Uint32(rest)
		contents = append(contents, rest[8:8+n]...)
		rest = rest[8+n:]
	}
	copy(contents[int(at)%len(contents):], patch)
	for rest := whole; len(rest) >= 8; {
		n := binary.LittleEndian.Uint32(rest)
		out = binary.LittleEndian.AppendUint32(out, n)
		out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(contents[:n], crc32.MakeTable(crc32.Castagnoli)))
		out = append(out, contents[:n]...)
		contents, rest = contents[n:], rest[8+n:]
	}
	return out
}

// BenchmarkSnapshot writes and reads the state of 100,000 events.
func BenchmarkSnapshot(b *testing.B) {
	e := detect.New(detect.Config{Most: 100_000})
	stream(110_000, 20_000, func(ev detect.Event) {
		e.Add(ev)
		e.Advance(ev.Created)
	})
	n := float64(e.Size())
	var buf bytes.Buffer
	for b.Loop() {
		buf.Reset()
		if err := e.Snapshot(&buf); err != nil {
			b.Fatal(err)
		}
		if _, err := detect.Restore(detect.Config{}, bytes.NewReader(buf.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
	b.ReportMetric(float64(buf.Len())/n, "B/event")
}
