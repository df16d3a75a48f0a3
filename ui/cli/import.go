package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
)

// intake is one run of the command import.
type intake struct {
	noun    string // "accounts" or "resets"
	path    string // "-" is stdin
	format  string
	skipBad string
	dry     bool
	reason  string
	out     output
}

func (a *app) importCommand() *cobra.Command {
	var in intake
	cmd := &cobra.Command{
		Use:   "import accounts|resets FILE|-",
		Short: "Import accounts or resets from JSON Lines or CSV",
		Long: `Import accounts or resets from a file of JSON Lines or CSV; - reads standard
input. It is one transaction: all or nothing. Records whose id is there already
stay as they are, so that a file can be imported twice. The first bad record
ends the import and is named by line and field; --skip-bad writes bad records to
a file instead, to be put right and imported later.

Fields of an account: id (made if absent), email, created, email_confirmed. Of a
reset: id, created, account (an id) or email, ip, user_agent, used, used_ip,
expires, revoked. An account that is not there yet is made when the reset names
its email. Other fields are refused, except those that doorman export writes:
they are passed over, held among them, so a held account has to be held again.
Times are RFC 3339, or 2026-11-23 03:00:00 in the zone of --db-timezone (UTC
unless set). A database that does not exist yet is made.`,
		Example: `  doorman import accounts accounts.jsonl
  doorman import resets resets.csv --dry-run
  doorman import resets resets.csv --skip-bad bad.csv
  zcat resets.jsonl.gz | doorman import resets - --format jsonl`,
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"accounts", "resets"},
		RunE: func(cmd *cobra.Command, args []string) error {
			in.noun, in.path = args[0], args[1]
			return a.runImport(cmd, &in)
		},
	}
	in.out.addTo(cmd)
	f := cmd.Flags()
	f.StringVar(&in.format, "format", "", "`FORMAT` of the file: jsonl or csv (default: by the end of its name; jsonl for -)")
	f.StringVar(&in.skipBad, "skip-bad", "", "write bad records to `FILE` and import the others")
	f.BoolVarP(&in.dry, "dry-run", "n", false, "read and check everything, change nothing")
	f.StringVar(&in.reason, "reason", "", "`TEXT` for the audit log: why")
	return cmd
}

func (a *app) runImport(cmd *cobra.Command, in *intake) error {
	if err := in.out.check(); err != nil {
		return err
	}
	if in.noun != "accounts" && in.noun != "resets" {
		return &model.Error{Kind: model.Invalid, Text: "cannot import " + model.Quote(in.noun), Hint: "import accounts or resets"}
	}
	format, err := in.fileFormat()
	if err != nil {
		return err
	}
	src, err := a.openSource(in)
	if err != nil {
		return err
	}
	defer func() { _ = src.end() }()
	aside, err := newAside(in)
	if err != nil {
		return err
	}
	forget := func() {}
	defer func() { forget() }()
	open := func(o *OpenOptions) {
		o.Create = !o.ReadOnly
		if in.dry && o.Create {
			forget = lookOnly(o)
		}
	}
	err = a.with(cmd, open, func(ctx context.Context, d desk) error {
		report, err := a.importFrom(ctx, d, in, format, src, aside)
		if err != nil {
			return inFile(in, err)
		}
		return a.reportImport(in, format, src, aside, report)
	})
	return aside.finish(err)
}

// lookOnly keeps a dry run from making the database: one that is not there is
// tried out in a folder that forget removes.
func lookOnly(o *OpenOptions) (forget func()) {
	if _, err := os.Stat(o.Path); err == nil {
		return func() {}
	}
	dir, err := os.MkdirTemp("", "doorman-dry-")
	if err != nil {
		o.Create = false
		return func() {}
	}
	o.Path = filepath.Join(dir, "doorman.db")
	return func() { _ = os.RemoveAll(dir) }
}

func (in *intake) fileFormat() (transfer.Format, error) {
	switch {
	case in.format != "":
		return transfer.ParseFormat(in.format)
	case in.path == "-":
		return transfer.JSONL, nil
	}
	return transfer.FormatOf(in.path)
}

