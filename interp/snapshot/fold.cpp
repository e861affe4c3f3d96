#include "interp/snapshot/fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "interp/runtime/usage_error.hpp"
#include "interp/snapshot/digest_sink.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata::snapshot {
namespace {

constexpr std::uint8_t memory_id = static_cast<std::uint8_t>(Section::memory);
constexpr std::uint8_t end_id = static_cast<std::uint8_t>(Section::end);

Input input_of(SnapshotSource& source) {
  return {source, source.size().value_or(std::numeric_limits<std::uint64_t>::max())};
}

Result<void> result_of(Input& in) {
  if (in.ok()) return {};
  return std::unexpected(in.take_error());
}

}  // namespace

Result<void> Fold::write(SnapshotSink& sink) {
  for (std::size_t file = 0; file < files_.size(); ++file) {
    if (auto looked = look_at(file); !looked) return looked;
  }
  const std::size_t last = files_.size() - 1;
  const auto made = name(last);
  if (!made) return std::unexpected(made.error());
  if (*made != name_) {
    return std::unexpected(Error{ErrorCode::snapshot_mismatch,
                                 Phase::unlinkable,
                                 "the files make another snapshot than the last one names",
                                 {},
                                 {},
                                 {}});
  }
  auto in = begin_again(last);
  if (!in) return std::unexpected(std::move(in.error()));
  Output out(&sink);
  out.header(magic);
  copy_sections(*in, out, false);
  if (!in->ok()) return std::unexpected(in->take_error());
  return out.finish();
}

// --- what there is -------------------------------------------------------------------------------

Result<void> Fold::look_at(std::size_t file) {
  Input in = input_of(*files_[file]);
  read_header(in, file);
  bool has_memory = false;
  while (in.ok()) {
    const std::uint8_t id = in.begin_section();
    if (id == end_id) break;
    has_memory |= id == memory_id;
    if (id == static_cast<std::uint8_t>(Section::module)) {
      read_module(in, file);
    } else if (id == memory_id) {
      read_memory(in, file);
    } else {
      in.skip_section();
    }
    in.end_section();
  }
  in.end_section();
  in.end();
  if (in.ok() && has_memory != memory_.has_value()) in.malformed("expected a section 4");
  if (!in.ok() || file != 0) return result_of(in);
  auto made = name(file);
  if (!made) return std::unexpected(std::move(made.error()));
  name_ = *made;
  return {};
}

void Fold::read_header(Input& in, std::size_t file) {
  const Input::File found = in.header();
  if (!in.ok()) return;
  if ((found == Input::File::delta) != (file != 0)) {
    return in.fail(
        ErrorCode::snapshot_mismatch, 0,
        fmt::format("file {}: expected {}", file + 1,
                    file == 0 ? "a snapshot, found a delta" : "a delta, found a snapshot"));
  }
  if (file == 0) return;
  const std::uint64_t at = in.offset();
  in.begin_names();
  Sha256 before{};
  in.bytes(std::as_writable_bytes(std::span(before)));
  if (in.ok() && before != name_) {
    return in.fail(ErrorCode::snapshot_mismatch, at,
                   fmt::format("file {}: expected a delta to what the files before it make, found "
                               "one to another snapshot",
                               file + 1));
  }
  in.bytes(std::as_writable_bytes(std::span(name_)));
}

void Fold::read_module(Input& in, std::size_t file) {
  constexpr std::uint64_t most = sizeof(Sha256) + 10;
  std::vector<std::byte> module(static_cast<std::size_t>(std::min(in.left(), most)));
  const std::uint64_t at = in.offset();
  in.bytes(module);
  if (file == 0)
    module_ = std::move(module);
  else if (in.ok() && module != module_) {
    in.fail(
        ErrorCode::snapshot_mismatch, at,
        fmt::format("file {}: expected the module of the file before it, found another", file + 1));
  }
}

void Fold::read_memory(Input& in, std::size_t file) {
  Memory now;
  now.page_size_log2 = in.byte();
  if (in.ok() && now.page_size_log2 != 0 && now.page_size_log2 != 16) {
    return in.malformed(
        fmt::format("expected pages of 1 or 65536 bytes, found 2^{} bytes", now.page_size_log2));
  }
  now.pages = in.number();
  if (in.ok() && now.pages > std::numeric_limits<std::uint64_t>::max() >> now.page_size_log2) {
    return in.malformed(fmt::format("expected fewer than {} pages", now.pages));
  }
  now.bytes = now.pages << now.page_size_log2;
  std::vector<Block> changed = read_blocks(in, file, now.bytes);
  if (file == 0) {
    memory_ = now;
    blocks_ = std::move(changed);
    return;
  }
  const std::vector<Run> made = read_made(in, blocks_in(now.bytes));
  if (in.ok() && (!memory_ || memory_->page_size_log2 != now.page_size_log2)) {
    return in.malformed("expected a memory as that of the file before it");
  }
  if (in.ok()) check(in, changed, made, now);
  if (in.ok()) apply(changed, made, now);
}

