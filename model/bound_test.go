package model

import (
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadBounded(t *testing.T) {
	if b, err := ReadBounded(strings.NewReader("four"), 4); err != nil || string(b) != "four" {
		t.Errorf("%q %v", b, err)
	}
	for most, want := range map[int64]string{3: "larger than 3 bytes", 1 << 10: "larger than 1 KiB", 1 << 20: "larger than 1 MiB"} {
		endless := iotest.OneByteReader(&zeros{})
		if b, err := ReadBounded(endless, most); b != nil || !IsKind(err, Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %q, %v", most, b, err)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (*zeros) Read(b []byte) (int, error) { return len(b), nil }
