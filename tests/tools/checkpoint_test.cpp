// Checkpoints as bytes: what is written is read again, and what is not a checkpoint is refused.
#include "tools/fermata/checkpoint/checkpoint.hpp"

#include <algorithm>

#include "fermata/text.hpp"
#include "tests/support/catch.hpp"
#include "tools/fermata/snapshot/view.hpp"

namespace fermata::test {
namespace {

using tool::Checkpoint;
using Octets = std::vector<std::byte>;

class Sink final : public SnapshotSink {
 public:
  Result<void> write(std::span<const std::byte> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return {};
  }
  Octets bytes;
};

class Source final : public SnapshotSource {
 public:
  explicit Source(const Octets& bytes, bool knows_size = true)
      : left_(bytes),
        size_(knows_size ? std::optional<std::uint64_t>(bytes.size()) : std::nullopt) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), count, into.begin());
    left_ = left_.subspan(count);
    return count;
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::span<const std::byte> left_;
  std::optional<std::uint64_t> size_;
};

Result<Checkpoint> checkpoint_of(const Octets& bytes) {
  Source source(bytes);
  return tool::read_checkpoint(source);
}

Module guest() {
  return parse_text(R"((module
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (global (mut i64) (i64.const 5))
    (table 2 funcref)
    (func $deep (param i32) (result i32) (i32.add (local.get 0) (call $yield)))
    (func (export "_start") (i32.store (i32.const 5000) (i32.const 7))
      (drop (i32.add (i32.const 3) (call $deep (i32.const 4)))))))")
      .value();
}

Process paused() {
  auto process = Process::create(guest(), wasi::Wasi::resolve).value();
  REQUIRE(std::holds_alternative<HostCall>(process.main_thread().run().value()));
  return process;
}

wasi::State some_world() {
  wasi::State world;
  world.arguments = {"program", "two words", ""};
  world.environment = {"A=1"};
  static const auto memory = wasi::memory_contents(*wasi::memory_directory()).value();
  world.directories = {{"/tmp", "/", true}, {"", "/memory", false, memory}};
  world.descriptors = {
      {0, std::uint32_t{0}, 0, 1, 0},
      {4, wasi::State::Preopened{0}, 5, 2, 3},
      {5, wasi::State::File{0, "a/b", wasi::FileType::regular_file, 1, 2, 3, 4, true, false}, 1},
      {6, wasi::State::SocketPlace{1}, 0},
      {7, wasi::State::SocketPlace{}, 0}};
  world.in_position = 99;
  world.clocks = {1, 2, ~std::uint64_t{0}};
  world.random = 12;
  world.next_thread = 3;
  return world;
}

tool::ProgramState some_program() {
  tool::ProgramState program;
  program.module = "/somewhere/program.wasm";
  program.features = Features::wasm2();
  program.guest.target = 2;
  program.guest.waits = {{0, -1, 1000}, {2, std::nullopt, std::nullopt}};
  return program;
}

Octets some_checkpoint(const Process& process) {
  Sink sink;
  const auto world = some_world();
  REQUIRE(tool::write_checkpoint(sink, process, &world, some_program()).has_value());
  return sink.bytes;
}

