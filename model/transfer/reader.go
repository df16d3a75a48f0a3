package transfer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"doorman/model"
)

// maxRecord bounds one record, in bytes.
const maxRecord = 1 << 20

// Options says how to read a file.
type Options struct {
	Format Format
	Zone   *time.Location // of times that name none; nil means UTC
}

// ReadAccounts reads the accounts of a file. A record that cannot be right
// comes with an error of kind Invalid that names its line, and reading goes on
// after it; an error of any other kind is the last.
func ReadAccounts(r io.Reader, o Options) iter.Seq2[model.AccountInput, error] {
	return read(r, o, accountSchema())
}

// ReadResets reads the resets of a file as ReadAccounts does accounts.
func ReadResets(r io.Reader, o Options) iter.Seq2[model.ResetInput, error] {
	return read(r, o, resetSchema())
}

func read[T any](r io.Reader, o Options, s schema[T]) iter.Seq2[T, error] {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return func(yield func(T, error) bool) {
		in := bufio.NewReaderSize(r, 256<<10)
		if err := skipMark(in); err != nil {
			yield(s.line(1), err)
			return
		}
		if o.Format == CSV {
			readCSV(in, o, &s, yield)
			return
		}
		readJSONL(in, o, &s, yield)
	}
}

// skipMark drops the byte order mark that some editors put at the start, and
// refuses UTF-16, which begins with another one.
func skipMark(in *bufio.Reader) error {
	head, err := in.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return fatal(1, fault("", "the file is UTF-16", "save it as UTF-8"))
	case bytes.Equal(head, []byte("\xef\xbb\xbf")):
		_, err = in.Discard(3)
		return err
	case err != nil && err != io.EOF:
		return fatal(1, err)
	}
	return nil
}

// fatal is an error after which nothing more can be read.
func fatal(line int, err error) error {
	err = inLine(line, err)
	var e *model.Error
	if errors.As(err, &e) {
		e.Kind = model.Unavailable
	}
	return err
}

func readJSONL[T any](in *bufio.Reader, o Options, s *schema[T], yield func(T, error) bool) {
	lines := lineReader{in: in}
	cells := make([]cell, len(s.fields))
	set := func(name string, c cell) error { return setCell(s, cells, name, c) }
	for {
		text, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.Is(err, errTooLong):
			if !yield(s.line(lines.n), inLine(lines.n, err)) {
				return
			}
			continue
		case err != nil:
			yield(s.line(lines.n), fatal(lines.n, err))
			return
		case strings.TrimSpace(text) == "":
			continue
		}
		clear(cells)
		scan := object{s: text}
		if !emit(s, lines.n, cells, o.Zone, scan.scan(set), yield) {
			return
		}
	}
}

// given marks a field that was null, so that giving it twice is noticed.
const given cellKind = 255

func setCell[T any](s *schema[T], cells []cell, name string, c cell) error {
	i, err := s.place(name)
	if err != nil || i == ignored {
		return err
	}
	if cells[i].kind != absent {
		return fault(s.fields[i], "is given twice", "")
	}
	if c.kind == absent {
		c.kind = given
	}
	cells[i] = c
	return nil
}

// emit makes a record of the cells, or of the error, and hands it on.
func emit[T any](s *schema[T], line int, cells []cell, zone *time.Location, err error, yield func(T, error) bool) bool {
	if err == nil {
		for i := range cells {
			if cells[i].kind == given || cells[i].text == "" {
				cells[i] = cell{}
			}
		}
		var v T
		if v, err = s.make(line, cells, zone); err == nil {
			return yield(v, nil)
		}
	}
	return yield(s.line(line), inLine(line, err))
}

// errTooLong is a record longer than maxRecord.
var errTooLong error = &model.Error{Kind: model.Invalid, Text: "is longer than 1 MiB", Hint: "a quote that is never closed does that, or a file of another kind"}

// lineReader hands out lines without their ends and drops the rest of one that
// is too long.
type lineReader struct {
	in *bufio.Reader
	n  int // of the last line, from 1
}

func (l *lineReader) next() (string, error) {
	l.n++
	part, err := l.in.ReadSlice('\n')
	if err == nil || err == io.EOF && len(part) > 0 {
		return string(bytes.TrimRight(part, "\r\n")), nil
	}
	long := append([]byte(nil), part...)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = l.in.ReadSlice('\n')
		if len(long) <= maxRecord {
			long = append(long, part...)
		}
	}
	switch {
	case err != nil && err != io.EOF:
		return "", err
	case len(long) == 0:
		return "", io.EOF
	case len(long) > maxRecord:
		return "", errTooLong
	}
	return string(bytes.TrimRight(long, "\r\n")), nil
}

func readCSV[T any](in *bufio.Reader, o Options, s *schema[T], yield func(T, error) bool) {
	limit := &limitReader{in: in}
	table := csv.NewReader(bufio.NewReaderSize(limit, slack)) // taken as it is, not buffered once more
	table.ReuseRecord = true
	places, err := readHeader(table, s)
	if errors.Is(err, io.EOF) {
		return
	}
	if err != nil {
		yield(s.line(1), fatal(1, err))
		return
	}
	cells := make([]cell, len(s.fields))
	for line := 1; ; {
		limit.mark = table.InputOffset()
		row, err := table.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &broken):
			line = broken.StartLine
			err = fault("", "is not a CSV record of "+fmt.Sprint(len(places))+" fields: "+broken.Err.Error(), "")
		case err != nil:
			yield(s.line(line+1), fatal(line+1, err))
			return
		default:
			line, _ = table.FieldPos(0)
			clear(cells)
			for i, place := range places {
				if place != ignored {
					cells[place] = cell{text: unguardCell(row[i]), kind: quoted}
				}
			}
		}
		if !emit(s, line, cells, o.Zone, err, yield) {
			return
		}
	}
}

// readHeader reads the line that names the columns.
func readHeader[T any](table *csv.Reader, s *schema[T]) ([]int, error) {
	row, err := table.Read()
	if err != nil {
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, fault("", "is not a CSV header: "+broken.Err.Error(), "the first line names the fields: "+list(s.fields))
		}
		return nil, err
	}
	places := make([]int, len(row))
	seen := map[int]bool{}
	for i, name := range row {
		name = strings.ToLower(strings.TrimSpace(name))
		if places[i], err = s.place(name); err != nil {
			return nil, headerFault(name, s.fields, err)
		}
		if places[i] != ignored && seen[places[i]] {
			return nil, fault(name, "is there twice", "")
		}
		seen[places[i]] = true
	}
	return places, nil
}

// headerFault says what else a column name that is none may mean.
func headerFault(name string, fields []string, err error) error {
	if strings.ContainsAny(name, ";\t|") {
		return fault("", "the fields are not set apart by commas: "+model.Quote(name), "save the file with commas")
	}
	if strings.ContainsAny(name, "@{0123456789") {
		return fault("", "names no fields: "+model.Quote(name), "the first line of a CSV file names the fields: "+list(fields))
	}
	return err
}

// limitReader stops a record that never ends.
type limitReader struct {
	in   io.Reader
	n    int64 // bytes handed out
	mark int64 // where the record began
}

// slack is what the CSV reader may have read ahead.
const slack = 64 << 10

func (l *limitReader) Read(b []byte) (int, error) {
	if l.n-l.mark > maxRecord+slack {
		return 0, errTooLong
	}
	n, err := l.in.Read(b)
	l.n += int64(n)
	return n, err
}