// importFrom hands the records of the file to the database.
func (a *app) importFrom(ctx context.Context, d desk, in *intake, format transfer.Format, src *source, aside *aside) (model.ImportReport, error) {
	zone, err := d.conf.Zone()
	if err != nil {
		return model.ImportReport{}, err
	}
	bar := a.newBar("read", in.noun)
	bar.part = src.part()
	defer bar.end()
	act := d.act
	act.Reason = model.CleanText(in.reason, model.MaxReason)
	opts := model.ImportOptions{DryRun: in.dry, Progress: bar.show, SkipBad: aside.skip}
	if in.skipBad == "" {
		opts.SkipBad = nil
	}
	read := transfer.Options{Format: format, Zone: zone}
	if in.noun == "accounts" {
		return d.store.ImportAccounts(ctx, act, transfer.ReadAccounts(src, read), opts)
	}
	return d.store.ImportResets(ctx, act, transfer.ReadResets(src, read), opts)
}

// inFile makes of an error in a record a failure, not a usage error.
func inFile(in *intake, err error) error {
	if !model.IsKind(err, model.Invalid) {
		return err
	}
	if in.skipBad == "" {
		return statusError{hinted{err, "nothing was imported; --skip-bad FILE sets bad records aside and imports the others"}, exitFailed}
	}
	return statusError{err, exitFailed}
}

func (a *app) reportImport(in *intake, format transfer.Format, src *source, aside *aside, r model.ImportReport) error {
	if len(aside.lines) > 0 {
		a.sayBad(in, aside)
	}
	if len(aside.lines) > 0 && !in.dry {
		if err := src.again(func(file io.Reader) error {
			return transfer.Extract(file, format, aside.lines, aside.file)
		}); err != nil {
			return fmt.Errorf("the others were imported, but: %w", err)
		}
	}
	if in.dry {
		a.say("nothing was changed")
	}
	return printOne(a, &in.out, reportShape(), &r)
}

// sayBad lists the first reasons for which records were set aside.
func (a *app) sayBad(in *intake, aside *aside) {
	for _, reason := range aside.reasons {
		a.say("skipped: %s", reason)
	}
	if more := len(aside.lines) - len(aside.reasons); more > 0 {
		a.say("… and %d more", more)
	}
	if !in.dry {
		a.say("%d bad records are in %s", len(aside.lines), in.skipBad)
	}
}

func reportShape() shape[model.ImportReport] {
	type row = model.ImportReport
	columns := []transfer.Column[row]{
		{Name: "read", Of: func(r *row) transfer.Value { return transfer.Number(r.Read) }},
		{Name: "added", Of: func(r *row) transfer.Value { return transfer.Number(r.Added) }},
		{Name: "present", Of: func(r *row) transfer.Value { return transfer.Number(r.Present) }},
		{Name: "accounts", Of: func(r *row) transfer.Value { return transfer.Number(r.Accounts) }},
		{Name: "skipped", Of: func(r *row) transfer.Value { return transfer.Number(r.Skipped) }},
	}
	return shape[row]{exact: columns, table: columns}
}

// aside is the file that takes bad records.
type aside struct {
	file    *os.File // nil: bad records end the import
	lines   []int
	reasons []string // of the first ones
}

// maxReasons is how many reasons are shown.
const maxReasons = 10

// newAside makes the file before any work is done, so that an import does not
// fail at its end.
func newAside(in *intake) (*aside, error) {
	if in.skipBad == "" || in.dry {
		return &aside{}, nil
	}
	f, err := os.OpenFile(in.skipBad, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fileError(in.skipBad, err)
	}
	return &aside{file: f}, nil
}

func (s *aside) skip(line int, reason error) error {
	s.lines = append(s.lines, line)
	if len(s.reasons) < maxReasons {
		s.reasons = append(s.reasons, reason.Error())
	}
	return nil
}

// finish closes the file, and removes it when there is nothing in it to keep.
func (s *aside) finish(err error) error {
	if s.file == nil {
		return err
	}
	if e := s.file.Close(); err == nil {
		err = e
	}
	if err != nil || len(s.lines) == 0 {
		_ = os.Remove(s.file.Name())
	}
	return err
}
