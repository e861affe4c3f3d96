// See recorder.hpp.
#include "tools/fermata/record/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "tools/fermata/console.hpp"
#include "tools/fermata/host.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {

// --- the file ------------------------------------------------------------------------------------

namespace {

/// Whether a log may take the place of what has this name: nothing, an empty file, a log, and what
/// is no file.
bool may_be_written(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return true;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return true;  // what is wrong shows when it is written
  std::array<std::byte, 4> begin{};
  const std::size_t size = std::fread(begin.data(), 1, begin.size(), file);
  std::fclose(file);
  return size == 0 || begins_as_log(std::span(begin).first(size));
}

}  // namespace

Result<void> Recorder::begin(Process& process, const LogHeader& header) {
  process_ = &process;
  if (!may_be_written(path_)) return io_error("is there and is no log of a run: not replaced");
  file_.reset(create_private(path_));  // it has what the guest has read
  if (!file_) return system_error("cannot be written");
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  write(LogWriter::bytes_of(header));
  return file_ ? Result<void>() : io_error("cannot be recorded");
}

/// The program goes on when it fails, and is not recorded any more.
void Recorder::write(std::span<const std::byte> bytes) {
  if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return;
  complain(path_, system_error("cannot be written").error());
  file_.reset();
}

void Recorder::write(const LogEvent& event) {
  if (file_) write(log_.bytes_of(event));
}

// --- what goes to the streams --------------------------------------------------------------------

namespace {

class WatchedStream final : public wasi::Stream {
 public:
  WatchedStream(std::shared_ptr<wasi::Stream> stream, std::uint8_t number, Recorder& recorder)
      : stream_(std::move(stream)), number_(number), recorder_(recorder) {}

  wasi::Expected<std::size_t> read(std::span<std::byte> into) override {
    return stream_->read(into);
  }
  wasi::Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    auto written = stream_->write(bytes);
    if (written) recorder_.wrote(number_, bytes.first(std::min(*written, bytes.size())));
    return written;
  }
  wasi::Expected<std::uint64_t> seek(std::int64_t offset, wasi::Whence whence) override {
    return stream_->seek(offset, whence);
  }
  wasi::FileStat stat() const override { return stream_->stat(); }
  bool readable() const override { return stream_->readable(); }
  bool writable() const override { return stream_->writable(); }
  bool is_terminal() const override { return stream_->is_terminal(); }
  int host() const override { return stream_->host(); }

 private:
  std::shared_ptr<wasi::Stream> stream_;
  std::uint8_t number_;
  Recorder& recorder_;
};

}  // namespace

void Recorder::watch_streams(wasi::Config& config) {
  std::uint8_t number = 1;
  for (auto* const stream : {&config.out, &config.err}) {
    if (*stream) *stream = std::make_shared<WatchedStream>(std::move(*stream), number, *this);
    ++number;
  }
}

void Recorder::wrote(std::uint8_t stream, std::span<const std::byte> bytes) {
  if (!bytes.empty()) outputs_.push_back({stream, {bytes.begin(), bytes.end()}});
}

// --- what a call sees and writes -----------------------------------------------------------------

/// Keeps what is not kept yet: so a call costs no more memory than the guest has.
void Recorder::sees(std::uint64_t address, std::span<const std::byte> bytes) {
  std::uint64_t at = address;
  const std::uint64_t end = address + bytes.size();
  auto next = seen_.upper_bound(at);
  if (next != seen_.begin()) {
    const auto& [begin, kept] = *std::prev(next);
    at = std::max(at, begin + kept.size());
  }
  while (at < end) {
    next = seen_.lower_bound(at);
    const std::uint64_t until = next == seen_.end() ? end : std::min(end, next->first);
    if (until > at) {
      const auto part = bytes.subspan(static_cast<std::size_t>(at - address),
                                      static_cast<std::size_t>(until - at));
      seen_.emplace(at, std::vector(part.begin(), part.end()));
    }
    at = next == seen_.end() ? end : next->first + next->second.size();
  }
}

