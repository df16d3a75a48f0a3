package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
)

// importChunk is how many records are checked, sorted and inserted together, and
// how often an import tells how far it is.
const importChunk = 10_000

// errDryRun ends the transaction of an import that was to change nothing.
var errDryRun = errors.New("dry run")

// intake is one import under way: what is the same for accounts and resets.
type intake struct {
	s      *Store
	tx     *gorm.DB
	now    time.Time
	opts   model.ImportOptions
	report model.ImportReport
	index  shelf
}

// item is a record of the file on its way into the table. A record with err
// set is bad.
type item[T any] struct {
	in   T
	line int
	err  error
}

// importAll reads records to the end and hands them to flush chunk by chunk,
// the bad ones among them, all in the order of the file. It is one transaction:
// when it fails, or is a dry run, nothing remains of it.
func importAll[T any](ctx context.Context, s *Store, act model.Act, o model.ImportOptions, table string,
	seq iter.Seq2[T, error], open func(*intake) chunker[T],
) (model.ImportReport, error) {
	im := &intake{s: s, opts: o}
	op, begun := "import "+tableNoun(table), false
	restore, err := s.wideCache(ctx)
	if err != nil {
		return model.ImportReport{}, fmt.Errorf("%s: %w", op, explain(err))
	}
	defer restore()
	err = s.write(ctx, op, func(tx *gorm.DB, now time.Time) error {
		if begun { // the file cannot be read a second time
			return &model.Error{Kind: model.Unavailable, Text: "another program kept the database locked",
				Hint: "nothing was imported; try again when it is done"}
		}
		begun, im.tx, im.now, im.index = true, tx, now, shelf{table: table}
		if err := fill(ctx, im, seq, open(im)); err != nil {
			return err
		}
		if err := im.index.putBack(tx); err != nil {
			return err
		}
		if err := im.number(); err != nil {
			return err
		}
		if err := s.audit(tx, now, act, im.entry(table)); err != nil {
			return err
		}
		if o.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return model.ImportReport{}, err
	}
	return im.report, nil
}

// number indexes the addresses of many new accounts at once; a few wait for
// Poll.
func (im *intake) number() error {
	added := im.report.Accounts
	if im.index.table == (accountRow{}).TableName() {
		added = im.report.Added
	}
	var all int
	if err := im.tx.Raw(`SELECT coalesce(max(rowid), 0) FROM "Account"`).Scan(&all).Error; err != nil {
		return err
	}
	if added <= staleMax && 4*added <= all {
		return nil
	}
	return renumberAll(im.tx)
}

// chunker puts records into one table. Its check runs beside the others, on the
// goroutine that reads the file.
type chunker[T any] interface {
	line(in *T) int         // in the file, 0 when the source knows none
	check(in *T) error      // what can be told of a record by itself; may tidy it
	match([]item[T]) error  // what only the database can tell; sets err in the items
	insert([]item[T]) error // the good ones
}

// fill reads and checks on one goroutine and inserts on another: parsing a file
// takes about half the time that SQLite takes.
func fill[T any](ctx context.Context, im *intake, seq iter.Seq2[T, error], c chunker[T]) error {
	ctx, stop := context.WithCancel(ctx)
	chunks := make(chan []item[T])
	var broken error // read once chunks is closed
	go func() {
		defer close(chunks)
		defer caught(&broken)
		broken = readChunks(ctx, im.opts, seq, c, chunks)
	}()
	var err error
	for chunk := range chunks {
		if err != nil {
			continue // the reader is about to see that it is over
		}
		if err = flush(im, chunk, c); err != nil {
			stop()
		}
	}
	stop()
	if err == nil {
		err = broken
	}
	return err
}

// readChunks sends what it reads, in chunks, until the end, the first bad record
// that may not be set aside, or the end of ctx. A record that is bad is sent;
// a source that is broken is returned.
func readChunks[T any](ctx context.Context, o model.ImportOptions, seq iter.Seq2[T, error], c chunker[T], to chan<- []item[T]) error {
	var chunk []item[T]
	read := 0
	send := func() error {
		select {
		case to <- chunk:
			chunk = make([]item[T], 0, len(chunk))
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for in, err := range seq {
		if err != nil && !model.IsKind(err, model.Invalid) {
			return err
		}
		read++
		it := item[T]{in: in, line: c.line(&in), err: err}
		if it.line == 0 {
			it.line = read
		}
		if it.err == nil {
			it.err = atLine(it.line, c.check(&it.in))
		}
		chunk = append(chunk, it)
		if it.err != nil && o.SkipBad == nil {
			return send()
		}
		if len(chunk) == importChunk {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

func flush[T any](im *intake, chunk []item[T], c chunker[T]) error {
	im.report.Read += len(chunk)
	if len(chunk) == 0 {
		return nil
	}
	if err := c.match(chunk); err != nil {
		return err
	}
	good := chunk[:0]
	for _, it := range chunk {
		switch {
		case it.err == nil:
			good = append(good, it)
		case im.opts.SkipBad == nil:
			return it.err
		default:
			if err := im.opts.SkipBad(it.line, it.err); err != nil {
				return err
			}
			im.report.Skipped++
		}
	}
	if err := c.insert(good); err != nil {
		return err
	}
	if im.opts.Progress != nil {
		im.opts.Progress(im.report.Read)
	}
	return nil
}

// atLine names the line of the file in an error about a record.
func atLine(line int, err error) error {
	var e *model.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Text += " (line " + strconv.Itoa(line) + ")"
	return &at
}

// entry is what the log says about the import.
func (im *intake) entry(table string) model.AuditEntry {
	r := im.report
	return model.AuditEntry{Verb: model.VerbImport, Subject: tableNoun(table), Counts: model.Tally{
		{Label: "read", N: r.Read}, {Label: "added", N: r.Added}, {Label: "present", N: r.Present},
		{Label: "accounts made", N: r.Accounts}, {Label: "skipped", N: r.Skipped},
	}}
}

func tableNoun(table string) string {
	if table == (accountRow{}).TableName() {
		return "accounts"
	}
	return "resets"
}

// importID checks an id of a file and writes a UUID as Doorman does: 32
// lower-case hex characters. A masked id, as exports of an adopted database
// hold it, is refused.
func importID(field, id string) (string, error) {
	bad := func(text, hint string) (string, error) {
		return "", &model.Error{Kind: model.Invalid, Field: field, Text: model.Quote(id) + " " + text, Hint: hint}
	}
	if strings.HasSuffix(id, "…") {
		return bad("is a masked id", "ids are credentials in the database it comes from; copy that database instead")
	}
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) {
		return bad("is no id", "write it as 32 hex characters, or leave it out")
	}
	if hex := strings.ToLower(strings.ReplaceAll(id, "-", "")); len(hex) == 32 && strings.Trim(hex, "0123456789abcdef") == "" {
		return hex, nil
	}
	return id, nil
}
