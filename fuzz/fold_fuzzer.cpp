// Fuzz target: folding arbitrary bytes, a chain of files one behind the other.
//
// A file begins wherever there is the magic of one. Beyond not crashing: an error has a message;
// what is folded is a snapshot, which folds to itself. Seeds: the files of
// tests/snapshot/golden/chain one behind the other (cat base delta1 delta2).
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/check.hpp"
#include "interp/snapshot/format.hpp"
#include "tests/snapshot/memory_files.hpp"

namespace {

using namespace fermata;
using namespace fermata::test;

using Bytes = std::span<const std::byte>;

bool begins_file(Bytes bytes) {
  const auto is = [&](const auto& magic) {
    return bytes.size() >= magic.size() &&
           std::ranges::equal(std::as_bytes(std::span(magic)), bytes.first(magic.size()));
  };
  return is(snapshot::magic) || is(snapshot::delta_magic);
}

std::vector<Bytes> files_in(Bytes bytes) {
  constexpr std::size_t most = 100;
  std::vector<Bytes> files;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < bytes.size() && files.size() + 1 < most; ++i) {
    if (!begins_file(bytes.subspan(i))) continue;
    files.push_back(bytes.subspan(begin, i - begin));
    begin = i;
  }
  files.push_back(bytes.subspan(begin));
  return files;
}

Result<std::vector<std::byte>> fold(std::span<const Bytes> files) {
  std::vector<MemorySource> sources(files.begin(), files.end());
  std::vector<SnapshotSource*> chain;
  for (MemorySource& source : sources) chain.push_back(&source);
  MemorySink sink;
  if (auto done = fold_snapshots(chain, sink); !done) return std::unexpected(done.error());
  return std::move(sink.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto folded = fold(files_in(std::as_bytes(std::span(data, size))));
  if (!folded) {
    check(!folded.error().message.empty(), "an error has a message");
    return 0;
  }
  const Bytes whole(*folded);
  const auto again = fold(std::span(&whole, 1));
  check(again && *again == *folded, "what is folded folds to itself");
  return 0;
}
