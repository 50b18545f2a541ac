package gateway

import "sync"

// keyedMutex is a mutex for each key. The zero value is ready for use. Keys are
// never forgotten, so there should be few.
type keyedMutex struct {
	m sync.Map // string → *sync.Mutex
}

// lock locks the mutex of key and returns its unlock function.
func (k *keyedMutex) lock(key string) func() {
	v, _ := k.m.LoadOrStore(key, new(sync.Mutex))
	mu := v.(*sync.Mutex)
	mu.Lock()
	return mu.Unlock
}
