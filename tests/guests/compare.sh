#!/bin/sh
# compare.sh FERMATA NATIVE GUEST.wasm...: passes when each guest prints the same bytes on both streams
# and ends with the same exit code under `FERMATA run`, however it is executed, as the native build.
set -eu
fermata=$1 native=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run NAME COMMAND...: what the command does with the arguments and the input of all guests.
run() {
  name=$1
  shift
  status=0
  printf 'a line\nanother line\n\nlast, without an end' |
    "$@" one 'two words' >"$work/$name.out" 2>"$work/$name.err" || status=$?
  echo "$status" >"$work/$name.status"
}

# shellcheck disable=SC2086  # what runs the native build, if not this machine: words
run native env -i GUEST=set ${FERMATA_EMULATOR:-} "$native"
for guest in "$@"; do
  for options in '' '--dispatch switch' '--fusion off' '--lowering debug'; do
    # shellcheck disable=SC2086  # options are words
    run guest "$fermata" run $options --env GUEST=set "$guest"
    for part in out err status; do
      diff -u --label native --label "fermata run $options $(basename "$guest")" \
        "$work/native.$part" "$work/guest.$part"
    done
  done
done
