#!/bin/sh
# compare.sh FERMATA NATIVE GUEST.wasm...: passes when each guest prints the same bytes on both streams,
# ends with the same exit code and leaves the same files in its directory (at first empty) under
# `FERMATA run`, however it is executed, as the native build; and prints the same with a directory in memory.
set -eu
fermata=$1 native=$(realpath "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run NAME COMMAND...: what the command does with the arguments and the input of all guests.
run() {
  name=$1
  shift
  status=0
  rm -rf "$work/$name.files"
  mkdir "$work/$name.files"
  printf 'a line\nanother line\n\nlast, without an end' |
    "$@" one 'two words' >"$work/$name.out" 2>"$work/$name.err" || status=$?
  echo "$status" >"$work/$name.status"
}

# shellcheck disable=SC2086  # what runs the native build, if not this machine: words
run native env -i -C "$work/native.files" GUEST=set ${FERMATA_EMULATOR:-} "$native"
for guest in "$@"; do
  for options in '' '--dispatch switch' '--fusion off' '--lowering debug'; do
    # shellcheck disable=SC2086  # options are words
    run guest "$fermata" run $options --env GUEST=set --dir "$work/guest.files::/" "$guest"
    for part in out err status; do
      diff -u --label native --label "fermata run $options $(basename "$guest")" \
        "$work/native.$part" "$work/guest.$part"
    done
    diff -ru --no-dereference "$work/native.files" "$work/guest.files"
  done
  run guest "$fermata" run --env GUEST=set --tmpfs / "$guest"
  for part in out err status; do
    diff -u --label native --label "fermata run --tmpfs / $(basename "$guest")" \
      "$work/native.$part" "$work/guest.$part"
  done
done
