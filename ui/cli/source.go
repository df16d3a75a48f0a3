package cli

import (
	"errors"
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
	file *os.File // to read once more: the file itself or a copy; nil: neither is needed
	size int64    // 0: not known
	n    atomic.Int64
	end  func() error // closes the file and removes the copy
}

// openSource opens the file. Of stdin, a pipe or a device a copy is kept where
// it has to be read twice.
func (a *app) openSource(in *intake) (*source, error) {
	if in.path == "-" {
		return keepCopy(in, a.Stdin, nil)
	}
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
	if !info.Mode().IsRegular() {
		return keepCopy(in, f, f)
	}
	return &source{in: f, file: f, size: info.Size(), end: f.Close}, nil
}

// keepCopy reads a stream; owner, if there is one, is closed at the end.
func keepCopy(in *intake, stream io.Reader, owner io.Closer) (*source, error) {
	s := &source{in: stream, end: func() error { return nil }}
	if owner != nil {
		s.end = owner.Close
	}
	if in.skipBad == "" || in.dry {
		return s, nil
	}
	f, err := os.CreateTemp("", "doorman-import-")
	if err != nil {
		_ = s.end()
		return nil, fileError("temporary file", err)
	}
	s.in, s.file = io.TeeReader(stream, f), f
	closeStream := s.end
	s.end = func() error {
		return errors.Join(closeStream(), f.Close(), os.Remove(f.Name()))
	}
	return s, nil
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
