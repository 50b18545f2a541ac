#!/usr/bin/env bash
# Sets up what the tests need beside Go: Node and the packages that receivers of
# webhooks are written with, and Chromium, which pages are shown to. It is quick when
# there is nothing to do. What cannot be had is said once, here, and by the tests that
# skip because of it; only where CI=true is it an error if packages of Node cannot be
# installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly oldest=18 # major version of Node
readonly folder=webhook/receivers/testdata/node
readonly installed=$folder/node_modules/.installed # the package-lock.json that is installed
readonly browsers=(chromium chromium-browser google-chrome-stable google-chrome)
readonly state=.cache/test-setup # what the tests read: node and chromium (paths), or missing and chromium-missing (why not)
readonly log=$state/log

mkdir -p "$state"
rm -f "$state/node" "$state/missing" "$state/chromium" "$state/chromium-missing"

# lacks FILE REASON notes why there is no Node, or no Chromium.
lacks() {
	echo "$2" >"$state/$1"
	echo "test set-up: $2; the tests that need it skip" >&2
}

# works PROGRAM tells whether a program is there and starts.
works() {
	command -v "$1" >/dev/null && "$1" --version >/dev/null 2>&1
}

# first_of NAME... prints the path of the first program that works.
first_of() {
	for name in "$@"; do
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

# set_up_node finds or installs Node and its packages.
set_up_node() {
	local node version major
	node=$(first_of node nodejs) || {
		install nodejs npm || { lacks missing "Node is not installed, and apt-get cannot install it (see $log; it takes root and a network)"; return; }
		node=$(first_of node nodejs) || { lacks missing "Node does not start, although apt-get installed it"; return; }
	}
	version=$("$node" --version)
	major=${version#v}
	major=${major%%.*}
	((major >= oldest)) || { lacks missing "Node $version is too old: $oldest or later is needed"; return; }

	if ! cmp -s "$folder/package-lock.json" "$installed"; then
		works npm || install npm || { lacks missing "npm is not installed, and apt-get cannot install it (see $log)"; return; }
		echo "test set-up: installing packages of Node in $folder" >&2
		(cd "$folder" && npm ci --prefer-offline --fetch-retries=1 \
			--fetch-retry-mintimeout=200 --fetch-retry-maxtimeout=200 --fetch-timeout=60000) >"$log" 2>&1 || {
			lacks missing "npm ci failed in $folder (see $log): is there a network?"
			[ "${CI:-}" != true ]
			return
		}
		cp "$folder/package-lock.json" "$installed"
	fi
	echo "$node" >"$state/node"
}

# set_up_chromium finds or installs Chromium, and a font, without which it shows no text.
set_up_chromium() {
	local chromium
	chromium=$(first_of "${browsers[@]}") || {
		install chromium fonts-dejavu-core || { lacks chromium-missing "Chromium is not installed, and apt-get cannot install it (see $log; it takes root, a network and 300 MB)"; return; }
		chromium=$(first_of "${browsers[@]}") || { lacks chromium-missing "Chromium does not start, although apt-get installed it"; return; }
	}
	echo "$chromium" >"$state/chromium"
}

set_up_chromium
set_up_node
