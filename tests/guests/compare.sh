#!/bin/sh
# compare.sh FERMATA GUEST.wasm NATIVE: passes when the guest prints the same bytes on both streams
# and ends with the same exit code under `FERMATA run` as its native build.
set -eu
fermata=$1 guest=$2 native=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

input() { printf 'a line\nanother line\n\nlast, without an end'; }
status=0
input | env -i GUEST=set "$native" one 'two words' >"$work/native.out" 2>"$work/native.err" || status=$?
echo "$status" >"$work/native.status"
status=0
input | "$fermata" run --env GUEST=set "$guest" one 'two words' >"$work/guest.out" 2>"$work/guest.err" ||
  status=$?
echo "$status" >"$work/guest.status"

for part in out err status; do
  diff -u --label native --label fermata "$work/native.$part" "$work/guest.$part"
done
