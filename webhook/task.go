package webhook

// later runs work, which may wait for the store, beside the loop, and then has the
// loop run what work returns.
func (s *scheduler) later(work func() (then func())) {
	s.tasks++
	s.running.Go(func() {
		then := work()
		select {
		case s.did <- then:
		case <-s.ended:
		}
	})
}
