#!/bin/sh
# Runs clang-tidy with the checks of .clang-tidy on the library and the command.
# $1: a configured build folder   $2: check only files changed since this date ("3 days ago"); default: all
set -eu
build=$1 since=${2:-}
list="$build/lint-files"
if [ -n "$since" ]; then
  git log --since="$since" --name-only --pretty=format: -- 'whyclip/*.cpp' 'cli/*.cpp' | sort -u |
    while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done > "$list"
else
  git ls-files 'whyclip/*.cpp' 'cli/*.cpp' > "$list"
fi
# One process per file; xargs fails if any process fails.
if xargs -r -P "$(nproc)" -n 1 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option \
  --warnings-as-errors='*' < "$list" > "$build/lint.log" 2>&1; then
  echo "lint: no findings in $(wc -l < "$list") files"
else
  grep -v -e 'warnings generated' -e 'Suppressed' -e 'Use -header-filter' "$build/lint.log"
  exit 1
fi
