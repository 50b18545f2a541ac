#!/usr/bin/env bash
# Fails if the stripped arm64 binary exceeds 20 MiB or a source file 500 lines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly max_bytes=$((20 * 1024 * 1024)) max_lines=500
status=0

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -ldflags "${LDFLAGS:--s -w}" -o "$out/tetherd" ./cmd/tetherd
bytes=$(wc -c <"$out/tetherd")
echo "arm64 binary: $bytes bytes of $max_bytes"
if ((bytes > max_bytes)); then
	echo "the arm64 binary is too large: what was imported that is not needed?" >&2
	status=1
fi

while IFS= read -r -d '' file; do
	lines=$(wc -l <"$file")
	if ((lines > max_lines)); then
		echo "$file has $lines lines, more than $max_lines: look for the second noun in it" >&2
		status=1
	fi
done < <(find . \( -name '.?*' -o -name bin -o -name node_modules \) -prune -o -type f \( -name '*.go' -o -name '*.sh' \) -print0)

exit "$status"
