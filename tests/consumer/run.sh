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
cmake --build "$scratch/build" --target consumer > "$scratch/build.log" 2>&1 || { tail -50 "$scratch/build.log"; exit 1; }
"$scratch/build/consumer" "$source/examples/pictures/cat_and_dog.jpg" "$scratch/heatmap.png"
test -s "$scratch/heatmap.png"
