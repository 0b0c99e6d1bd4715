#!/bin/sh
# Installs the Debian packages that are missing: those that a user needs to build the command and the library, and with
# "developer" those of the tests, the benchmarks and the checks too.
# install_dependencies.sh [user|developer]
set -eu

packages="
  g++ cmake ninja-build pkg-config make ca-certificates
  libdnnl-dev ocl-icd-opencl-dev opencl-headers
  libhwy-dev libeigen3-dev libfmt-dev nlohmann-json3-dev libcli11-dev libicu-dev libyaml-cpp-dev
  libjpeg-dev libpng-dev libwebp-dev libzip-dev zlib1g-dev
  libfreetype-dev fonts-dejavu-core libsqlite3-dev libxxhash-dev
  libcurl4-openssl-dev libssl-dev libcpp-httplib-dev
  esbuild node-d3-scale node-d3-shape
"
developer_packages="
  git ccache dpkg-dev file libgtest-dev libbenchmark-dev
  clang-format clang-tidy libomp-dev
  python3 python3-numpy python3-pil python3-pytest python3-jsonschema python3-pip
  node-typescript chromium chromium-driver python3-selenium
"
case "${1:-user}" in
  user) ;;
  developer) packages="$packages $developer_packages" ;;
  *) echo "expected user or developer, got $1" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "This is not a Debian system. Install what corresponds to these packages, then run cmake yourself:" >&2
  echo $packages >&2
  exit 0
fi

missing=""
for package in $packages; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "Missing packages:$missing. Install them as root (there is no sudo)." >&2; exit 1; }
  as_root="sudo"
fi
echo "Installing:$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
