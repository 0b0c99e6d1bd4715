#!/bin/sh
# Runs clang-tidy with the checks of .clang-tidy on the library and the command.
# $1: a folder that is configured for it, every source by itself and with its own headers   $2: "all", or "changed": only files that differ from the merge base
# The merge base is that of HEAD and $LINT_BASE (default: origin/main, or main); where HEAD is that branch itself, the change is
# that of its last commit.
set -eu
build=$1 which=${2:-all}
list="$build/lint-files"
cmake --preset developer -B "$build" -DWHYCLIP_UNITY=OFF -DWHYCLIP_PRECOMPILE=OFF > /dev/null

merge_base() {
  for branch in ${LINT_BASE:-origin/main main}; do
    base=$(git merge-base HEAD "$branch" 2>/dev/null) || continue
    [ "$base" = "$(git rev-parse HEAD)" ] || { echo "$base"; return; }
  done
  git rev-parse HEAD^
}

if [ "$which" = changed ]; then
  git diff --name-only --diff-filter=d "$(merge_base)" -- 'whyclip/*.cpp' 'cli/*.cpp' 'server/*.cpp' | sort -u > "$list"
else
  git ls-files 'whyclip/*.cpp' 'cli/*.cpp' 'server/*.cpp' > "$list"
fi
# One process per file; xargs fails if any process fails.
if xargs -r -P "$(nproc)" -n 1 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option \
  --warnings-as-errors='*' < "$list" > "$build/lint.log" 2>&1; then
  echo "lint: no findings in $(wc -l < "$list") files"
else
  grep -v -e 'warnings generated' -e 'Suppressed' -e 'Use -header-filter' "$build/lint.log"
  exit 1
fi