std::vector<Fold::Block> Fold::read_blocks(Input& in, std::size_t file, std::uint64_t bytes) {
  std::vector<Block> blocks;
  std::array<std::byte, block_bytes> contents;
  read_runs(in, blocks_in(bytes), "blocks", 2, [&](const Run& run) {
    for (std::uint64_t number = run.first; number < run.end() && in.ok(); ++number) {
      Block& block = blocks.emplace_back();
      block.number = number;
      block.offset = in.offset();
      block.file = file;
      const auto there =
          std::span(contents).first(static_cast<std::size_t>(block_size(number, bytes)));
      in.bytes(there);
      block.digest = sha256(std::span<const std::byte>(there));
    }
  });
  return blocks;
}

std::vector<Run> Fold::read_made(Input& in, std::uint64_t blocks) {
  std::vector<Run> made;
  read_runs(in, blocks, "blocks", 2, [&](const Run& run) { made.push_back(run); });
  return made;
}

/// Holds the lists against the blocks that there were: each block of them is another one, and there
/// is no other that is.
void Fold::check(Input& in, std::span<const Block> changed, std::span<const Run> made,
                 const Memory& now) const {
  const std::uint64_t cut = cut_block(memory_->bytes, now.bytes);
  const auto find = [this](std::uint64_t number) {
    const auto found = std::ranges::lower_bound(blocks_, number, {}, &Block::number);
    return found != blocks_.end() && found->number == number ? &*found : nullptr;
  };
  bool has_cut = cut == no_block || contains(made, cut);
  for (const Block& block : changed) {
    const Block* const before = find(block.number);
    has_cut |= block.number == cut;
    if (contains(made, block.number)) return in.invalid("a block is in both lists");
    if (before != nullptr && before->digest == block.digest) {
      return in.invalid(fmt::format("block {} is as it was", block.number));
    }
  }
  if (!has_cut) return in.invalid(fmt::format("expected block {}, whose size is another", cut));
  for (const Run& run : made) {
    const auto first = std::ranges::lower_bound(blocks_, run.first, {}, &Block::number);
    const auto end = std::ranges::lower_bound(blocks_, run.end(), {}, &Block::number);
    auto there = static_cast<std::uint64_t>(end - first);
    if (cut >= run.first && cut < run.end() && find(cut) == nullptr) ++there;
    if (there != run.count) return in.invalid("a block is as it was made, and was before");
  }
}

/// The checked lists.
void Fold::apply(std::span<const Block> changed, std::span<const Run> made, const Memory& now) {
  const std::uint64_t end = blocks_in(now.bytes);
  std::erase_if(blocks_, [&](const Block& block) {
    return block.number >= end || contains(made, block.number) ||
           std::ranges::binary_search(changed, block.number, {}, &Block::number);
  });
  std::vector<Block> all;
  all.reserve(blocks_.size() + changed.size());
  std::ranges::merge(blocks_, changed, std::back_inserter(all), {}, &Block::number, &Block::number);
  blocks_ = std::move(all);
  memory_ = now;
}

Result<Sha256> Fold::name(std::size_t file) {
  auto in = begin_again(file);
  if (!in) return std::unexpected(std::move(in.error()));
  DigestSink sink;
  Output out(&sink);
  out.header(magic);
  copy_sections(*in, out, true);
  if (!in->ok()) return std::unexpected(in->take_error());
  if (auto done = out.finish(); !done) return std::unexpected(std::move(done.error()));
  return sink.digest();
}

// --- written -------------------------------------------------------------------------------------

/// At the first section.
Result<Input> Fold::begin_again(std::size_t file) {
  if (auto begun = files_[file]->begin_again(); !begun) return std::unexpected(begun.error());
  Input in = input_of(*files_[file]);
  if (in.header() == Input::File::delta) {
    in.begin_names();
    in.skip_section();
  }
  if (!in.ok()) return std::unexpected(in.take_error());
  return in;
}

