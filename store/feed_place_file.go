package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
)

// placesNear is how large the list of addresses may be, in bytes, to be held in
// memory. A larger one is looked up in the file that it was kept in: of a million
// accounts it is 18 MB, which the collector would have to make room for.
const placesNear = 1 << 20

// placesFile is the text of a list that stays in its file. Who holds it holds the
// file open, also when another one takes its name.
type placesFile struct {
	text *io.SectionReader
	tops []string // the first address of each block
}

// tops reads the first address of each block.
func readTops(text *io.SectionReader, heads []uint32) ([]string, error) {
	tops := make([]string, len(heads))
	r, at := bufio.NewReaderSize(io.NewSectionReader(text, 0, text.Size()), 1<<16), 0
	var buf []byte
	for i, head := range heads {
		n, err := r.Discard(int(head) - at)
		if err != nil {
			return nil, err
		}
		at += n
		shared, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, err
		}
		size, err := binary.ReadUvarint(r)
		if err != nil || shared != 0 || size > math.MaxUint16 {
			return nil, errors.Join(err, errState)
		}
		buf = slices.Grow(buf[:0], int(size))[:size]
		if _, err := io.ReadFull(r, buf); err != nil {
			return nil, err
		}
		tops[i] = string(buf)
		at += len(binary.AppendUvarint(nil, shared)) + len(binary.AppendUvarint(nil, size)) + len(buf)
	}
	return tops, nil
}

// block returns the text from the beginning of a block on, to its end at least.
func (p *places) block(b int) ([]byte, error) {
	if p.file == nil {
		return p.text[p.heads[b]:], nil
	}
	from, to := int64(p.heads[b]), p.file.text.Size()
	if b+1 < len(p.heads) {
		to = int64(p.heads[b+1])
	}
	text := make([]byte, to-from)
	if _, err := p.file.text.ReadAt(text, from); err != nil {
		return nil, fmt.Errorf("look up a place: %w", err)
	}
	return text, nil
}

// top finds the first block that begins after an address, or with it.
func (p *places) top(email string) (b int, found bool) {
	if p.file != nil {
		return slices.BinarySearch(p.file.tops, email)
	}
	buf := make([]byte, 0, 128)
	return slices.BinarySearchFunc(p.heads, email, func(head uint32, email string) int {
		buf, _ = nextPlace(p.text, int(head), buf)
		return strings.Compare(string(buf), email)
	})
}

// writeText writes the text, wherever it is.
func (p *places) writeText(w io.Writer) error {
	if p.file != nil {
		_, err := io.Copy(w, io.NewSectionReader(p.file.text, 0, p.file.text.Size()))
		return err
	}
	_, err := w.Write(p.text)
	return err
}

// places returns the list of addresses, which stays in the file where it is larger
// than near.
func (st *state) places(near int64) (*places, error) {
	part, err := st.part(partPlaces)
	if err != nil || st.Heads < 0 || int64(st.Heads) > part.Size()/4 || st.PlacesN > st.Heads*placesBlock || part.Size() > math.MaxUint32 {
		return nil, errors.Join(err, errState)
	}
	p := &places{heads: make([]uint32, st.Heads), n: st.PlacesN}
	if err := binary.Read(part, binary.LittleEndian, p.heads); err != nil {
		return nil, err
	}
	if !slices.IsSorted(p.heads) {
		return nil, errState
	}
	at := 4 * int64(st.Heads)
	text := io.NewSectionReader(part, at, part.Size()-at)
	if text.Size() > near && runtime.GOOS != "windows" { // there an open file cannot be replaced
		p.file = &placesFile{text: text}
		p.file.tops, err = readTops(text, p.heads)
		st.held = err == nil
		return p, err
	}
	p.text = make([]byte, text.Size())
	_, err = io.ReadFull(text, p.text)
	return p, err
}
