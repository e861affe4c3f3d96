// rollback: a game that saves every frame, and goes back eight of them when an input comes late.
//
// Each frame is saved as a delta to the one before: what changed of the memory, and little besides.
// To go back, a snapshot and the deltas up to that frame are folded into one snapshot, which is
// restored; then the frames since are played again with the input that they should have had.
//
//     rollback
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fermata/fermata.hpp>
#include <fermata/text.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// The guest asks for the input of each frame: how much faster its ship gets. It counts its way
// round a track of 1000 fields, and writes where it was in each frame.
constexpr std::string_view guest = R"((module
  (import "host" "input" (func $input (param i32) (result i32)))
  (memory (export "memory") 16)
  (global $at (export "at") (mut i32) (i32.const 0))
  (func (export "_start") (local $frame i32) (local $speed i32)
    (loop $next
      (local.set $speed (i32.add (local.get $speed) (call $input (local.get $frame))))
      (global.set $at (i32.rem_u (i32.add (global.get $at) (local.get $speed)) (i32.const 1000)))
      (i32.store (i32.shl (local.get $frame) (i32.const 2)) (global.get $at))
      (local.set $frame (i32.add (local.get $frame) (i32.const 1)))
      (br $next)))))";

constexpr std::uint32_t frames = 1000;
constexpr std::uint32_t back = 8;

struct Bytes final : fermata::SnapshotSink {
  fermata::Result<void> write(std::span<const std::byte> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return {};
  }
  std::vector<std::byte> bytes;
};

class Source final : public fermata::SnapshotSource {
 public:
  explicit Source(const Bytes& from) : bytes_(from.bytes) {}
  fermata::Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - next_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
    next_ += count;
    return count;
  }
  fermata::Result<void> begin_again() override {
    next_ = 0;
    return {};
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
};

std::optional<std::uint64_t> resolve(const fermata::FunctionImport&) { return 1; }

std::int32_t true_input(std::uint32_t frame) { return frame % 50 == 20 ? 3 : 0; }

/// The first `count` of the files as one snapshot.
Bytes folded(const std::deque<Bytes>& files, std::size_t count) {
  std::vector<Source> sources(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<fermata::SnapshotSource*> chain;
  for (Source& source : sources) chain.push_back(&source);
  Bytes whole;
  fermata::fold_snapshots(chain, whole).value();
  return whole;
}

}  // namespace

int main() {
  const auto module = fermata::parse_text(guest).value();
  auto process = fermata::Process::create(module, resolve).value();
  static_cast<void>(process.main_thread().run());  // to the first frame's input
  std::deque<Bytes> files(1);                      // a snapshot, and a delta for each frame since
  auto mark = process.marked_snapshot(files.front()).value();
  std::size_t largest = 0;

  // Plays one frame and saves what comes of it.
  const auto play = [&](std::int32_t input) {
    static_cast<void>(process.main_thread().run({fermata::Value::i32(input)}));
    process.delta(mark, files.emplace_back()).value();
    largest = std::max(largest, files.back().bytes.size());
    if (files.size() <= back + 1) return;
    Bytes first = folded(files, 2);
    files.pop_front();
    files.front() = std::move(first);
  };

  int late = 0;
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    play(0);  // nobody knows better yet
    if (frame < back || true_input(frame - back + 1) == 0) continue;
    ++late;
    files.resize(files.size() - back);
    const Bytes then = folded(files, files.size());
    process = fermata::Process::restore(module, then.bytes, resolve).value();
    files.assign(1, then);
    Bytes same;
    mark = process.marked_snapshot(same).value();
    for (std::uint32_t again = frame - back + 1; again <= frame; ++again) play(true_input(again));
  }
  const auto at = process.global("at").value().as_i32();
  std::printf("%d inputs were late; the ship is at %d\n", late, at);
  std::printf("every frame's delta had less than %s\n", largest < 4600 ? "4600 bytes" : "that");
  return 0;
}
