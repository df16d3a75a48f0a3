package model

import (
	"io"
	"strconv"
)

// ReadBounded reads to the end of r, and refuses more than most bytes with a
// model.Invalid: what is configured, pasted or piped in is never so large, and
// memory is not for anyone who sends without an end.
func ReadBounded(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, &Error{Kind: Invalid, Text: "is larger than " + byteCount(most), Hint: "it is probably not the file that was meant"}
	}
	return b, nil
}

func byteCount(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
