package journey

import (
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// phrases are what no person should have to read: words of a dialect, riddles and
// clauses that stand on their head. Each is matched between word boundaries, in
// any case.
func phrases() []string {
	return []string{
		"nobody", "somebody", "anew", "whoever", "what stands", "is told", "are told", "takes it back", "taken back", "take back", "were to be expected",
		"to be expected", "asked for", "asks for", "ask for", "would be usual", "where \\S+ do", "nothing that the traffic shows", "nobody on it",
		"said so", "stays as it is", "is no duration", "is no command", "is no threshold", "is no network",
		"nothing says", "there to give it", "which file", "nothing goes back", "what an application calls:", "keep house",
		"(?:the|a|this|that|its|no|each|every|new|queued|sent|failed) letters?", "dead letters?", "excepted", "unfinished where", "finished where", "finish where",
	}
}

// shownPhrases are allowed in comments.
func shownPhrases() []string {
	return []string{"(?:the|a|this|that|its|no|each|every|new|queued|sent|failed) letters?", "excepted"}
}

func phrase(list []string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN_-])(` + strings.Join(list, "|") + `)(?:$|[^\pL\pN_-])`)
}

// isProse reports whether a string literal is read by a person: it has a blank,
// and is no query.
func isProse(s string) bool {
	return strings.Contains(s, " ") && !regexp.MustCompile(`\b(SELECT|FROM|UPDATE|WHERE|INSERT|CREATE|json_each)\b`).MatchString(s)
}

// TestWordsOnScreens holds the strings of the program, the screens that tests
// keep, the expectations of scripts, the templates of emails and the documents to
// the list.
func TestWordsOnScreens(t *testing.T) {
	out := phrase(phrases())
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if m := out.FindStringSubmatch(text); err == nil && m != nil && isProse(text) {
				t.Errorf("%s: %q in %q", s.at(lit), m[1], text)
			}
			return true
		})
	}
	read := func(path string, clean func(string) string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(clean(string(text))) {
			if n++; out.MatchString(line) {
				t.Errorf("%s:%d: %q in %q", path, n, out.FindStringSubmatch(line)[1], strings.TrimSpace(line))
			}
		}
	}
	same := func(s string) string { return s }
	quoted := regexp.MustCompile("`[^`\n]*`")
	documents := func(s string) string { return quoted.ReplaceAllString(s, "") }
	read("../../README.md", documents)
	for _, dir := range []string{"../../.github", "../testdata", "../page/testdata", "../cli/testdata", "../../mail/templates"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || d.IsDir():
				return err
			case strings.HasSuffix(path, ".md"):
				read(path, documents)
			case strings.HasSuffix(path, ".golden"), strings.HasSuffix(path, ".tmpl"), strings.HasSuffix(path, ".txt"), strings.HasSuffix(path, ".html"):
				read(path, same)
			case strings.HasSuffix(path, ".txtar"):
				read(path, expectations)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// expectations keeps the lines of a script that say what is printed.
func expectations(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "stdout ") || strings.HasPrefix(line, "stderr ") {
			b.WriteString(line)
		} else {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// TestWordsInComments holds comments to the same list, names aside.
func TestWordsInComments(t *testing.T) {
	var list []string
	for _, p := range phrases() {
		allowed := false
		for _, shown := range shownPhrases() {
			allowed = allowed || p == shown
		}
		if !allowed {
			list = append(list, p)
		}
	}
	out := phrase(list)
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, g := range s.file.Comments {
			if m := out.FindStringSubmatch(strings.ReplaceAll(g.Text(), "\n", " ")); m != nil {
				t.Errorf("%s: %q", s.at(g), m[1])
			}
		}
	}
}
