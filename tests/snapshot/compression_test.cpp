// Compressed snapshots. In a build without zstd: that it says so.
#include "fermata/compression.hpp"

#include <algorithm>

#include "tests/snapshot/memory_files.hpp"
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Module writer() {
  return module_of(R"((module
    (memory (export "memory") 40)
    (func (export "_start") (local $i i32)
      (loop $next
        (i32.store (local.get $i) (i32.mul (local.get $i) (i32.const 77)))
        (local.set $i (i32.add (local.get $i) (i32.const 64)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 2000000))))
      (unreachable))))");
}

Process written(const Module& module) {
  Process process = created(module);
  static_cast<void>(run(process.main_thread()));
  return process;
}

Snapshot compressed(const Process& process) {
  MemorySink sink;
  auto compressing = ok(CompressedSink::create(sink));
  ok(process.snapshot(compressing));
  ok(compressing.finish());
  return std::move(sink.bytes);
}

Result<Snapshot> read_all(SnapshotSource& source) {
  Snapshot all;
  Snapshot piece(777);
  while (true) {
    const auto count = source.read(piece);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return all;
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
  }
}

Result<Snapshot> decompressed(const Snapshot& bytes) {
  MemorySource source(bytes);
  DecompressedSource decompressing(source);
  return read_all(decompressing);
}

}  // namespace

TEST_CASE("what is compressed comes back, and is restored") {
  if (!has_compression()) {
    MemorySink sink;
    CHECK(CompressedSink::create(sink).error().code == ErrorCode::unimplemented_feature);
    const Snapshot frame{std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}, std::byte{0xFD}};
    MemorySource source(frame);
    DecompressedSource decompressing(source);
    for (int time = 0; time < 2; ++time) {
      CHECK(read_all(decompressing).error().code == ErrorCode::unimplemented_feature);
    }
    return;
  }
  const Module module = writer();
  const Process process = written(module);
  const Snapshot whole = ok(process.snapshot());
  const Snapshot small = compressed(process);
  CHECK(small.size() < whole.size() / 4);
  MemorySource source(small);
  DecompressedSource decompressing(source);
  const Process again =
      ok(Process::restore(module, decompressing, numbered_from(0), options_of({})));
  CHECK(ok(again.snapshot()) == whole);
  ok(decompressing.begin_again());
  CHECK(ok(read_all(decompressing)) == whole);
}

TEST_CASE("what is not compressed comes as it is") {
  for (const std::size_t size : {0, 1, 3, 4, 5, 1000, 100'000}) {
    Snapshot bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7);
    CHECK(ok(decompressed(bytes)) == bytes);
    MemorySource source(bytes);
    DecompressedSource decompressing(source);
    CHECK(decompressing.size() == size);  // before anything was read
    CHECK(ok(read_all(decompressing)) == bytes);
  }
  // A frame's first bytes, and no frame.
  CHECK(ok(decompressed({std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}})).size() == 3);
}

TEST_CASE("a frame that is cut, changed or followed by more is refused") {
  if (!has_compression()) return;
  const Module module = module_of(samples().front().text);
  const Process process = created(module);
  const Snapshot whole = compressed(process);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    INFO("cut to " << size);
    const auto cut =
        decompressed({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    REQUIRE(!cut);
    CHECK(cut.error().code == ErrorCode::malformed_snapshot);
  }
  for (std::size_t at = 4; at < whole.size(); ++at) {
    INFO("changed at " << at);
    Snapshot changed = whole;
    changed[at] ^= std::byte{0x10};
    const auto bytes = decompressed(changed);
    CHECK((!bytes || *bytes == ok(process.snapshot())));
  }
  Snapshot more = whole;
  more.push_back(std::byte{0});
  CHECK(decompressed(more).error().code == ErrorCode::malformed_snapshot);
}

TEST_CASE("an error of the sink behind ends the compression") {
  if (!has_compression()) return;
  const Module module = writer();
  const Process process = written(module);
  MemorySink full;
  full.most = 1000;
  auto compressing = ok(CompressedSink::create(full));
  const auto done = process.snapshot(compressing);
  CHECK((!done || !compressing.finish()));
}
