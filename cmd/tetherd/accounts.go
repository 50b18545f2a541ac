package main

import (
	"path/filepath"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/gateway/access"
)

// tokenKeyFile is where what signs tokens is kept in the data folder. Without it, at
// the next start, no token is good any more.
const tokenKeyFile = "token.key"

// tokenSecret returns what signs tokens, which is made at the first start.
func tokenSecret(cfg *config.Config) (string, error) {
	return secretFile(filepath.Join(cfg.DataDir, tokenKeyFile), true)
}

// accounts returns those who can log in beside the main account.
func accounts(users []config.User) []access.Account {
	out := make([]access.Account, len(users))
	for i, u := range users {
		out[i] = access.Account{Name: u.Name, Password: u.Password, PasswordHash: u.PasswordHash, Role: u.Role}
	}
	return out
}

// quotas returns how many SMS those who can log in may send.
func quotas(users []config.User) map[string]gateway.Quota {
	out := make(map[string]gateway.Quota)
	for _, u := range users {
		out[u.Name] = gateway.Quota(u.Limits)
	}
	return out
}
