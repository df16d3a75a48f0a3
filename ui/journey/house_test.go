package journey

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The limits of the house. Long functions elsewhere are event switches, wiring
// or tables; past these they are something else.
const (
	maxFunction = 60
	maxUpdate   = 30
	maxFile     = 400
	maxMethods  = 5
)

// source is one parsed file of the module.
type source struct {
	path string // from the root, with slashes
	pkg  string // folder from the root, "" for main
	test bool
	file *ast.File
	fset *token.FileSet
	n    int // lines
}

func (s source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

const root = "../.."

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		pkg := strings.TrimSuffix(strings.TrimSuffix(rel, filepath.Base(path)), "/")
		out = append(out, source{rel, pkg, strings.HasSuffix(path, "_test.go"), f, fset, fset.Position(f.FileEnd).Line})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d files: is this the module?", len(out))
	}
	return out
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"go.mod", "go.sum", "main.go", "ui", "model", "store", "mail", "README.md"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

// mayImport is the import table: what the packages below a folder may import of
// our own. The most specific line counts; "x/..." means everything below x, too.
func mayImport() map[string][]string {
	return map[string][]string{
		"":             {"model/...", "store/...", "mail/...", "ui/..."},
		"model":        {},
		"model/":       {"model"},
		"model/detect": {"model/..."},
		"store":        {"model/...", "store/..."},
		"mail":         {"model/...", "mail/..."},
		"ui":           {"model/...", "ui/..."},
		"ui/theme":     {},
		"ui/term":      {},
		"ui/part":      {"ui/theme", "ui/term"},
		"ui/page":      {"model/...", "ui/part", "ui/theme", "ui/term"},
		"ui/cli":       {"model/...", "ui/part", "ui/theme", "ui/term", "ui/term/quiet"},
		"ui/journey":   {"model/...", "store/...", "mail/...", "ui/..."}, // tests alone
	}
}

func TestImports(t *testing.T) {
	table := mayImport()
	for _, s := range sources(t) {
		allowed := table[rowOf(s.pkg, table)]
		for _, spec := range s.file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			own, ours := strings.CutPrefix(path, "doorman/")
			if ours && own != s.pkg && !permits(allowed, own) {
				t.Errorf("%s imports %s, which the layers forbid", s.at(spec), path)
			}
		}
	}
}

// rowOf finds the line of the table for a package.
func rowOf(pkg string, table map[string][]string) string {
	if _, ok := table[pkg]; !ok && strings.HasPrefix(pkg, "model/") {
		return "model/"
	}
	for pkg != "" {
		if _, ok := table[pkg]; ok {
			return pkg
		}
		pkg = pkg[:max(strings.LastIndex(pkg, "/"), 0)]
	}
	return ""
}

func permits(allowed []string, pkg string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		if base, all := strings.CutSuffix(a, "/..."); all {
			return pkg == base || strings.HasPrefix(pkg, base+"/")
		}
		return pkg == a
	})
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if s.n > maxFile {
			t.Errorf("%s has %d lines, at most %d", s.path, s.n, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			limit := maxFunction
			if f.Name.Name == "Update" && f.Recv != nil {
				limit = maxUpdate
			}
			if n := s.lines(f); n > limit {
				t.Errorf("%s: %s has %d lines, at most %d", s.at(f), f.Name.Name, n, limit)
			}
		}
	}
}

func TestInterfacesAreSmall(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			i, ok := n.(*ast.InterfaceType)
			if !ok {
				return true
			}
			own := 0
			for _, m := range i.Methods.List {
				own += len(m.Names)
			}
			if own > maxMethods && s.path != "ui/page/page.go" {
				t.Errorf("%s: an interface of %d methods, at most %d", s.at(i), own, maxMethods)
			}
			return true
		})
	}
}

// Package variables are shared state that every session over a network would
// see: errors, embedded files and the registry of pages are not.
func TestPackageVariables(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for _, name := range v.Names {
					if !variableAllowed(s, g, v, name.Name) {
						t.Errorf("%s: package variable %s", s.at(v), name.Name)
					}
				}
			}
		}
	}
}

