#!/bin/sh
# suite.sh [OPTIONS]: runs the official suite with `fermata wast OPTIONS`. Nothing may fail, and in the
# scripts of whole.txt nothing may be skipped either. Exit code 77 where there is no suite.
# suite.sh --where: prints where the suite is, or that there is none.
#
# The suite is the folder FERMATA_TESTSUITE, else ../shared/testsuite beside the repository, else what
# scripts/test has fetched into subprojects/testsuite. FERMATA_TOOL is the command.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

suite=
for folder in "$root/../shared/testsuite" "$root/subprojects/testsuite"; do
  if [ -z "$suite" ] && [ -f "$folder/i32.wast" ]; then suite=$(cd "$folder" && pwd); fi
done
suite=${FERMATA_TESTSUITE:-$suite}

if [ -z "$suite" ]; then
  echo 'no official test suite: the tests "suite ..." are skipped. scripts/test fetches it where there is network;' \
    'or clone https://github.com/WebAssembly/testsuite and set FERMATA_TESTSUITE to its folder'
  exit 77
fi
if [ "${1:-}" = --where ]; then
  echo "the official test suite: $suite"
  exit 0
fi

"$FERMATA_TOOL" wast "$@" "$suite"

whole=$(sed "s|.*|$suite/&.wast|" "$here/whole.txt")
# shellcheck disable=SC2086  # names are words
if ! "$FERMATA_TOOL" wast "$@" $whole | grep ' 0 skipped$'; then
  echo 'something of the scripts in whole.txt was skipped'
  exit 1
fi
