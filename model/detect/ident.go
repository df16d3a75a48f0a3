package detect

import (
	"encoding/binary"
	"encoding/hex"
)

// ident is the id of a reset in 16 bytes: its 32 hex digits, or a hash of
// whatever else it is.
type ident struct{ hi, lo uint64 }

func identify(s string) ident {
	var b [16]byte
	if len(s) == 32 {
		if _, err := hex.Decode(b[:], []byte(s)); err == nil {
			return ident{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
		}
	}
	return ident{hash(s), hash(s + "\x00")}
}

// String is the id in the form in which databases keep it.
func (i ident) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], i.hi)
	binary.BigEndian.PutUint64(b[8:], i.lo)
	return hex.EncodeToString(b[:])
}

// isHex reports whether i says s without loss.
func (i ident) isHex(s string) bool { return i.String() == s }

func (i ident) less(j ident) bool { return i.hi < j.hi || i.hi == j.hi && i.lo < j.lo }

func (i ident) compare(j ident) int {
	switch {
	case i == j:
		return 0
	case i.less(j):
		return -1
	}
	return 1
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