func variableAllowed(s source, g *ast.GenDecl, v *ast.ValueSpec, name string) bool {
	embedded := func(doc *ast.CommentGroup) bool {
		return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
	}
	switch {
	case name == "_", strings.HasPrefix(name, "err"), strings.HasPrefix(name, "Err"):
		return true
	case s.pkg == "ui/page" && name == "views":
		return true
	}
	return embedded(g.Doc) || embedded(v.Doc)
}

func TestDocumentation(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		documented[s.pkg] = documented[s.pkg] || s.file.Doc != nil
		for _, d := range s.file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s has no doc comment", s.at(d), name)
			}
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %q says nothing about itself", pkg)
		}
	}
}

// undocumented returns the exported names of a declaration without a comment. A
// comment over a group counts for all of it.
func undocumented(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			out = append(out, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
					out = append(out, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
					out = append(out, s.Names[0].Name)
				}
			}
		}
	}
	return out
}

// exportedReceiver reports whether a method belongs to an exported type; a
// function counts as one.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func TestNames(t *testing.T) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "manager", "types", "misc", "base"}
	for _, s := range sources(t) {
		if slices.Contains(banned, s.file.Name.Name) || slices.Contains(banned, strings.TrimSuffix(filepath.Base(s.path), ".go")) {
			t.Errorf("%s: a name that says nothing", s.path)
		}
		for _, g := range s.file.Comments {
			if text := g.Text(); strings.Contains(text, "TO"+"DO") || strings.Contains(text, "FIX"+"ME") || strings.Contains(text, "XX"+"X") {
				t.Errorf("%s: an open end in a comment", s.at(g))
			}
		}
	}
}

// Tests run, all of them, always: nothing is skipped, and nothing outside main
// ends the process.
func TestNothingIsSkipped(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, isName := sel.X.(*ast.Ident)
			switch {
			case s.test && isName && (x.Name == "t" || x.Name == "b") && strings.HasPrefix(sel.Sel.Name, "Skip"):
				t.Errorf("%s: a skipped test", s.at(sel))
			case !s.test && s.pkg != "" && isName && x.Name == "os" && sel.Sel.Name == "Exit":
				t.Errorf("%s: os.Exit outside main", s.at(sel))
			}
			return true
		})
	}
}

// A panic in a goroutine that nothing catches ends the process as it is, with
// the terminal in the console's hands: every goroutine begins with a net. Those
// of the demo's mail server have the library's, and benchmarks have no console.
func TestGoroutinesAreCaught(t *testing.T) {
	nets := []string{"Catch", "catch", "caught"}
	for _, s := range sources(t) {
		if s.test || s.path == "mail/capture.go" || s.pkg == "ui/bench" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			body, at := goroutine(n)
			if at == nil {
				return true
			}
			found := body != nil && slices.ContainsFunc(body.List, func(st ast.Stmt) bool {
				d, ok := st.(*ast.DeferStmt)
				return ok && slices.Contains(nets, lastName(d.Call.Fun))
			})
			if !found {
				t.Errorf("%s: a goroutine without a net", s.at(at))
			}
			return true
		})
	}
}

// goroutine returns the body of a goroutine that begins at n, nil when it is no
// function literal, and where; at is nil when none begins there.
func goroutine(n ast.Node) (body *ast.BlockStmt, at ast.Node) {
	var f ast.Expr
	switch n := n.(type) {
	case *ast.GoStmt:
		if f = n.Call.Fun; lastName(f) == "Quit" {
			return nil, nil // the event loop's own word, said by who catches panics
		}
	case *ast.CallExpr:
		if lastName(n.Fun) != "Go" || len(n.Args) != 1 {
			return nil, nil
		}
		f = n.Args[0]
	default:
		return nil, nil
	}
	if lit, ok := f.(*ast.FuncLit); ok {
		return lit.Body, n
	}
	return nil, n
}

// lastName is the name that is called: c in a.b.c.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}
