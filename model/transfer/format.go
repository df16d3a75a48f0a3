// Package transfer turns accounts and resets into CSV and JSON and back. It
// reads and writes streams, one record at a time, and its errors carry the
// line and the field.
package transfer

import (
	"path/filepath"
	"strings"

	"doorman/model"
)

// Format is a way to write records down.
type Format string

// The formats. JSON is one array of all records and is only written.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
	JSON  Format = "json"
)

// ParseFormat reads the name of a format that files are imported from and
// exported to.
func ParseFormat(s string) (Format, error) {
	switch f := Format(strings.ToLower(s)); f {
	case JSONL, CSV:
		return f, nil
	case "ndjson":
		return JSONL, nil
	}
	return "", &model.Error{Kind: model.Invalid, Field: "format", Text: "there is no format " + model.Quote(s), Hint: "use jsonl or csv"}
}

// FormatOf tells the format of a file by the end of its name.
func FormatOf(path string) (Format, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".jsonl", ".ndjson":
		return JSONL, nil
	case ".csv":
		return CSV, nil
	case ".json":
		return "", &model.Error{Kind: model.Invalid, Field: "format", Text: "one JSON value for a whole file is not read",
			Hint: "write one object a line: jq -c '.[]' file.json > file.jsonl"}
	}
	return "", &model.Error{Kind: model.Invalid, Field: "format", Text: "cannot be told from the name " + model.Quote(path),
		Hint: "end the name in .jsonl or .csv, or add --format jsonl or --format csv",
		Key:  "end the name in .jsonl or .csv"}
}
