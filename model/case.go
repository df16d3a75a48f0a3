package model

import "time"

// CaseState is where the operators stand with a cluster.
type CaseState string

// The states of a case.
const (
	CaseOpen      CaseState = "open"
	CaseContained CaseState = "contained"
	CaseFalse     CaseState = "false positive" // the engine keeps quiet about it and what lies inside
	CaseClosed    CaseState = "closed"
)

// CaseStates lists every state in the order in which they are shown.
func CaseStates() []CaseState { return []CaseState{CaseOpen, CaseContained, CaseFalse, CaseClosed} }

// ParseCaseState reads a state by its name; "false" stands for false positive.
func ParseCaseState(s string) (CaseState, error) {
	if s == "false" || s == "false-positive" {
		return CaseFalse, nil
	}
	for _, st := range CaseStates() {
		if string(st) == s {
			return st, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "state", Text: "there is no state " + Quote(s),
		Hint: "use open, contained, false or closed"}
}

// Case is what operators said about a cluster. One key has one case at most.
type Case struct {
	Key     string // of the cluster; hostile where it names an agent
	State   CaseState
	Note    string // the last one; hostile
	By      string // who changed it last
	At      time.Time
	Opened  time.Time
	Batch   string // that contained it, or ""
	Subject string // the network, account or agent in words; hostile
}

// CaseFilter selects cases, the last changed first. The zero value means all.
type CaseFilter struct {
	States []CaseState // any of these; none means any
	Paging
}
