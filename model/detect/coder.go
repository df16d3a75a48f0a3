package detect

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
)

// coder reads or writes: one description of the state serves both. Data go in
// frames of some 64 KiB, each with its length and checksum, so that nothing is
// looked at that is not whole. A frame ends between items.
type coder struct {
	w   io.Writer
	r   io.Reader
	buf []byte
	pos int
	err error
}

const (
	frameSize = 1 << 16
	frameHead = 8
)

func (c *coder) reads() bool { return c.r != nil }

func (c *coder) fail() {
	if c.err == nil {
		c.err = ErrSnapshot
	}
	c.buf, c.pos = c.buf[:0], 0
}

// item says that something begins that lies in one frame.
func (c *coder) item() {
	switch {
	case c.err != nil:
	case c.reads():
		if c.pos == len(c.buf) {
			c.frame()
		}
	case len(c.buf) >= frameSize:
		c.flush()
	}
}

func (c *coder) flush() {
	var head [frameHead]byte
	binary.LittleEndian.PutUint32(head[:4], uint32(len(c.buf)))
	binary.LittleEndian.PutUint32(head[4:], crc32.Checksum(c.buf, crc32.MakeTable(crc32.Castagnoli)))
	if _, c.err = c.w.Write(head[:]); c.err == nil {
		_, c.err = c.w.Write(c.buf)
	}
	c.buf = c.buf[:0]
}

// frame reads the next frame. Its length may be anything: memory grows with what
// is there.
func (c *coder) frame() {
	var head [frameHead]byte
	if _, c.err = io.ReadFull(c.r, head[:]); c.err != nil {
		c.cut()
		return
	}
	left := int(binary.LittleEndian.Uint32(head[:4]))
	c.buf, c.pos = c.buf[:0], 0
	for left > 0 && c.err == nil {
		n, k := min(left, frameSize), len(c.buf)
		c.buf = append(c.buf, make([]byte, n)...)
		_, c.err = io.ReadFull(c.r, c.buf[k:])
		left -= n
	}
	if c.err != nil {
		c.cut()
	} else if crc32.Checksum(c.buf, crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(head[4:]) {
		c.fail()
	}
}

// cut is fail where the end came too soon; other errors are the reader's.
func (c *coder) cut() {
	if errors.Is(c.err, io.EOF) || errors.Is(c.err, io.ErrUnexpectedEOF) {
		c.err = nil
	}
	c.fail()
}

// close ends with an empty frame.
func (c *coder) close() {
	switch {
	case c.err != nil:
	case !c.reads():
		if len(c.buf) > 0 {
			c.flush()
		}
		if c.err == nil {
			c.flush()
		}
	case c.pos < len(c.buf):
		c.fail()
	default:
		if c.frame(); len(c.buf) > 0 {
			c.fail()
		}
	}
}

func (c *coder) u8(p *uint8) {
	switch {
	case !c.reads():
		c.buf = append(c.buf, *p)
	case c.pos < len(c.buf):
		*p = c.buf[c.pos]
		c.pos++
	default:
		c.fail()
	}
}

// bits is eight bytes as they are.
func (c *coder) bits(p *uint64) {
	switch {
	case !c.reads():
		c.buf = binary.LittleEndian.AppendUint64(c.buf, *p)
	case c.pos+8 <= len(c.buf):
		*p = binary.LittleEndian.Uint64(c.buf[c.pos:])
		c.pos += 8
	default:
		c.fail()
	}
}

// u64 takes the fewer bytes the smaller the number.
func (c *coder) u64(p *uint64) {
	if !c.reads() {
		c.buf = binary.AppendUvarint(c.buf, *p)
		return
	}
	v, n := binary.Uvarint(c.buf[c.pos:])
	if n <= 0 {
		c.fail()
		return
	}
	*p = v
	c.pos += n
}

func (c *coder) i64(p *int64) {
	v := uint64(*p)<<1 ^ uint64(*p>>63)
	c.u64(&v)
	*p = int64(v>>1) ^ -int64(v&1)
}

// number is a small one of any type.
func number[T ~int | ~int32 | ~uint32](c *coder, p *T) {
	v := int64(*p)
	c.i64(&v)
	if *p = T(v); int64(*p) != v {
		c.fail()
	}
}

func (c *coder) f64(p *float64) {
	v := math.Float64bits(*p)
	c.bits(&v)
	*p = math.Float64frombits(v)
}

// floats takes one byte for all that are zero.
func (c *coder) floats(ps ...*float64) {
	var there uint8
	for i, p := range ps {
		if math.Float64bits(*p) != 0 {
			there |= 1 << i
		}
	}
	c.u8(&there)
	for i, p := range ps {
		if there&(1<<i) != 0 {
			c.f64(p)
		}
	}
}

func (c *coder) flag(ps ...*bool) {
	for _, p := range ps {
		var v uint8
		if *p {
			v = 1
		}
		c.u8(&v)
		*p = v != 0
	}
}

func (c *coder) text(p *string) {
	n := uint64(len(*p))
	c.u64(&n)
	if !c.reads() {
		c.buf = append(c.buf, *p...)
		return
	}
	if n > uint64(len(c.buf)-c.pos) {
		c.fail()
		return
	}
	*p = string(c.buf[c.pos : c.pos+int(n)])
	c.pos += int(n)
}

// count is how many of something follow.
func (c *coder) count(n int) int {
	c.item()
	number(c, &n)
	if n < 0 {
		c.fail()
	}
	return n
}

// list is a slice of items.
func list[T any](c *coder, p *[]T, each func(*coder, *T)) {
	n := c.count(len(*p))
	if c.reads() {
		*p = nil
	}
	for i := 0; i < n && c.err == nil; i++ {
		c.item()
		if c.reads() {
			var zero T
			*p = append(*p, zero)
		}
		each(c, &(*p)[i])
	}
}
