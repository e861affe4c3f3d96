#!/bin/sh
# pkg_config.sh SOURCES BUILD CXX [GUESTS]: installs BUILD into a fresh prefix, builds every example
# with what `pkg-config fermata` says and nothing else, and runs it as the examples' own tests do.
# GUESTS is the folder of the built guests; without one only those that need none are run. CXX may have arguments.
set -eu
sources=$1 build=$2 cxx=$3 guests=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

meson install -C "$build" --no-rebuild --destdir "$work/root" >"$work/log" || { cat "$work/log"; exit 1; }
pc=$(find "$work/root" -name fermata.pc)
[ -n "$pc" ] || { echo 'no fermata.pc was installed'; exit 1; }

# The root of the tree was moved by --destdir, as a package's is when it is built.
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root"
flags=$(pkg-config --static --cflags --libs fermata)
for example in hello engine explore time_slices event_loop threads pauses; do
  cp "$sources/examples/$example.cpp" "$work/"
  # shellcheck disable=SC2086  # both are lists
  (cd "$work" && $cxx -std=c++23 "$example.cpp" $flags -o "$example")
  guest=$guests/$example.wasm
  case $example in hello | engine | explore | time_slices) guest='' ;; esac
  if [ -z "$guest" ] || [ -n "$guests" ]; then
    "$sources/examples/expect_output" "$sources/examples/expected/$example.txt" "$work/$example" \
      ${guest:+"$guest"}
  fi
  echo "$example: built out of the prefix"
done

tool=$(find "$work/root" -path '*/bin/fermata')
if [ -n "$tool" ]; then "$tool" --help >/dev/null; fi
