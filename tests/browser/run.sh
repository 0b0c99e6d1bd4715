#!/bin/sh
# Runs the browser tests: run.sh WHYCLIP SOURCE BUILD_FOLDER [pytest's arguments]. Downloads axe-core from PyPI on the first run;
# without it the accessibility tests skip.
set -eu
WHYCLIP="$1" SOURCE="$2" folder="$3"
shift 3
AXE="$folder/axe.min.js"
if [ ! -s "$AXE" ]; then
  mkdir -p "$folder"
  if "${PYTHON:-python3}" -m pip download --quiet --no-deps --only-binary :all: --require-hashes --dest "$folder" \
      --requirement "$SOURCE/tests/browser/axe.txt" 2>"$folder/pip.log"; then
    "${PYTHON:-python3}" -m zipfile -e "$folder"/axe_playwright_python-*.whl "$folder/wheel"
    mv "$folder/wheel/axe_playwright_python/axe.min.js" "$AXE"
    rm -rf "$folder/wheel"
  else
    echo "axe-core cannot be downloaded, so accessibility tests skip: $(tail -1 "$folder/pip.log")"
    AXE=""
  fi
fi
export WHYCLIP SOURCE AXE
exec "${PYTHON:-python3}" -m pytest -q -p no:cacheprovider "$SOURCE/tests/browser" "$@"
