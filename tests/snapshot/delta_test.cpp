// Deltas: what changed since a snapshot, and that the way back gives the same bytes.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "lib/sha256.hpp"
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

namespace {

using Octets = std::vector<std::uint8_t>;

/// A snapshot or delta with other contents in section 4, and the names that belong to that, as
/// somebody would make it who wants it to be taken.
Snapshot forged(const Snapshot& file, const Octets& section, const Sha256* before = nullptr,
                const Sha256* made = nullptr) {
  const auto number = [](Snapshot& to, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<std::byte>(value | 0x80));
    to.push_back(static_cast<std::byte>(value));
  };
  std::size_t at = before == nullptr ? 8 : 8 + 2 * sizeof(Sha256);
  Snapshot out(file.begin(), file.begin() + 8);
  for (const Sha256* name : {before, made}) {
    if (name != nullptr)
      std::ranges::copy(std::as_bytes(std::span(*name)), std::back_inserter(out));
  }
  while (at < file.size()) {
    const std::byte id = file[at++];
    std::uint64_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto part = std::to_integer<std::uint64_t>(file[at++]);
      size |= (part & 0x7F) << shift;
      if (part < 0x80) break;
    }
    const auto begin = file.begin() + static_cast<std::ptrdiff_t>(at);
    Snapshot contents(begin, begin + static_cast<std::ptrdiff_t>(size));
    at += static_cast<std::size_t>(size);
    if (id == std::byte{4}) {
      const auto bytes = std::as_bytes(std::span(section));
      contents.assign(bytes.begin(), bytes.end());
    }
    out.push_back(id);
    number(out, contents.size());
    out.insert(out.end(), contents.begin(), contents.end());
  }
  return out;
}

/// Of a memory with pages of one byte, all in one block: its first blocks, then the lists.
struct Forgery {
  Snapshot base;   // 100 pages, all 'A'
  Snapshot empty;  // a delta to that, of nothing
  Sha256 name{};   // of the base
};

Octets in_block(std::uint8_t pages, std::size_t count, std::uint8_t value) {
  Octets section{0, pages, 1, 0, 1};  // pages of one byte, so many, one run of one block
  section.insert(section.end(), count, value);
  return section;
}

/// The name of a snapshot whose section 4 is this, with the block by its digest.
Sha256 name_of(const Snapshot& file, std::uint8_t pages, const Octets& block) {
  Octets section{0, pages, 1, 0, 1};
  const Sha256 digest = sha256(std::span<const std::uint8_t>(block));
  section.insert(section.end(), digest.begin(), digest.end());
  const Snapshot named = forged(file, section);
  return sha256(std::span<const std::byte>(named));
}

Forgery forgery() {
  const Module module = module_of(R"((module
    (import "env" "ask" (func $ask))
    (memory (export "memory") 100 200 (pagesize 1))
    (func (export "_start") (memory.fill (i32.const 0) (i32.const 65) (i32.const 100)) (call $ask))))");
  Process process = created(module);
  static_cast<void>(run(process.main_thread()));
  Forgery made;
  SnapshotMark mark = marked(process, made.base);
  made.empty = delta(process, mark);
  made.name = name_of(made.base, 100, Octets(100, 'A'));
  return made;
}

}  // namespace

TEST_CASE("a delta whose lists are not what they must be is refused, whatever its names say") {
  const Forgery f = forgery();
  REQUIRE(ok(fold(std::vector<Snapshot>{f.base, f.empty})) == f.base);
  const auto refused = [&](const Octets& section, const Sha256& made, std::string_view words) {
    expect_refused(std::vector<Snapshot>{f.base, forged(f.empty, section, &f.name, &made)},
                   ErrorCode::invalid_snapshot, words);
  };
  const Sha256 old_block_shorter = name_of(f.base, 50, Octets(100, 'A'));
  refused({0, 50, 0, 0}, old_block_shorter, "expected block 0, whose size is another");
  const Sha256 old_block_longer = name_of(f.base, 120, Octets(100, 'A'));
  refused({0, 120, 0, 0}, old_block_longer, "expected block 0, whose size is another");
  Octets same = in_block(100, 100, 'A');
  same.push_back(0);
  refused(same, f.name, "block 0 is as it was");
  Octets both = in_block(100, 100, 'B');
  both.insert(both.end(), {1, 0, 1});
  refused(both, name_of(f.base, 100, Octets(100, 'B')), "a block is in both lists");
}

TEST_CASE("nothing may stand behind the lists of a section") {
  const Forgery f = forgery();
  Octets more = in_block(100, 100, 'A');
  more.push_back(0);
  expect_refused(std::vector<Snapshot>(1, forged(f.base, more)), ErrorCode::malformed_snapshot,
                 "1 bytes too many");
  expect_refused(
      std::vector<Snapshot>{f.base, forged(f.empty, {0, 100, 0, 0, 0}, &f.name, &f.name)},
      ErrorCode::malformed_snapshot, "1 bytes too many");
}

TEST_CASE("a file that is another one when it is read again is noticed") {
  class Changing final : public SnapshotSource {
   public:
    explicit Changing(Snapshot bytes) : bytes_(std::move(bytes)) {}
    Result<std::size_t> read(std::span<std::byte> into) override {
      const std::size_t count = std::min(into.size(), bytes_.size() - next_);
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
      next_ += count;
      return count;
    }
    Result<void> begin_again() override {
      next_ = 0;
      // The last time, where the blocks are copied.
      if (++times_ == 3) std::ranges::replace(bytes_, std::byte{'A'}, std::byte{'B'});
      return {};
    }

   private:
    Snapshot bytes_;
    std::size_t next_ = 0;
    int times_ = 0;
  };
  Changing file(forgery().base);
  SnapshotSource* const files[] = {&file};
  MemorySink sink;
  const auto folded = fold_snapshots(files, sink);
  REQUIRE(!folded);
  CHECK(folded.error().code == ErrorCode::snapshot_mismatch);
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
