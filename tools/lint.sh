#!/bin/sh
# clang-tidy with the checks of .clang-tidy on the library and the command. $1: a configured build folder.
set -eu
git ls-files 'whyclip/*.cpp' 'cli/*.cpp' | xargs -P "$(nproc)" -n 4 clang-tidy -p "$1" --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>&1 |
  grep -v -e 'warnings generated' -e 'Suppressed' -e 'Use -header-filter' -e '^$' > "$1/lint.log" || true
if grep -q -e 'error:' -e 'warning:' "$1/lint.log"; then
  cat "$1/lint.log"
  exit 1
fi
echo "lint: no findings"
