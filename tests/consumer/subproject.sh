#!/bin/sh
# subproject.sh SOURCES CXX [GUESTS]: builds the examples in a project of its own that has Fermata as
# a Meson subproject, and runs them. GUESTS and CXX as in pkg_config.sh.
set -eu
sources=$1 cxx=$2 guests=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/subprojects"
ln -s "$sources" "$work/subprojects/fermata"
cp "$sources/tests/consumer/consumer.build" "$work/meson.build"
cp "$sources"/examples/*.cpp "$work/"
{
  CXX=$cxx meson setup "$work/build" "$work" && ninja -C "$work/build"
} >"$work/log" 2>&1 </dev/null || { cat "$work/log"; exit 1; }

for example in hello event_loop threads pauses; do
  guest=$guests/$example.wasm
  if [ "$example" = hello ]; then guest=''; fi
  if [ "$example" = hello ] || [ -n "$guests" ]; then
    "$sources/examples/expect_output" "$sources/examples/expected/$example.txt" \
      "$work/build/$example" ${guest:+"$guest"}
  fi
  echo "$example: built with the subproject"
done
