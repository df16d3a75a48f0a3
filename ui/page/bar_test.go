package page

import (
	"testing"

	"doorman/model"
)

func TestTabCompletes(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 100, 20).press("f").sees("state:  ip:  agent:").sees("tab completes")
	d.write("st").press("tab").sees("/state:").sees("live  used  revoked").write("l").press("tab").sees("/state:live ▌")
	d.write("a").press("tab", "tab").sees("/state:live account:").press("shift+tab").sees("/state:live agent:").sees("[agent:]")
	d.write("moz").sees("tab completes").press("tab").sees(`agent:"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0" ▌`)
	d.press("enter").sees("1 of 1")
}

// The word that is being typed is not called wrong while it can become right;
// enter insists.
func TestErrorsWaitForTheWord(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 100, 20).press("f").write("since:2").misses("^").sees("24h")
	d.press("enter").sees(" ^^^^^^^").sees(`"2" is not a valid time`).press("backspace").misses("^")
	d.write("24h ip:1 ").sees("^^^^").sees("neither an address nor a network").press("backspace").write(".2.3.4").misses("^")
	d.write(" agnt:x").sees(`there is no field "agnt"`).sees("did you mean agent:?")
}

// What is typed is counted before it is in force.
func TestMatchesAreCountedWhileTyping(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 100, 20).press("f").write("state:live").sees("3 matches").sees("grace.001")
	d.press("esc").sees("1 of 40")
	drive(t, busy(), Open{View: "audit"}, 100, 20).press("f").write("verb:revoke").sees("match")
	big := &memory{}
	for range probe + 1 {
		big.audit = append(big.audit, model.AuditEntry{Seq: int64(len(big.audit) + 1), Verb: model.VerbIssue, At: testNow()})
	}
	drive(t, big, Open{View: "audit"}, 100, 20).press("f").write("verb:issue").sees("1,000+ matches")
}

func TestExcludedStates(t *testing.T) {
	drive(t, sample(), Open{View: "resets"}, 100, 20).press("f").write("-state:expired,used,revoked").press("enter").misses("expired  ").sees("● live").sees("1 of 3")
}

// Enter takes the only word that a value can become; where several could be
// meant, or any text, it is said what is wrong.
func TestEnterCompletesWhatIsSure(t *testing.T) {
	d := drive(t, sample(), Open{View: "resets"}, 100, 20).press("f").write("state:su").press("enter").sees("/state:superseded").misses("^^^")
	d.press("f", "ctrl+u").write("-state:live,us").press("enter").sees("/-state:live,used").misses("^^^")
	d.press("f", "ctrl+u").write("state:q").press("enter").sees("there is no state").press("ctrl+u").write("ip:203.0.113.4").press("enter").sees("/ip:203.0.113.4 ")
	d.press("f", "ctrl+u").write("since:24").press("enter").sees("is not a valid time").press("esc")
}
