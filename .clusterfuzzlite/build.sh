#!/bin/bash -eu
# Builds each fuzz target into $OUT, with its corpus beside it. $CXX, $CXXFLAGS (which have the sanitizers),
# $LIB_FUZZING_ENGINE, $WORK and $OUT are the environment's. Libraries are those of subprojects/, since the system's
# are for another standard library.
meson setup "$WORK/build" --wrap-mode=forcefallback -Dfuzz=true -Dfuzz_engine="$LIB_FUZZING_ENGINE" \
  -Dbuildtype=debug -Doptimization=1 -Db_lundef=false -Dbench=disabled -Dexamples=disabled
targets=()
for source in fuzz/*_fuzzer.cpp; do targets+=("$(basename "$source" .cpp)"); done
ninja -C "$WORK/build" "${targets[@]/#/fuzz/}"
for target in "${targets[@]}"; do
  cp "$WORK/build/fuzz/$target" "$OUT/"
  name=${target%_fuzzer}
  folders=()
  for folder in "fuzz/corpus/$name" "tests/regress/$name"; do
    if [ -d "$folder" ]; then folders+=("$folder"); fi
  done
  case $name in
    snapshot) folders+=(tests/snapshot/golden) ;;
    fold) folders+=(tests/snapshot/golden/chain) ;;
  esac
  if [ "${#folders[@]}" -gt 0 ]; then
    find "${folders[@]}" -maxdepth 1 -type f -exec zip -q -j "$OUT/${target}_seed_corpus.zip" {} +
  fi
done
