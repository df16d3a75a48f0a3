package detect

// poolBlock is how many values of a pool are stored together.
const poolBlock = 1 << 10

// pool keeps values by number. Blocks never move: growing copies nothing and
// leaves nothing behind. What is let go is handed out again, the latest first.
type pool[T any] struct {
	blocks []*[poolBlock]T
	n      int32 // numbers handed out so far
	free   []int32
}

func (p *pool[T]) at(i int32) *T { return &p.blocks[uint32(i)/poolBlock][uint32(i)%poolBlock] }

// take hands out a number; its value is what was there before.
func (p *pool[T]) take() int32 {
	if k := len(p.free); k > 0 {
		i := p.free[k-1]
		p.free = p.free[:k-1]
		return i
	}
	p.reach(p.n + 1)
	return p.n - 1
}

// reach makes all numbers below n usable.
func (p *pool[T]) reach(n int32) {
	for p.n < n {
		if int(p.n) == len(p.blocks)*poolBlock {
			p.blocks = append(p.blocks, new([poolBlock]T))
		}
		p.n = min(n, int32(len(p.blocks)*poolBlock))
	}
}

func (p *pool[T]) drop(i int32) { p.free = append(p.free, i) }

// each calls f for every number ever handed out.
func (p *pool[T]) each(f func(i int32, x *T)) {
	for i := range p.n {
		f(i, p.at(i))
	}
}