/// What is not as it was. Two that are so near that a second address takes more than the bytes
/// between are one.
std::vector<LoggedWrite> Recorder::writes() const {
  constexpr std::size_t near = 6;
  std::vector<LoggedWrite> all;
  for (const auto& [address, before] : seen_) {
    const auto now = process_->memory()->view(address, before.size());
    if (!now) continue;
    std::size_t at = 0;
    while (at < before.size()) {
      const auto rest = static_cast<std::ptrdiff_t>(at);
      const auto differ = std::mismatch(before.begin() + rest, before.end(), now->begin() + rest);
      const auto first = static_cast<std::size_t>(differ.first - before.begin());
      if (first == before.size()) break;
      std::size_t end = first + 1;  // behind the last that differs
      for (at = end; at < before.size() && at < end + near; ++at) {
        if (before[at] != (*now)[at]) end = at + 1;
      }
      const auto part = now->subspan(first, end - first);
      all.push_back({address + first, {part.begin(), part.end()}});
    }
  }
  return all;
}

// --- events --------------------------------------------------------------------------------------

Resolver Recorder::resolver(Resolver inner) {
  return [this, inner = std::move(inner)](const FunctionImport& import) {
    const auto number = inner(import);
    if (number) functions_[*number] = {std::string(import.module), std::string(import.name)};
    return number;
  };
}

void Recorder::ran(Thread thread, const Outcome& outcome) {
  const ThreadId id = thread.id();
  const std::uint64_t fuel = process_->fuel()->used();
  if (const auto* call = std::get_if<HostCall>(&outcome)) {
    const auto& [module, name] = functions_[call->number];
    write(LoggedCall{id, fuel, module, name, {call->arguments.begin(), call->arguments.end()}});
  } else if (const auto* finished = std::get_if<Finished>(&outcome)) {
    LoggedFinish event{id, fuel, {}};
    for (const Value& value : finished->results) event.results.push_back(value_text(value));
    write(event);
  } else if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
    write(LoggedTrap{id, fuel, std::string(to_string(trapped->trap))});
  } else if (std::holds_alternative<Threw>(outcome)) {
    write(LoggedTrap{id, fuel, std::string(to_string(Trap::uncaught_exception))});
  } else if (std::holds_alternative<Waiting>(outcome)) {
    write(LoggedWait{id, fuel});
  } else {
    write(LoggedPause{id, fuel});
  }
}

void Recorder::answered(Thread thread, const HostCall& call, const wasi::Answer& answer) {
  if (const auto* resume = std::get_if<wasi::Resume>(&answer)) {
    LoggedAnswer event;
    event.thread = thread.id();
    event.results = {resume->result};
    event.delay = static_cast<std::uint64_t>(std::max<std::int64_t>(resume->delay.count(), 0));
    for (const auto& [address, before] : seen_) {
      event.views.push_back({address, before.size(), log_hash(before)});
    }
    event.writes = writes();
    event.outputs = std::move(outputs_);
    const bool spawns = functions_[call.number] == FunctionName("wasi", "thread-spawn");
    if (spawns && resume->result.as_i32() > 0) {
      event.spawn = {"wasi_thread_start", {resume->result, call.arguments[0]}};
    }
    write(event);
  }
  seen_.clear();
  outputs_.clear();
}

void Recorder::stubbed(Thread thread, std::span<const Value> results) {
  LoggedAnswer event;
  event.thread = thread.id();
  event.results.assign(results.begin(), results.end());
  write(event);
}

void Recorder::timed_out(Thread thread) { write(LoggedTimeout{thread.id()}); }

namespace {

struct EndOf {
  LoggedEnd operator()(const Returned&) const { return {EndKind::returned, 0, 0}; }
  LoggedEnd operator()(const wasi::Exited& e) const { return {EndKind::exited, 0, e.code}; }
  LoggedEnd operator()(const TrappedAt&) const { return {EndKind::trapped, 0, 0}; }
  LoggedEnd operator()(const CalledUnknownAt&) const { return {EndKind::called_unknown, 0, 0}; }
  LoggedEnd operator()(const Deadlocked&) const { return {EndKind::deadlocked, 0, 0}; }
  LoggedEnd operator()(const OutOfFuelAt&) const { return {EndKind::out_of_fuel, 0, 0}; }
  LoggedEnd operator()(const OutOfTimeAt&) const { return {EndKind::out_of_time, 0, 0}; }
  LoggedEnd operator()(const SignalledAt& e) const {
    return {EndKind::signalled, 0, static_cast<std::uint32_t>(e.signal)};
  }
};

}  // namespace

void Recorder::ended(const Ending& ending) {
  LoggedEnd end = std::visit(EndOf{}, ending);
  end.fuel = process_->fuel()->used();
  write(end);
}

}  // namespace fermata::tool
