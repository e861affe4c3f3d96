// The sections. See checkpoint.hpp.
#include "tools/fermata/checkpoint/checkpoint.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "interp/snapshot/bytes.hpp"
#include "interp/snapshot/input.hpp"
#include "interp/snapshot/output.hpp"

namespace fermata::tool {
namespace {

using snapshot::Input;
using snapshot::Output;

constexpr auto world_section = static_cast<snapshot::Section>(128);
constexpr auto program_section = static_cast<snapshot::Section>(129);
constexpr std::uint64_t world_version = 2;
constexpr std::uint64_t program_version = 1;

// --- writing -------------------------------------------------------------------------------------

void write_texts(Output& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const auto& text : texts) out.text(text);
}

/// A byte that says whether it is there, then the number.
void write_optional(Output& out, std::optional<std::uint64_t> value) {
  out.byte(value ? 1 : 0);
  if (value) out.number(*value);
}

/// Of a descriptor; below them the standard streams.
enum class Kind : std::uint8_t { directory = 3, file, socket, connection };

struct WriteFile {
  Output& out;

  void kind(Kind kind) const { out.byte(static_cast<std::uint8_t>(kind)); }
  void operator()(std::uint32_t stream) const { out.byte(static_cast<std::uint8_t>(stream)); }
  void operator()(const wasi::State::Preopened& preopened) const {
    kind(Kind::directory);
    out.number(preopened.directory);
  }
  void operator()(const wasi::State::File& file) const {
    kind(Kind::file);
    out.number(file.directory);
    out.text(file.path);
    out.byte(static_cast<std::uint8_t>(file.type));
    for (const auto n : {file.device, file.inode, file.size, file.position}) out.number(n);
    out.byte(static_cast<std::uint8_t>((file.read ? 1 : 0) | (file.write ? 2 : 0)));
  }
  void operator()(const wasi::State::SocketPlace& place) const {
    kind(place.socket ? Kind::socket : Kind::connection);
    if (place.socket) out.number(*place.socket);
  }
};

void write_world(Output& out, const wasi::State& world) {
  out.number(world_version);
  write_texts(out, world.arguments);
  write_texts(out, world.environment);
  out.number(world.directories.size());
  for (const auto& directory : world.directories) {
    out.text(directory.host);
    out.text(directory.guest);
    out.byte(directory.read_only ? 1 : 0);
    out.byte(directory.memory ? 1 : 0);
    if (!directory.memory) continue;
    out.number(directory.memory->size());
    out.bytes(*directory.memory);
  }
  out.number(world.descriptors.size());
  for (const auto& descriptor : world.descriptors) {
    out.number(descriptor.number);
    std::visit(WriteFile{out}, descriptor.file);
    out.number(descriptor.flags);
    out.number(descriptor.rights);
    out.number(descriptor.inheriting);
  }
  write_optional(out, world.in_position);
  for (const std::uint64_t clock : world.clocks) out.number(clock);
  write_optional(out, world.random);
  out.number(static_cast<std::uint32_t>(world.next_thread));
}

void write_program(Output& out, const ProgramState& program) {
  out.number(program_version);
  out.text(program.module);
  write_texts(out, names_of(program.features));
  out.number(program.guest.target);
  out.number(program.guest.waits.size());
  for (const WaitState& wait : program.guest.waits) {
    out.number(wait.thread);
    out.byte(wait.answer ? 1 : 0);
    if (wait.answer) out.fixed(static_cast<std::uint32_t>(*wait.answer), 4);
    write_optional(out, wait.nanoseconds_left);
  }
}

/// Passes a snapshot on and puts sections between its header and its first section.
class Inserting final : public SnapshotSink {
 public:
  Inserting(SnapshotSink& sink, std::vector<std::byte> sections)
      : sink_(sink), sections_(std::move(sections)) {}

  Result<void> write(std::span<const std::byte> piece) override {
    const auto header = piece.first(std::min(piece.size(), header_left_));
    const auto rest = piece.subspan(header.size());
    if (!header.empty()) {
      if (auto done = sink_.write(header); !done) return done;
      header_left_ -= header.size();
      if (header_left_ == 0) {
        if (auto done = sink_.write(sections_); !done) return done;
      }
    }
    return rest.empty() ? Result<void>() : sink_.write(rest);
  }

 private:
  SnapshotSink& sink_;
  std::vector<std::byte> sections_;
  std::size_t header_left_ = snapshot::magic.size() + 4;
};

}  // namespace

Result<void> write_checkpoint(SnapshotSink& sink, const Process& process, const wasi::State* world,
                              const ProgramState& program) {
  snapshot::BytesSink sections;
  Output out(&sections);
  if (world != nullptr) {
    snapshot::write_section(out, world_section, [&](Output& o) { write_world(o, *world); });
  }
  snapshot::write_section(out, program_section, [&](Output& o) { write_program(o, program); });
  if (auto done = out.finish(); !done) return done;
  Inserting inserting(sink, std::move(sections.bytes));
  return process.snapshot(inserting);
}

// --- reading -------------------------------------------------------------------------------------

