#!/bin/sh
# Builds the example as a consumer would and runs it.
# $1: find_package or add_subdirectory   $2: sources   $3: build folder of whyclip   $4: scratch folder
set -eu
how=$1 source=$2 built=$3 scratch=$4/$1
rm -rf "$scratch"
mkdir -p "$scratch"
if [ "$how" = find_package ]; then
  cmake --install "$built" --prefix "$scratch/prefix" > "$scratch/install.log"
  "$scratch/prefix/bin/whyclip" model info > /dev/null
fi
cmake -S "$source/tests/consumer/$how" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" -DWHYCLIP_SOURCE="$source" \
  -DWHYCLIP_EXAMPLE="$source/examples/explain.cpp" > "$scratch/configure.log" 2>&1 || { cat "$scratch/configure.log"; exit 1; }
cd "$scratch/build"
failed() { tail -50 "$scratch/build.log"; exit 1; }
if [ "$how" = find_package ]; then
  ninja consumer > "$scratch/build.log" 2>&1 || failed
  # The README's snippet compiles: its includes, and the rest as the body of a function.
  sed -n -e '/^```cpp$/,/^```$/ { /^```/d; p; }' "$source/README.md" > snippet.txt
  { grep '^#include' snippet.txt; echo 'int main() {'; grep -v '^#include' snippet.txt; echo '}'; } > snippet.cpp
  c++ -std=c++20 -fsyntax-only -I "$scratch/prefix/include" snippet.cpp > "$scratch/build.log" 2>&1 || failed
  # Every installed header compiles on its own.
  printf '%s\n' headers/*.cpp |
    xargs -P "$(nproc)" -n 4 c++ -std=c++20 -fsyntax-only -I "$scratch/prefix/include" > "$scratch/build.log" 2>&1 || failed
else
  # The library's own sources take minutes to compile and are the same wherever it is built: what depends on where it is
  # (the embedded files, the consumer, what it links) is built, and the rest comes from the build under test.
  objects=$(ninja -t targets all | sed -n -e 's/: .*//' -e '/\.S\.o$/p' -e '/consumer\.dir.*\.o$/p')
  # shellcheck disable=SC2086
  ninja $objects > "$scratch/build.log" 2>&1 || failed
  cp "$built/library/libwhyclip.a" whyclip/library/
  ninja -t commands consumer | tail -1 | sh -eu >> "$scratch/build.log" 2>&1 || failed
fi
./consumer "$source/examples/pictures/cat_and_dog.jpg" "$scratch/heatmap.png"
test -s "$scratch/heatmap.png"
