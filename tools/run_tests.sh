#!/bin/sh
# Runs the test programs of a build whole, one process each: much faster under sanitizers than a process a test.
# $1: the build folder   $2: which programs, as find knows names ("*_test")   $3: tests to leave out ("*FullSize*:*Tracing*")
set -eu
build=$1 programs=$2 without=$3
# Threads that wait do not spin: several programs share the processors.
export OMP_WAIT_POLICY=passive
find "$build/tests" -name "$programs" -type f -perm -u+x | sort |
  WITHOUT=$without xargs -P "${JOBS:-$(nproc)}" -I '{}' sh -c '
    if "{}" --gtest_brief=1 --gtest_filter="-$WITHOUT" > "{}.log" 2>&1; then
      echo "$(basename "{}"): $(tail -n 1 "{}.log")"
    else
      cat "{}.log"; echo "$(basename "{}"): FAILED"; exit 255
    fi'