namespace {

std::string read_text(Input& in) { return in.text(static_cast<std::size_t>(in.left())); }

std::vector<std::string> read_texts(Input& in) {
  std::vector<std::string> texts;
  for (std::uint32_t left = in.count(); left != 0 && in.ok(); --left) {
    texts.push_back(read_text(in));
  }
  return texts;
}

bool read_flag(Input& in, std::string_view what) { return in.choice(std::uint8_t{1}, what) != 0; }

std::optional<std::uint64_t> read_optional(Input& in, std::string_view what) {
  if (!read_flag(in, what)) return std::nullopt;
  return in.number();
}

void read_version(Input& in, std::uint64_t known) {
  const std::uint64_t found = in.number();
  if (!in.ok() || found == known) return;
  in.fail(ErrorCode::unsupported_snapshot, in.offset(),
          fmt::format("expected a section of version {}, found {}", known, found));
}

wasi::State::File read_opened(Input& in) {
  wasi::State::File file;
  file.directory = in.number32();
  file.path = read_text(in);
  file.type = static_cast<wasi::FileType>(
      in.choice(static_cast<std::uint8_t>(wasi::FileType::symbolic_link), "a kind of file"));
  for (auto* const number : {&file.device, &file.inode, &file.size, &file.position}) {
    *number = in.number();
  }
  const auto uses = in.choice(std::uint8_t{3}, "what a file was opened for");
  file.read = (uses & 1) != 0;
  file.write = (uses & 2) != 0;
  return file;
}

void read_file(Input& in, wasi::State::Descriptor& descriptor) {
  const auto kind = in.choice(static_cast<std::uint8_t>(Kind::connection), "what is open");
  switch (static_cast<Kind>(kind)) {
    case Kind::directory:
      descriptor.file = wasi::State::Preopened{in.number32()};
      return;
    case Kind::file:
      descriptor.file = read_opened(in);
      return;
    case Kind::socket:
      descriptor.file = wasi::State::SocketPlace{in.number32()};
      return;
    case Kind::connection:
      descriptor.file = wasi::State::SocketPlace{};
      return;
  }
  descriptor.file = std::uint32_t{kind};
}

void read_descriptor(Input& in, std::uint64_t least, wasi::State::Descriptor& descriptor) {
  descriptor.number = in.number32();
  if (in.ok() && descriptor.number < least) in.malformed("the descriptors do not ascend");
  read_file(in, descriptor);
  const std::uint32_t flags = in.number32();
  if (flags > UINT16_MAX) in.malformed("expected descriptor flags");
  descriptor.flags = static_cast<std::uint16_t>(flags);
  descriptor.rights = in.number();
  descriptor.inheriting = in.number();
}

wasi::State read_world(Input& in) {
  read_version(in, world_version);
  wasi::State world;
  world.arguments = read_texts(in);
  world.environment = read_texts(in);
  for (std::uint32_t left = in.count(4); left != 0 && in.ok(); --left) {
    auto& directory = world.directories.emplace_back();
    directory.host = read_text(in);
    directory.guest = read_text(in);
    directory.read_only = read_flag(in, "whether a directory is to be read alone");
    if (!read_flag(in, "whether a directory is in memory")) continue;
    const std::string contents = read_text(in);
    const auto bytes = std::as_bytes(std::span(contents));
    directory.memory.emplace(bytes.begin(), bytes.end());
  }
  std::uint64_t least = 0;
  for (std::uint32_t left = in.count(3); left != 0 && in.ok(); --left) {
    read_descriptor(in, least, world.descriptors.emplace_back());
    least = std::uint64_t{world.descriptors.back().number} + 1;
  }
  world.in_position = read_optional(in, "whether the input has a position");
  for (std::uint64_t& clock : world.clocks) clock = in.number();
  world.random = read_optional(in, "whether the random numbers are fixed");
  const std::uint32_t next = in.number32();
  if (in.ok() && (next < 1 || next > INT32_MAX)) in.malformed("expected a thread's number");
  world.next_thread = static_cast<std::int32_t>(next);
  return world;
}

Features read_features(Input& in) {
  const auto features = features_of(read_texts(in));
  if (in.ok() && !features) {
    in.fail(ErrorCode::unsupported_snapshot, in.offset(), "it needs a feature of a later version");
  }
  return features.value_or(Features());
}

ProgramState read_program(Input& in) {
  read_version(in, program_version);
  ProgramState program;
  program.module = read_text(in);
  program.features = read_features(in);
  program.guest.target = in.number32();
  std::uint64_t least = 0;
  for (std::uint32_t left = in.count(3); left != 0 && in.ok(); --left) {
    WaitState& wait = program.guest.waits.emplace_back();
    wait.thread = in.number32();
    if (in.ok() && wait.thread < least) in.malformed("the threads that wait do not ascend");
    least = std::uint64_t{wait.thread} + 1;
    if (read_flag(in, "whether the call was answered")) {
      wait.answer = static_cast<std::int32_t>(in.fixed(4));
    }
    wait.nanoseconds_left = read_optional(in, "whether the waiting ends");
  }
  return program;
}

}  // namespace

Result<Checkpoint> read_checkpoint(SnapshotSource& source) {
  Input in(source, source.size().value_or(std::numeric_limits<std::uint64_t>::max()));
  Checkpoint checkpoint;
  in.snapshot_header();
  while (in.ok() && !(checkpoint.world && checkpoint.program)) {
    const auto id = static_cast<snapshot::Section>(in.begin_any_section());
    if (!in.ok() || id == snapshot::Section::end) break;
    if (id == world_section && !checkpoint.world) {
      checkpoint.world = read_world(in);
    } else if (id == program_section && !checkpoint.program) {
      checkpoint.program = read_program(in);
    } else {
      in.skip_section();
    }
    in.end_section();
  }
  if (!in.ok()) return std::unexpected(in.take_error());
  return checkpoint;
}

// --- features ------------------------------------------------------------------------------------

std::vector<std::string> names_of(Features features) {
  std::vector<std::string> names;
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (features.has(feature)) names.emplace_back(to_string(feature));
  }
  return names;
}

std::optional<Features> features_of(const std::vector<std::string>& names) {
  Features features;
  for (const std::string& name : names) {
    const auto feature = parse_feature(name);
    if (!feature) return std::nullopt;
    features = features.with(*feature);
  }
  return features;
}

}  // namespace fermata::tool