/// Those of a file, but for the memory, which is that of all files. A name is made of the sections
/// that are part of the state, with the blocks' digests in their place.
void Fold::copy_sections(Input& in, Output& out, bool is_name) {
  std::array<std::byte, block_bytes> piece;
  for (std::uint8_t id = 0; in.ok() && !out.failed() && id != end_id;) {
    id = in.begin_any_section();
    if (!in.ok()) return;
    if (id >= first_optional && is_name) {
      in.skip_section();
    } else if (id == memory_id) {
      if (is_name) {
        write_section(out, Section::memory, [this](Output& to) { write_digests(to); });
      } else {
        write_memory(in, out);
      }
      in.skip_section();
    } else {
      out.byte(id);
      out.number(in.left());
      while (in.ok() && in.left() != 0) {
        const auto some = std::span(piece).first(
            static_cast<std::size_t>(std::min<std::uint64_t>(in.left(), piece.size())));
        in.bytes(some);
        out.bytes(some);
      }
    }
  }
}

void Fold::write_memory_head(Output& out) const {
  out.byte(memory_->page_size_log2);
  out.number(memory_->pages);
}

namespace {

template <class Blocks>
std::vector<Run> runs_of(const Blocks& blocks) {
  std::vector<Run> runs;
  for (const auto& block : blocks) append(runs, block.number);
  return runs;
}

}  // namespace

void Fold::write_digests(Output& out) const {
  write_memory_head(out);
  auto block = blocks_.begin();
  write_runs(out, runs_of(blocks_), [&](const Run& run) {
    for (std::uint64_t i = 0; i < run.count; ++i, ++block) {
      out.bytes(std::as_bytes(std::span(block->digest)));
    }
  });
}

/// `last`: in the memory's section of the last file.
void Fold::write_memory(Input& last, Output& out) {
  const std::vector<Run> runs = runs_of(blocks_);
  Output counted(nullptr);
  write_memory_head(counted);
  write_runs(counted, runs, [](const Run&) {});
  std::uint64_t bytes = counted.size();
  for (const Block& block : blocks_) bytes += block_size(block.number, memory_->bytes);
  out.byte(memory_id);
  out.number(bytes);
  write_memory_head(out);
  std::vector<std::optional<Input>> others(files_.size() - 1);
  auto block = blocks_.begin();
  write_runs(out, runs, [&](const Run& run) {
    for (std::uint64_t i = 0; i < run.count && last.ok(); ++i, ++block) {
      Input* const in = block->file == others.size() ? &last : at_memory(others, block->file, last);
      if (in != nullptr) copy_block(*in, out, *block);
      if (in != nullptr && !in->ok()) last.fail(in->take_error());
    }
  });
}

/// The file in its memory's section; null, and `last` has the error, when it cannot be read.
Input* Fold::at_memory(std::vector<std::optional<Input>>& others, std::size_t file, Input& last) {
  std::optional<Input>& in = others[file];
  if (in) return &*in;
  auto begun = begin_again(file);
  if (!begun) {
    last.fail(std::move(begun.error()));
    return nullptr;
  }
  in.emplace(std::move(*begun));
  while (in->ok() && in->begin_section() != memory_id) in->skip_section();
  return &*in;
}

void Fold::copy_block(Input& in, Output& out, const Block& block) {
  std::array<std::byte, block_bytes> bytes;
  const auto there =
      std::span(bytes).first(static_cast<std::size_t>(block_size(block.number, memory_->bytes)));
  in.skip_to(block.offset);
  in.bytes(there);
  if (in.ok() && sha256(std::span<const std::byte>(there)) != block.digest) {
    in.fail(ErrorCode::snapshot_mismatch, block.offset, "the file has changed while it was read");
  }
  if (in.ok()) out.bytes(there);
}

}  // namespace fermata::snapshot

namespace fermata {

Result<void> SnapshotSource::begin_again() {
  return std::unexpected(
      usage_error(ErrorCode::unsupported_snapshot, "expected a source that can begin again"));
}

Result<void> fold_snapshots(std::span<SnapshotSource* const> files, SnapshotSink& sink) {
  return or_out_of_memory([&]() -> Result<void> {
    if (files.empty()) {
      return std::unexpected(
          usage_error(ErrorCode::malformed_snapshot, "expected a snapshot, found no file"));
    }
    return snapshot::Fold(files).write(sink);
  });
}

}  // namespace fermata
