#!/bin/sh
# subproject.sh SOURCES WORK CXX [GUESTS]: builds the examples in a project of its own, in the folder
# WORK, that has Fermata as a Meson subproject, and runs them. GUESTS and CXX as in pkg_config.sh. WORK
# is kept, so that the next time only what has changed is built.
set -eu
sources=$1 work=$2 cxx=$3 guests=${4:-}

mkdir -p "$work/subprojects"
ln -sfn "$sources" "$work/subprojects/fermata"
cp -p "$sources/tests/consumer/consumer.build" "$work/meson.build"
cp -p "$sources"/examples/*.cpp "$work/"
{
  if [ ! -f "$work/build/build.ninja" ]; then CXX=$cxx meson setup -Ddebug=false "$work/build" "$work"; fi &&
    ninja -C "$work/build"
} >"$work/log" 2>&1 </dev/null || { cat "$work/log"; exit 1; }

for example in hello engine explore time_slices event_loop threads pauses; do
  guest=$guests/$example.wasm
  case $example in hello | engine | explore | time_slices) guest='' ;; esac
  if [ -z "$guest" ] || [ -n "$guests" ]; then
    "$sources/examples/expect_output" "$sources/examples/expected/$example.txt" \
      "$work/build/$example" ${guest:+"$guest"}
  fi
  echo "$example: built with the subproject"
done
