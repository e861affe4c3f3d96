// Deltas: what changed since a snapshot, and that the way back gives the same bytes.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/snapshot/files.hpp"
#include "tests/snapshot/memory_files.hpp"
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Result<Snapshot> fold(std::span<const Snapshot> files) {
  std::vector<MemorySource> sources(files.begin(), files.end());
  std::vector<SnapshotSource*> chain;
  for (MemorySource& source : sources) chain.push_back(&source);
  MemorySink sink;
  if (auto done = fold_snapshots(chain, sink); !done) return std::unexpected(done.error());
  return std::move(sink.bytes);
}

void expect_refused(std::span<const Snapshot> files, ErrorCode code, std::string_view words) {
  const auto folded = fold(files);
  REQUIRE(!folded);
  INFO(to_string(folded.error()));
  CHECK(folded.error().code == code);
  CHECK(to_string(folded.error()).find(words) != std::string::npos);
}

SnapshotMark marked(const Process& process, Snapshot& to) {
  MemorySink sink;
  SnapshotMark mark = ok(process.marked_snapshot(sink));
  to = std::move(sink.bytes);
  return mark;
}

Snapshot delta(const Process& process, SnapshotMark& mark) {
  MemorySink sink;
  ok(process.delta(mark, sink));
  return std::move(sink.bytes);
}

constexpr std::string_view worker = R"((module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (memory (export "memory") 4 100)
  (data (i32.const 5000) "as made")
  (func (export "_start") (local $at i32)
    (loop $next
      (local.set $at (call $ask (memory.size)))
      (if (i32.eq (local.get $at) (i32.const -1))
        (then (drop (memory.grow (i32.const 1))))
        (else (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))))
      (br $next)))))";

void ask(Process& process, std::int32_t answer) {
  static_cast<void>(ok(process.main_thread().run({Value::i32(answer)})));
}

}  // namespace

TEST_CASE("a chain of deltas folds to what a snapshot gives, at every pause") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      Process process = created(module);
      Player player(process, 0);
      std::vector<Snapshot> files(1);
      SnapshotMark mark = marked(process, files[0]);
      REQUIRE(files[0] == ok(process.snapshot()));
      while (player.step()) {
        files.push_back(delta(process, mark));
        const Snapshot whole = ok(process.snapshot());
        REQUIRE(ok(fold(files)) == whole);
        if (files.size() == 6) files.assign(1, whole);  // its name is the same, folded or not
      }
      REQUIRE(ok(fold(std::span(files).first(1))) == files[0]);
    }
  }
}

