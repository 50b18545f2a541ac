#!/usr/bin/env bash
# Sets up what the tests need beside Go: Node and the packages that receivers of
# webhooks are written with. It is quick when there is nothing to do. What cannot be
# had is said once, here, and by the tests that skip because of it; only where CI=true
# are packages that cannot be installed an error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly oldest=18 # major version of Node
readonly folder=webhook/receivers/testdata/node
readonly installed=$folder/node_modules/.installed # the package-lock.json that is installed
readonly state=.cache/test-setup                   # what the tests read: node (its path) or missing (why not)
readonly log=$state/log

mkdir -p "$state"
rm -f "$state/node" "$state/missing"

# lacks CODE REASON ends the set-up without Node or its packages.
lacks() {
	echo "$2" >"$state/missing"
	echo "test set-up: $2; the tests that need it skip" >&2
	exit "$1"
}

# works PROGRAM tells whether a program is there and starts.
works() {
	command -v "$1" >/dev/null && "$1" --version >/dev/null 2>&1
}

# find_node prints the path of Node.
find_node() {
	for name in node nodejs; do
		if works "$name"; then
			command -v "$name"
			return
		fi
	done
	return 1
}

# install PACKAGE... installs packages of Debian.
install() {
	if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
		return 1
	fi
	echo "test set-up: installing $* with apt-get" >&2
	export DEBIAN_FRONTEND=noninteractive
	local apt=(timeout 600 apt-get -q -y -o Acquire::Retries=0 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)
	"${apt[@]}" install --no-install-recommends "$@" >"$log" 2>&1 ||
		{ "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1
}

node=$(find_node) || {
	install nodejs npm || lacks 0 "Node is not installed, and apt-get cannot install it (see $log; it takes root and a network)"
	node=$(find_node) || lacks 0 "Node does not start, although apt-get installed it"
}
version=$("$node" --version)
major=${version#v}
major=${major%%.*}
((major >= oldest)) || lacks 0 "Node $version is too old: $oldest or later is needed"

if ! cmp -s "$folder/package-lock.json" "$installed"; then
	works npm || install npm || lacks 0 "npm is not installed, and apt-get cannot install it (see $log)"
	echo "test set-up: installing packages of Node in $folder" >&2
	(cd "$folder" && npm ci --prefer-offline --fetch-retries=1 \
		--fetch-retry-mintimeout=200 --fetch-retry-maxtimeout=200 --fetch-timeout=60000) >"$log" 2>&1 || {
		code=0
		[ "${CI:-}" != true ] || code=1
		lacks "$code" "npm ci failed in $folder (see $log): is there a network?"
	}
	cp "$folder/package-lock.json" "$installed"
fi
echo "$node" >"$state/node"
