package filter

// group holds if all of its conditions do, or any.
type group struct {
	any   bool
	nodes []node
}

func (g group) match(f *Facts, want bool) bool {
	for _, n := range g.nodes {
		if n.match(f, want) == g.any {
			return g.any
		}
	}
	return !g.any
}

func (g group) spec() any {
	name := "all"
	if g.any {
		name = "any"
	}
	specs := make([]any, len(g.nodes))
	for i, n := range g.nodes {
		specs[i] = n.spec()
	}
	return map[string]any{name: specs}
}

// not holds if its condition does not.
type not struct{ node node }

func (n not) match(f *Facts, want bool) bool { return !n.node.match(f, !want) }

func (n not) spec() any { return map[string]any{"not": n.node.spec()} }
