package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Setting implements [gateway.Reader].
func (db *DB) Setting(key string) (value string, err error) {
	err = db.view("setting", func(tx *bolt.Tx) error {
		value = string(tx.Bucket([]byte(bktSettings)).Get([]byte(key)))
		return nil
	})
	return value, err
}

func (p *prepared) prepareSettings() error {
	for key := range p.Settings {
		if n := len(key); n == 0 || n > maxKey {
			return fmt.Errorf("prepare setting: key has %d bytes, allowed are 1 to %d", n, maxKey)
		}
	}
	return nil
}

func (p *prepared) applySettings(t *txn) error {
	for key, value := range p.Settings {
		var err error
		if value == "" {
			err = t.delete(bktSettings, []byte(key))
		} else {
			err = t.put(bktSettings, []byte(key), []byte(value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