TEST_CASE("a checkpoint has all that was put into it") {
  const auto process = paused();
  const auto found = checkpoint_of(some_checkpoint(process)).value();
  const auto world = some_world();
  REQUIRE(found.world);
  CHECK(found.world->arguments == world.arguments);
  CHECK(found.world->environment == world.environment);
  REQUIRE(found.world->directories.size() == 2);
  CHECK_FALSE(found.world->directories[0].memory);
  CHECK(found.world->directories[1].memory == world.directories[1].memory);
  CHECK(found.world->directories[0].host == "/tmp");
  CHECK(found.world->directories[0].guest == "/");
  CHECK(found.world->directories[0].read_only);
  REQUIRE(found.world->descriptors.size() == 5);
  CHECK(std::get<std::uint32_t>(found.world->descriptors[0].file) == 0);
  CHECK(found.world->descriptors[1].number == 4);
  CHECK(found.world->descriptors[1].flags == 5);
  CHECK(found.world->descriptors[1].rights == 2);
  CHECK(found.world->descriptors[1].inheriting == 3);
  CHECK(std::get<wasi::State::Preopened>(found.world->descriptors[1].file).directory == 0);
  const auto file = std::get<wasi::State::File>(found.world->descriptors[2].file);
  CHECK(file.path == "a/b");
  CHECK(file.type == wasi::FileType::regular_file);
  CHECK(std::vector{file.device, file.inode, file.size, file.position} ==
        std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(file.read);
  CHECK_FALSE(file.write);
  CHECK(std::get<wasi::State::SocketPlace>(found.world->descriptors[3].file).socket == 1);
  CHECK_FALSE(std::get<wasi::State::SocketPlace>(found.world->descriptors[4].file).socket);
  CHECK(found.world->in_position == world.in_position);
  CHECK(found.world->clocks == world.clocks);
  CHECK(found.world->random == world.random);
  CHECK(found.world->next_thread == world.next_thread);
  REQUIRE(found.program);
  CHECK(found.program->module == "/somewhere/program.wasm");
  CHECK(found.program->features == Features::wasm2());
  CHECK(found.program->guest.target == 2);
  REQUIRE(found.program->guest.waits.size() == 2);
  CHECK(found.program->guest.waits[0].answer == -1);
  CHECK(found.program->guest.waits[0].nanoseconds_left == 1000);
  CHECK(found.program->guest.waits[1].thread == 2);
  CHECK_FALSE(found.program->guest.waits[1].answer);
  CHECK_FALSE(found.program->guest.waits[1].nanoseconds_left);
}

TEST_CASE("a checkpoint is a snapshot, and a snapshot a checkpoint without more") {
  const auto process = paused();
  const auto plain = process.snapshot().value();
  const auto checkpoint = some_checkpoint(process);
  const auto again = Process::restore(process.module(), checkpoint, wasi::Wasi::resolve).value();
  CHECK(again.snapshot().value() == plain);
  const auto nothing = checkpoint_of(plain).value();
  CHECK_FALSE(nothing.world);
  CHECK_FALSE(nothing.program);
}

TEST_CASE("a checkpoint that is cut off anywhere is refused by who reads all of it") {
  const auto process = paused();
  const auto whole = some_checkpoint(process);
  REQUIRE(whole.size() < 10'000);
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    for (const bool knows_size : {true, false}) {
      Source source(cut, knows_size);
      if (tool::read_view(source)) ++accepted;
    }
    if (Process::restore(process.module(), cut, wasi::Wasi::resolve)) ++accepted;
  }
  CHECK(accepted == 0);
}

TEST_CASE("a checkpoint with any byte changed is read, or refused with an error of snapshots") {
  const auto process = paused();
  const auto whole = some_checkpoint(process);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      auto bytes = whole;
      bytes[at] ^= static_cast<std::byte>(change);
      Source source(bytes);
      const auto view = tool::read_view(source);
      const auto checkpoint = checkpoint_of(bytes);
      for (const auto code :
           {view ? ErrorCode::malformed_snapshot : view.error().code,
            checkpoint ? ErrorCode::malformed_snapshot : checkpoint.error().code}) {
        const bool known =
            code == ErrorCode::malformed_snapshot || code == ErrorCode::unsupported_snapshot;
        if (!known) FAIL("byte " << at << ": " << to_string(code));
      }
    }
  }
}

TEST_CASE("a section of another version is refused as unsupported") {
  const auto process = paused();
  auto bytes = some_checkpoint(process);
  REQUIRE(bytes[8] == std::byte{128});
  std::size_t version = 9;  // behind the section's id and size
  while ((bytes[version++] & std::byte{0x80}) != std::byte{0}) continue;
  REQUIRE(bytes[version] == std::byte{2});
  bytes[version] = std::byte{1};
  const auto found = checkpoint_of(bytes);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::unsupported_snapshot);
}

TEST_CASE("a view has the threads, their frames and values, memory, globals and tables") {
  const auto process = paused();
  const auto bytes = process.snapshot().value();
  Source source(bytes);
  const auto view = tool::read_view(source).value();
  CHECK(view.bytes == bytes.size());
  REQUIRE(view.threads.size() == 1);
  const auto& thread = view.threads[0];
  REQUIRE(thread.import);
  CHECK(view.imports[*thread.import][1] == "sched_yield");
  REQUIRE(thread.frames.size() == 2);
  CHECK(thread.frames[0].operands == std::vector<std::string>{"3"});
  CHECK(thread.frames[1].locals == std::vector<std::string>{"4"});
  CHECK(thread.frames[1].operands == std::vector<std::string>{"4"});
  REQUIRE(view.memory);
  REQUIRE(view.memory->runs.size() == 1);
  CHECK(view.memory->runs[0].begin == 4096);
  CHECK(view.memory->runs[0].end == 8192);
  REQUIRE(view.instances.size() == 1);
  CHECK(view.instances[0].globals == std::vector<std::string>{"5"});
  REQUIRE(view.instances[0].tables.size() == 1);
  CHECK(view.instances[0].tables[0].size == 2);
}

}  // namespace
}  // namespace fermata::test
