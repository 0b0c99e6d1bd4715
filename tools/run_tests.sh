#!/bin/sh
# Runs each test program of a build in one process: under sanitizers much faster than one process per test.
# $1: the build folder   $2: name pattern of the programs for find ("*_test")   $3: tests to exclude ("*FullSize*:*Tracing*")
set -eu
build=$1 programs=$2 without=$3
# Waiting threads do not spin, because several programs share the processors.
export OMP_WAIT_POLICY=passive
find "$build/tests" -name "$programs" -type f -perm -u+x | sort |
  WITHOUT=$without xargs -P "${JOBS:-$(nproc)}" -I '{}' sh -c '
    if "{}" --gtest_brief=1 --gtest_filter="-$WITHOUT" > "{}.log" 2>&1; then
      echo "$(basename "{}"): $(tail -n 1 "{}.log")"
    else
      cat "{}.log"; echo "$(basename "{}"): FAILED"; exit 255
    fi'
