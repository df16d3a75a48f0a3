package page

// View is an entry of the registry: how a view is called and made.
type View struct {
	Name  string // what Open.View says
	Title string // as palette and help name it
	Key   string // the digit that leads to it; "" for details
	Make  func(*Env, Open) Page
}

// views is the registry: one line for each view.
var views = []View{
	{"clusters", "Clusters", "1", newClusters},
	{"cluster", "Cluster", "", newCluster},
	{"whatif", "What if", "", newWhatif},
	{"accounts", "Accounts", "2", newAccounts},
	{"account", "Account", "", newAccount},
	{"resets", "Resets", "3", newResets},
	{"reset", "Reset", "", newReset},
	{"blocks", "Blocks", "4", newBlocks},
	{"outbox", "Outbox", "5", newOutbox},
	{"email", "Email", "", newLetter},
	{"audit", "Audit", "6", newAudit},
	{"entry", "Line of the log", "", newEntry},
	{"cases", "Cases", "7", newCases},
	{"batches", "Batches", "", newBatches},
	{"batch", "Batch", "", newBatch},
	{"exact", "As it is stored", "", newExact},
	{"counts", "Counts", "", newCounts},
}

// Views returns the registry, in the order of keys and palette.
func Views() []View { return views }

// ViewNamed returns the entry with the given name; false when there is none.
func ViewNamed(name string) (View, bool) {
	for _, v := range views {
		if v.Name == name {
			return v, true
		}
	}
	return View{}, false
}
