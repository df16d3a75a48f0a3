package cli

import (
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"
)

// source is the file of an import. It counts what has been read, for the
// progress bar.
type source struct {
	in   io.Reader
	file *os.File // to read once more; nil: that cannot be done
	temp bool     // file is a copy of stdin
	size int64    // 0: not known
	n    atomic.Int64
}

// openSource opens the file. Of stdin a copy is kept where it has to be read
// twice.
func (a *app) openSource(in *intake) (*source, error) {
	if in.path != "-" {
		f, err := os.Open(in.path)
		if err != nil {
			return nil, fileError(in.path, err)
		}
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = &fs.PathError{Op: "read", Path: in.path, Err: syscall.EISDIR}
		}
		if err != nil {
			_ = f.Close()
			return nil, fileError(in.path, err)
		}
		return &source{in: f, file: f, size: info.Size()}, nil
	}
	if in.skipBad == "" || in.dry {
		return &source{in: a.Stdin}, nil
	}
	f, err := os.CreateTemp("", "doorman-import-")
	if err != nil {
		return nil, fileError("temporary file", err)
	}
	return &source{in: io.TeeReader(a.Stdin, f), file: f, temp: true}, nil
}

// Read counts.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	s.n.Add(int64(n))
	return n, err
}

// part returns how much of the file has been read, or nil where that is not
// known.
func (s *source) part() func() float64 {
	if s.size == 0 {
		return nil
	}
	return func() float64 { return float64(s.n.Load()) / float64(s.size) }
}

// again reads the file once more from its start.
func (s *source) again(read func(io.Reader) error) error {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return read(s.file)
}

func (s *source) close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	if s.temp {
		_ = os.Remove(s.file.Name())
	}
}
