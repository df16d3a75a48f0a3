package mail

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	gomail "github.com/wneessen/go-mail"

	"doorman/model"
)

// maxTag is how long a value in a signature may be without being folded.
const maxTag = 70

// maxFile bounds a key, a file of roots and a template, in bytes.
const maxFile = 1 << 20

// readFile reads a file that the configuration names.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return model.ReadBounded(f, maxFile)
}

// newSigner reads the DKIM key. The file must be its owner's alone.
func newSigner(d DKIM) (*gomail.DKIMSigner, error) {
	if d == (DKIM{}) {
		return nil, nil
	}
	if len(d.Domain) > maxTag || len(d.Selector) > maxTag {
		return nil, invalid("dkim", "domain or selector is longer than 70 bytes", "")
	}
	if d.Domain == "" || d.Selector == "" || d.KeyFile == "" {
		return nil, invalid("dkim", "needs domain, selector and key_file together", "")
	}
	info, err := os.Stat(d.KeyFile)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, invalid("dkim.key_file", fmt.Sprintf("%s has mode %04o: others can read the key", model.Quote(d.KeyFile), info.Mode().Perm()), "chmod 600 it")
	}
	var b []byte
	if err == nil {
		b, err = readFile(d.KeyFile)
	}
	if err != nil {
		hint := ""
		if errors.Is(err, fs.ErrNotExist) {
			hint = "make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
		}
		return nil, &model.Error{Kind: model.Unavailable, Field: "mail.dkim.key_file", Text: "cannot read " + model.Quote(d.KeyFile), Hint: hint, Err: err}
	}
	key, err := gomail.PrivKeyFromPEM(b)
	if err != nil {
		return nil, invalid("dkim.key_file", "holds no RSA or Ed25519 key in PEM form", "")
	}
	s := gomail.NewDKIMSigner(d.Domain, d.Selector, key)
	// go-mail 0.8.1 signs a tag unfolded and then folds it in the middle when it
	// is longer than a line: with more headers than these no signature is valid.
	s.SignHeaders("From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Reply-To")
	s.OversignHeaders("From", "To", "Subject")
	// The first signature settles the algorithm; after it the signer only reads
	// itself and may be used by several goroutines.
	_, err = s.Sign([]byte("From: probe@example.org\r\n"), nil)
	return s, err
}
