// Writer: snapshots with marks, and what is different since one.

#include "interp/snapshot/digest_sink.hpp"
#include "interp/snapshot/memory_blocks.hpp"
#include "interp/snapshot/writer.hpp"

namespace fermata::snapshot {
/// The name of a snapshot with these blocks: they stand in it by their digests.
Sha256 Writer::name_of(const std::vector<BlockDigest>& blocks) {
  std::vector<Run> runs;
  for (const BlockDigest& block : blocks) append(runs, block.number);
  DigestSink sink;
  Output out(&sink);
  write_snapshot(out, [&](Output& to) {
    auto block = blocks.begin();
    write_memory_head(to, *memory_);
    write_runs(to, runs, [&](const Run& run) {
      for (std::uint64_t i = 0; i < run.count; ++i)
        to.bytes(std::as_bytes(std::span((block++)->digest)));
    });
  });
  static_cast<void>(out.finish());  // nothing fails here
  return sink.digest();
}

Result<void> Writer::write_marked(Mark& mark) {
  Changes changes;
  if (memory_ != nullptr) changes = mark.changes_in(*memory_);
  const Sha256 name = name_of(changes.digests);
  write_snapshot(out_, [&](Output& out) { write_blocks(out, *memory_, changes.to_others); });
  if (auto done = out_.finish(); !done) return done;
  move_on(mark, changes, name);
  return {};
}

Result<void> Writer::write_delta(Mark& mark) {
  Changes changes;
  std::vector<BlockDigest> digests;
  if (memory_ != nullptr) {
    changes = mark.changes_in(*memory_);
    digests = mark.digests_with(*memory_, changes);
  }
  const Sha256 name = name_of(digests);
  out_.header(delta_magic);
  out_.bytes(std::as_bytes(std::span(mark.name())));
  out_.bytes(std::as_bytes(std::span(name)));
  write_sections(out_, [&](Output& out) {
    write_blocks(out, *memory_, changes.to_others);
    write_runs(out, changes.to_made, [](const Run&) {});
  });
  if (auto done = out_.finish(); !done) return done;
  move_on(mark, changes, name);
  return {};
}

void Writer::move_on(Mark& mark, const Changes& changes, const Sha256& name) const {
  if (memory_ != nullptr) {
    mark.move_on(*memory_, changes, name);
  } else {
    mark.move_on(name);
  }
}

}  // namespace fermata::snapshot
