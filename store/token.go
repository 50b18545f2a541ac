package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// tokenAgeKey is the key under which a token is found once it expired.
func tokenAgeKey(t *gateway.Token) []byte {
	return append(appendI64(nil, t.ExpiresAt.Unix()), t.ID...)
}

func readToken(tx *bolt.Tx, id []byte) (t gateway.Token, err error) {
	v := tx.Bucket([]byte(bktToken)).Get(id)
	if v == nil {
		return t, gateway.ErrNotFound
	}
	if err := json.Unmarshal(v, &t); err != nil {
		return t, damaged(bktToken, id, err)
	}
	return t, nil
}

// Token implements [gateway.Reader].
func (db *DB) Token(id string) (t gateway.Token, err error) {
	err = db.view("token", func(tx *bolt.Tx) error {
		t, err = readToken(tx, []byte(id))
		return err
	})
	return t, err
}

// CountTokens implements [gateway.Reader].
func (db *DB) CountTokens(user string) (n int, err error) {
	err = db.view("number of tokens", func(tx *bolt.Tx) error {
		n = counter(tx, tokenCounter(user))
		return nil
	})
	return n, err
}

func (p *prepared) prepareTokens() error {
	ids := make([]string, 0, len(p.Tokens)+len(p.Revocations))
	for i := range p.Tokens {
		ids = append(ids, p.Tokens[i].ID)
	}
	for _, r := range p.Revocations {
		ids = append(ids, r.ID)
	}
	for _, id := range ids {
		if n := len(id); n == 0 || n > maxKey {
			return fmt.Errorf("prepare token: id has %d bytes, allowed are 1 to %d", n, maxKey)
		}
	}
	return nil
}

// checkTokens refuses tokens that exist, and the second use of what can be used
// once.
func (p *prepared) checkTokens(t *txn) error {
	for i := range p.Tokens {
		if t.get(bktToken, []byte(p.Tokens[i].ID)) != nil {
			return gateway.ErrConflict
		}
	}
	for _, r := range p.Revocations {
		if !r.Once {
			continue
		}
		old, err := readToken(t.Tx, []byte(r.ID))
		if err != nil || !old.RevokedAt.IsZero() {
			return gateway.ErrConflict
		}
	}
	return nil
}

func (p *prepared) applyTokens(t *txn) error {
	for i := range p.Tokens {
		if err := t.putToken(&p.Tokens[i]); err != nil {
			return err
		}
		t.countToken(p.Tokens[i].User, 1)
	}
	for _, r := range p.Revocations {
		if err := t.revoke(r); err != nil {
			return err
		}
	}
	return nil
}

// putToken writes a token of which no row is found by another expiry.
func (t *txn) putToken(tok *gateway.Token) error {
	v, err := json.Marshal(tok)
	if err != nil {
		return err
	}
	if err := t.put(bktToken, []byte(tok.ID), v); err != nil {
		return err
	}
	return t.put(bktTokenAge, tokenAgeKey(tok), nil)
}

func (t *txn) revoke(r gateway.Revocation) error {
	tok, err := readToken(t.Tx, []byte(r.ID))
	switch {
	case errors.Is(err, gateway.ErrNotFound) && r.Until.IsZero():
		return nil
	case errors.Is(err, gateway.ErrNotFound):
		tok = gateway.Token{ID: r.ID, ExpiresAt: r.Until}
		t.countToken("", 1)
	case err != nil: // damaged, and good for nothing since
		return nil
	case !tok.RevokedAt.IsZero():
		return nil
	}
	tok.RevokedAt = r.At
	return t.putToken(&tok)
}

func (t *txn) countToken(user string, n int64) {
	t.count(tokenCounter(""), n)
	if user != "" {
		t.count(tokenCounter(user), n)
	}
}

func (p *pruner) findTokens(before time.Time) {
	c := p.tx.Bucket([]byte(bktTokenAge)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := reader{b: k}
		if r.i64() >= before.Unix() || !p.take(2) {
			return
		}
		p.tokens = append(p.tokens, append([]byte(nil), k...))
	}
}

func (p *pruner) applyTokens(t *txn) error {
	for _, k := range p.tokens {
		if t.get(bktTokenAge, k) == nil {
			continue
		}
		tok, err := readToken(t.Tx, k[8:])
		if err := errors.Join(t.delete(bktTokenAge, k), t.delete(bktToken, k[8:])); err != nil {
			return err
		}
		if err != nil {
			tok.User = "" // damaged: it stays counted as its user's
		}
		t.countToken(tok.User, -1)
		p.deleted++
	}
	return nil
}

func (c *checker) tokens() error {
	return c.each(bktToken, func(key *reader, k, _ []byte) error {
		key.take(len(k))
		tok, err := readToken(c.tx, k)
		if err != nil {
			return err
		}
		if tok.ID != string(k) {
			return fmt.Errorf("it is that of %q", tok.ID)
		}
		c.expect(bktTokenAge, tokenAgeKey(&tok), nil)
		c.counts[string(tokenCounter(""))]++
		if tok.User != "" {
			c.counts[string(tokenCounter(tok.User))]++
		}
		return nil
	})
}
