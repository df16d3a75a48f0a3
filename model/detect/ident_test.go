package detect

import (
	"fmt"
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	const good = "0123456789abcdef00ffa7c1e2d3b4f5"
	if id, exact := identify(good); !exact || id.String() != good {
		t.Errorf("%s %v", id, exact)
	}
	if id, exact := identify(strings.ToUpper(good)); exact || id.String() != good {
		t.Errorf("capitals: %s %v", id, exact)
	}
	for c := range 256 {
		for i := range 32 {
			s := good[:i] + string([]byte{byte(c)}) + good[i+1:]
			want := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
			id, exact := identify(s)
			if exact != want || want && id.String() != s {
				t.Fatalf("%q: %s %v", s, id, exact)
			}
		}
	}
	if _, exact := identify(good[1:]); exact {
		t.Error("31 digits")
	}
}

// FuzzIndex compares the index with a map.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("abcabcabdabeacfb"), uint8(3))
	f.Fuzz(func(t *testing.T, ops []byte, wide uint8) {
		var x index
		want := map[uint32]uint32{}
		h := func(n uint32) uint32 { return n*2654435761<<(wide%28) | 1 }
		for i, b := range ops {
			n := uint32(b) | uint32(i)%3<<8
			if _, ok := want[n]; ok {
				x.cut(h(n), n)
				delete(want, n)
			} else {
				x.put(h(n), n)
				want[n] = n
			}
		}
		for n := range uint32(3 << 8) {
			got, ok := x.find(h(n), func(m uint32) bool { return m == n })
			if _, there := want[n]; there != ok || ok && got != n {
				t.Fatal(fmt.Sprint(n, got, ok, there))
			}
		}
	})
}
