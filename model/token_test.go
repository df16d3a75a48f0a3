package model_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"doorman/model"
)

const someID = "4fc6f8ae03fb4d8e8485d12a58afa928"

func someKey() model.Key { return model.Key(strings.Repeat("K", model.KeySize)) }

func TestTokenRoundTrip(t *testing.T) {
	id := model.NewResetID(someID, model.SchemeSecret)
	tok := model.NewToken(someKey(), id, model.SchemeSecret)
	for _, link := range []string{tok.Reveal(), " " + tok.Reveal() + "\n", strings.Replace(tok.Reveal(), someID, strings.ToUpper(someID), 1)} {
		got, err := model.ParseToken(link)
		if err != nil || got != tok || got.ID() != someID {
			t.Errorf("%q: %v, %v", link, got.Reveal(), err)
		}
	}
	if len(tok.Reveal()) != 76 || len(tok.Hash()) != 64 {
		t.Errorf("token of %d bytes, hash of %d", len(tok.Reveal()), len(tok.Hash()))
	}
	if again := model.NewToken(someKey(), id, model.SchemeSecret); again != tok {
		t.Error("the same reset has two tokens")
	}
	plain := model.NewToken(someKey(), id, model.SchemeID)
	if plain.Reveal() != someID || plain.Hash() != "" {
		t.Errorf("scheme id: %q, hash %q", plain.Reveal(), plain.Hash())
	}
}

func TestTokenMatches(t *testing.T) {
	id := model.NewResetID(someID, model.SchemeSecret)
	good := model.NewToken(someKey(), id, model.SchemeSecret)
	bare := model.NewToken(someKey(), id, model.SchemeID)
	other := model.NewToken(model.Key(strings.Repeat("L", model.KeySize)), id, model.SchemeSecret)
	dotted, err := model.ParseToken(someID + ".")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token  model.Token
		hash   string
		scheme model.Scheme
		want   bool
	}{
		"its own":                        {good, good.Hash(), model.SchemeSecret, true},
		"its own, after a change":        {good, good.Hash(), model.SchemeID, true},
		"of another key":                 {other, good.Hash(), model.SchemeSecret, false},
		"id alone for a secret":          {bare, good.Hash(), model.SchemeSecret, false},
		"id alone for a secret, by id":   {bare, good.Hash(), model.SchemeID, false},
		"empty secret":                   {dotted, good.Hash(), model.SchemeSecret, false},
		"id alone, by id":                {bare, "", model.SchemeID, true},
		"id alone, by secret":            {bare, "", model.SchemeSecret, false},
		"a secret where none is, by id":  {good, "", model.SchemeID, false},
		"a secret where none is, secret": {good, "", model.SchemeSecret, false},
		"nothing":                        {model.Token{}, good.Hash(), model.SchemeSecret, false},
	} {
		if got := c.token.Matches(c.hash, c.scheme); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParseTokenRefuses(t *testing.T) {
	for _, s := range []string{"", ".", someID[1:], someID + "0", someID[:31] + "g", "." + someID,
		someID + "." + strings.Repeat("a", 200), someID[:16] + "-" + someID[16:], someID + " " + someID} {
		if tok, err := model.ParseToken(s); !model.IsKind(err, model.Invalid) || tok != (model.Token{}) {
			t.Errorf("%q: %v", s, err)
		} else if s != "" && len(s) > 8 && strings.Contains(err.Error(), s) {
			t.Errorf("the error repeats the token: %v", err)
		}
	}
}

// prints returns v in every way in which it may get into a log or an export.
func prints(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	j, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(j)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

func TestNoSecretIsPrinted(t *testing.T) {
	key := someKey()
	id := model.NewResetID(someID, model.SchemeID)
	tok := model.NewToken(key, id, model.SchemeSecret)
	_, secret, _ := strings.Cut(tok.Reveal(), ".")
	secrets := []string{someID, fmt.Sprintf("%x", someID), secret, fmt.Sprintf("%x", secret), string(key),
		fmt.Sprintf("%x", string(key)), fmt.Sprint([]byte(key)), base64.StdEncoding.EncodeToString(key), "0x4b, 0x4b"}
	for name, v := range map[string]any{
		"token": tok, "pointer to token": &tok, "order": model.RedeemOrder{Token: tok},
		"key": key, "pointer to key": &key, "key in a struct": struct{ K model.Key }{key}, "keys": []model.Key{key},
		"id": id, "pointer to id": &id, "reset": model.Reset{ID: id, SupersededBy: id}, "ids": []model.ResetID{id},
		"hidden token": struct{ t model.Token }{tok}, "hidden id": struct{ id model.ResetID }{id},
		"hidden reset": struct{ r model.Reset }{model.Reset{ID: id}}, "hidden order": struct{ o *model.RedeemOrder }{&model.RedeemOrder{Token: tok}},
		"email": model.Letter{ResetID: id}, "map": map[string]model.ResetID{"a": id},
	} {
		out := prints(t, v)
		for _, s := range secrets {
			if strings.Contains(out, s) {
				t.Errorf("%s shows %q:\n%s", name, s, out)
			}
		}
	}
}

func TestIDsThatAreNoCredentialsAreShown(t *testing.T) {
	id := model.NewResetID(someID, model.SchemeSecret)
	if j, _ := json.Marshal(id); string(j) != `"`+someID+`"` || id.String() != someID {
		t.Errorf("%s, %s", j, id)
	}
	masked := model.NewResetID(someID, model.SchemeID)
	if j, _ := json.Marshal(masked); string(j) != `"4fc6f8ae…"` || masked.Full() != someID {
		t.Errorf("%s, %s", j, masked.Full())
	}
	if !(model.ResetID{}).IsZero() || !model.NewResetID("", model.SchemeID).IsZero() || masked.IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestKeyFingerprint(t *testing.T) {
	a, b := someKey().Fingerprint(), model.Key("other").Fingerprint()
	if len(a) != 8 || a == b || model.Key(nil).Fingerprint() != "none" || len(someKey().AuditSeed()) != 32 {
		t.Errorf("%s %s", a, b)
	}
}
