package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"doorman/model"
)

// headOrigin is the first line of a signed head; headSigner names its key.
const (
	headOrigin = "doorman audit log"
	headSigner = "doorman-audit"
)

// AuditHead checks the log and returns its signed head: a note of three lines
// (what it is, the number of the last entry, its hash) with an Ed25519
// signature (golang.org/x/mod/sumdb/note). Kept where the database cannot reach
// it, it proves that nothing up to that entry was changed later.
func (s *Store) AuditHead(ctx context.Context) (string, error) {
	if _, err := s.headSigner(); err != nil {
		return "", fmt.Errorf("audit head: %w", err)
	}
	last, err := s.VerifyAudit(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("audit head: %w", err)
	}
	if last.Seq == 0 {
		return "", &model.Error{Kind: model.NotFound, Text: "the log is empty", Hint: "there is nothing to sign yet"}
	}
	head, err := s.signHead(last.Seq, last.Hash)
	if err != nil {
		return "", fmt.Errorf("audit head: %w", err)
	}
	return head, nil
}

// signHead makes the head of the log as it stands at one entry.
func (s *Store) signHead(seq int64, hash string) (string, error) {
	signer, err := s.headSigner()
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: headOrigin + "\n" + strconv.FormatInt(seq, 10) + "\n" + hash + "\n"}, signer)
	return string(signed), err
}

// AuditVerifier returns the public key that signed heads are checked with, in
// the form of golang.org/x/mod/sumdb/note: anyone who keeps heads elsewhere checks
// them without the link key.
func (s *Store) AuditVerifier() (string, error) {
	if len(s.o.Key) == 0 {
		return "", fmt.Errorf("audit verifier: %w", errNoHeadKey())
	}
	public := ed25519.NewKeyFromSeed(s.o.Key.AuditSeed()).Public().(ed25519.PublicKey)
	text, err := note.NewEd25519VerifierKey(headSigner, public)
	if err != nil {
		return "", fmt.Errorf("audit verifier: %w", err)
	}
	return text, nil
}

// VerifyHead checks a signed head, the whole log, and that the log still holds
// the entry that the head names, with the same hash. A cut tail and a rewritten
// log are a model.Conflict, a note that is not ours a model.Invalid.
func (s *Store) VerifyHead(ctx context.Context, signed string) error {
	seq, hash, err := s.openHead(signed)
	if err != nil {
		return fmt.Errorf("verify head: %w", err)
	}
	found := ""
	last, err := s.walkAudit(ctx, func(r *auditRow) {
		if r.Seq == seq {
			found = r.Hash
		}
	})
	if err != nil {
		return fmt.Errorf("verify head: %w", explain(err))
	}
	return headFault(last.Seq, seq, found, hash)
}

// openHead reads a head whose signature is good.
func (s *Store) openHead(signed string) (seq int64, hash string, err error) {
	key, err := s.AuditVerifier()
	if err != nil {
		return 0, "", err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, "", err
	}
	bad := func(text string, err error) (int64, string, error) {
		return 0, "", &model.Error{Kind: model.Invalid, Field: "head", Text: text, Hint: "pass it whole, as `doorman audit head` printed it", Err: err}
	}
	n, err := note.Open([]byte(strings.TrimSpace(strings.ReplaceAll(signed, "\r\n", "\n"))+"\n"), note.VerifierList(verifier))
	var stranger *note.UnverifiedNoteError
	switch {
	case errors.As(err, &stranger):
		return bad("is signed by another key", err)
	case err != nil:
		return bad("is not a signed head, or was changed", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != headOrigin {
		return bad("is a note about something else", nil)
	}
	seq, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return bad("names no entry", err)
	}
	return seq, lines[2], nil
}

// headSigner derives the signing key, in the form that the note package reads.
func (s *Store) headSigner() (note.Signer, error) {
	if len(s.o.Key) == 0 {
		return nil, errNoHeadKey()
	}
	const ed25519Alg = 1
	seed := s.o.Key.AuditSeed()
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	sum := sha256.Sum256(append([]byte(headSigner+"\n\x01"), public...))
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", headSigner, binary.BigEndian.Uint32(sum[:]),
		base64.StdEncoding.EncodeToString(append([]byte{ed25519Alg}, seed...))))
}

func errNoHeadKey() error {
	return &model.Error{Kind: model.Unavailable, Text: "heads are signed with the link key, and there is none",
		Hint: "`doorman doctor` tells where the key is looked for"}
}