TEST_CASE("a delta holds the blocks that changed, and no others") {
  const Module module = module_of(worker);
  Process process = created(module);
  static_cast<void>(ok(process.main_thread().run()));
  std::vector<Snapshot> files(1);
  for (const std::int32_t at : {100, 9000, 200'000}) ask(process, at);
  SnapshotMark mark = marked(process, files[0]);
  const auto next = [&] {
    files.push_back(delta(process, mark));
    REQUIRE(ok(fold(files)) == ok(process.snapshot()));
    return files.back().size();
  };
  const std::size_t none = next();
  CHECK(none < 400);
  ask(process, 50'000);
  const std::size_t one = next();
  CHECK((one > none + 4096 && one < none + 4110));
  CHECK(next() == none);

  // Back to what it was made: the block's place, and nothing of it.
  for (int i = 0; i < 255; ++i) ask(process, 50'000);
  CHECK(next() < none + 10);
  CHECK(next() == none);

  ask(process, -1);
  CHECK(next() < none + 10);
  ask(process, 4 * 65536);
  CHECK(next() > none + 4096);
}

TEST_CASE("a mark is good for another process of the module, even one with less memory") {
  const Module module = module_of(worker);
  Process process = created(module);
  static_cast<void>(ok(process.main_thread().run()));
  ask(process, 7);
  Process before = ok(process.fork());
  ask(process, -1);
  ask(process, 4 * 65536 + 9);
  std::vector<Snapshot> files(1);
  SnapshotMark mark = marked(process, files[0]);
  files.push_back(delta(before, mark));
  CHECK(ok(fold(files)) == ok(before.snapshot()));
  CHECK(files[1].size() < 400);
  files.push_back(delta(process, mark));
  CHECK(ok(fold(files)) == ok(process.snapshot()));
}

TEST_CASE("a block that has got longer is another one") {
  const Module module = module_of(R"((module
    (import "env" "ask" (func $ask (param i32) (result i32)))
    (memory (export "memory") 100 20000 (pagesize 1))
    (data (i32.const 90) "0123456789")
    (func (export "_start")
      (drop (call $ask (memory.grow (i32.const 50))))
      (i32.store8 (i32.const 120) (i32.const 1))
      (drop (call $ask (memory.grow (i32.const 5000))))
      (i32.store8 (i32.const 5140) (i32.const 1))
      (drop (call $ask (memory.grow (i32.const 4000)))))))");
  Process process = created(module);
  std::vector<Snapshot> files(1);
  SnapshotMark mark = marked(process, files[0]);
  for (auto outcome = run(process.main_thread()); std::holds_alternative<HostCall>(outcome);
       outcome = run(process.main_thread(), {Value::i32(0)})) {
    files.push_back(delta(process, mark));
    REQUIRE(ok(fold(files)) == ok(process.snapshot()));
  }
  CHECK(files.size() == 4);
}

TEST_CASE("after an error of the sink a mark is as it was") {
  const Module module = module_of(worker);
  Process process = created(module);
  static_cast<void>(ok(process.main_thread().run()));
  std::vector<Snapshot> files(1);
  SnapshotMark mark = marked(process, files[0]);
  ask(process, 77);
  MemorySink full;
  full.most = 4000;
  const auto failed = process.delta(mark, full);
  REQUIRE(!failed);
  CHECK(failed.error().code == ErrorCode::io_failed);
  files.push_back(delta(process, mark));
  CHECK(ok(fold(files)) == ok(process.snapshot()));
}

TEST_CASE("what does not belong together is refused") {
  const Module module = module_of(worker);
  Process process = created(module);
  static_cast<void>(ok(process.main_thread().run()));
  std::vector<Snapshot> files(1);
  SnapshotMark mark = marked(process, files[0]);
  for (const std::int32_t at : {1, 8000, 90'000}) {
    ask(process, at);
    files.push_back(delta(process, mark));
  }
  CHECK(restore_error(module, files[1]).code == ErrorCode::unsupported_snapshot);
  CHECK(fold({}).error().code == ErrorCode::malformed_snapshot);
  expect_refused(std::vector<Snapshot>(1, files[1]), ErrorCode::snapshot_mismatch,
                 "file 1: expected a snapshot, found a delta");
  expect_refused(std::vector<Snapshot>{files[0], files[0]}, ErrorCode::snapshot_mismatch,
                 "file 2: expected a delta, found a snapshot");
  expect_refused(std::vector<Snapshot>{files[0], files[2]}, ErrorCode::snapshot_mismatch,
                 "file 2: expected a delta to what the files before it make");

  // Not even one that names what is before it: another byte makes another snapshot.
  std::vector<Snapshot> changed{files[0], files[1]};
  changed[1][changed[1].size() / 2] ^= std::byte{1};
  expect_refused(changed, ErrorCode::snapshot_mismatch, "make another snapshot");
  changed = {files[0], files[1]};
  changed[0][changed[0].size() - 40] ^= std::byte{1};
  CHECK(!fold(changed));

  const Module other = module_of(R"((module (memory 4) (func (export "_start"))))");
  Process of_other = created(other);
  MemorySink sink;
  CHECK(of_other.delta(mark, sink).error().code == ErrorCode::unsupported_snapshot);
  const SnapshotMark taken = std::move(mark);
  CHECK(process.delta(mark, sink).error().code == ErrorCode::unsupported_snapshot);
  CHECK(sink.bytes.empty());
}

TEST_CASE("deltas that are cut or changed are refused or fold to what can be judged") {
  const Module module = module_of(worker);
  Process process = created(module);
  static_cast<void>(ok(process.main_thread().run()));
  std::vector<Snapshot> files(1);
  SnapshotMark mark = marked(process, files[0]);
  ask(process, 5000);
  files.push_back(delta(process, mark));
  for (std::size_t file = 0; file < files.size(); ++file) {
    for (std::size_t size = 0; size < files[file].size(); size += size < 300 ? 1 : 97) {
      std::vector<Snapshot> cut = files;
      cut[file].resize(size);
      INFO("file " << file << " cut to " << size);
      CHECK(!fold(cut));
    }
    for (std::size_t at = 0; at < files[file].size(); at += at < 300 ? 1 : 97) {
      std::vector<Snapshot> changed = files;
      changed[file][at] ^= std::byte{0x55};
      INFO("file " << file << " changed at " << at);
      CHECK(!fold(changed));
    }
  }
}

TEST_CASE("the committed chains fold to the same bytes as when they were made") {
  const auto folder = golden_folder() / "chain";
  const auto name = [&](std::size_t file) {
    return folder / (file == 0 ? "base" : "delta" + std::to_string(file));
  };
  constexpr std::size_t count = 4;
  if (std::getenv("FERMATA_ADD_GOLDEN") != nullptr && !std::filesystem::exists(name(0))) {
    const Module module = module_of(worker);
    Process process = created(module);
    static_cast<void>(ok(process.main_thread().run()));
    ask(process, 9000);
    Snapshot file;
    SnapshotMark mark = marked(process, file);
    write_file(name(0), file);
    for (std::size_t i = 1; i < count; ++i) {
      ask(process, i == 2 ? -1 : static_cast<std::int32_t>(i) * 5000);
      write_file(name(i), delta(process, mark));
    }
    write_file(folder / "folded", ok(process.snapshot()));
  }
  std::vector<Snapshot> files;
  for (std::size_t i = 0; i < count; ++i) files.push_back(read_file(name(i)));
  CHECK(ok(fold(files)) == read_file(folder / "folded"));
}
