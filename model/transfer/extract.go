package transfer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Extract copies the records that begin in the given lines of a file, with the
// header of a CSV file before them, so that they can be put right and imported.
// It reads the file from where r stands.
func Extract(r io.Reader, f Format, lines []int, w io.Writer) error {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	lines = slices.Compact(lines)
	in, out := bufio.NewReaderSize(r, 256<<10), bufio.NewWriter(w)
	err := skipMark(in)
	if err == nil && f == CSV {
		err = extractCSV(in, lines, out)
	} else if err == nil {
		err = extractLines(in, lines, out)
	}
	if err != nil {
		return fmt.Errorf("copy records: %w", err)
	}
	return out.Flush()
}

// extractLines copies whole lines, however long.
func extractLines(in *bufio.Reader, lines []int, out *bufio.Writer) error {
	for n := 1; len(lines) > 0; {
		part, err := in.ReadSlice('\n')
		if lines[0] == n {
			if _, e := out.Write(part); e != nil {
				return e
			}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if lines[0] == n {
			lines = lines[1:]
		}
		n++
	}
	return nil
}

// extractCSV copies records, which may have several lines, byte by byte.
func extractCSV(in *bufio.Reader, lines []int, out *bufio.Writer) error {
	var window tape
	table := csv.NewReader(bufio.NewReaderSize(io.TeeReader(in, &window), slack))
	table.ReuseRecord = true
	for header := true; header || len(lines) > 0; header = false {
		from := table.InputOffset()
		_, err := table.Read()
		var line int
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			line = broken.StartLine
		case err != nil:
			return err
		default:
			line, _ = table.FieldPos(0)
		}
		raw := window.cut(from, table.InputOffset())
		at, wanted := slices.BinarySearch(lines, line)
		if wanted {
			lines = slices.Delete(lines, at, at+1)
		}
		if header || wanted {
			if _, err := out.Write(raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// tape holds what has been read and not yet been passed over.
type tape struct {
	held  []byte
	start int64 // where in the file held begins
}

// Write keeps what was read.
func (t *tape) Write(b []byte) (int, error) {
	t.held = append(t.held, b...)
	return len(b), nil
}

// cut returns the bytes from one offset to another, and forgets all before.
func (t *tape) cut(from, to int64) []byte {
	b := t.held[from-t.start : to-t.start]
	rest := t.held[to-t.start:]
	t.held, t.start = rest, to
	return b
}
