package journey

import (
	"go/ast"
	"strings"
	"testing"
)

// A hint that names a command or a flag has a twin for the console: what reads
// well after a command line means nothing where keys are pressed. Left out is what
// only a command line meets: the start, the configuration, the audit head.
func TestHintsHaveKeys(t *testing.T) {
	onlyCommands := map[string]bool{
		"model/config/config.go": true, "store/adopt.go": true, "store/audit_head.go": true, "ui/keymap.go": true, "ui/run.go": true, "ui/page/link.go": true,
	}
	for _, f := range sources(t) {
		path := f.path
		if !strings.HasPrefix(path, "store/") && !strings.HasPrefix(path, "model/") && !strings.HasPrefix(path, "ui/page/") || f.test || onlyCommands[path] {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			hint, key := "", false
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				name, _ := kv.Key.(*ast.Ident)
				text, _ := kv.Value.(*ast.BasicLit)
				if name != nil && name.Name == "Key" {
					key = true
				}
				if name != nil && name.Name == "Hint" && text != nil {
					hint = text.Value
				}
			}
			if !key && (strings.Contains(hint, "--") || strings.Contains(hint, "`doorman")) {
				t.Errorf("%s: the hint %s has no Key for the console", path, hint)
			}
			return true
		})
	}
}
