// Reading. See log.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "tools/fermata/record/log.hpp"
#include "tools/fermata/record/log_format.hpp"

namespace fermata::tool {
namespace {

Error log_error(ErrorCode code, std::uint64_t at, std::string message) {
  Error error;
  error.code = code;
  error.phase = Phase::malformed;
  error.message = std::move(message);
  error.offset = at;
  return error;
}

Error malformed(std::uint64_t at, std::string message) {
  return log_error(ErrorCode::malformed_snapshot, at, std::move(message));
}

/// The primitives in the body of one event. Owns its first error, after which everything is 0.
class Cursor {
 public:
  /// `begin`: where the bytes are in the log.
  Cursor(std::span<const std::byte> bytes, std::uint64_t begin) : bytes_(bytes), begin_(begin) {}

  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - next_; }
  [[nodiscard]] Error take_error() { return *std::move(error_); }
  /// Of what was read last.
  void fail(std::string message, ErrorCode code = ErrorCode::malformed_snapshot) {
    if (!error_) error_ = log_error(code, begin_ + last_, std::move(message));
  }

  std::span<const std::byte> bytes(std::uint64_t count) {
    last_ = next_;
    if (count > left()) {
      fail(fmt::format("expected {} bytes, {} are left of the event", count, left()));
    }
    if (!ok()) return {};
    const auto part = bytes_.subspan(next_, static_cast<std::size_t>(count));
    next_ += part.size();
    return part;
  }
  std::uint8_t byte() {
    const auto one = bytes(1);
    return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one[0]);
  }
  std::uint64_t fixed(std::uint32_t count) {
    const auto all = bytes(count);
    std::uint64_t value = 0;
    for (std::size_t i = all.size(); i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint64_t>(all[i]);
    }
    return value;
  }
  std::uint64_t number(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
    const std::size_t at = next_;
    std::uint64_t value = 0;
    for (std::uint32_t shift = 0; ok(); shift += 7) {
      const std::uint64_t next = byte();
      const std::uint64_t part = next & 0x7F;
      last_ = at;
      if (shift > 63 || (shift == 63 && part > 1)) fail("expected a number of 64 bits");
      if (!ok()) break;
      value |= part << shift;
      if (next < 0x80) break;
    }
    if (ok() && value > most) fail(fmt::format("expected at most {}, found {}", most, value));
    return ok() ? value : 0;
  }
  std::uint32_t number32() {
    return static_cast<std::uint32_t>(number(std::numeric_limits<std::uint32_t>::max()));
  }
  bool flag() { return byte_up_to(1) != 0; }
  std::uint8_t byte_up_to(std::uint8_t most, std::uint8_t least = 0) {
    const std::uint8_t value = byte();
    if (value < least || value > most) {
      fail(fmt::format("expected a byte from {} to {}, found {}", least, most, value));
    }
    return ok() ? value : std::uint8_t{0};
  }
  std::string text() {
    const auto all = sized();
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }
  std::span<const std::byte> sized() { return bytes(number()); }
  /// Each of at least so many bytes.
  template <class Read>
  auto list(std::uint64_t bytes_each, const Read& read) {
    std::vector<decltype(read())> items;
    const std::uint64_t count = number();
    if (count > left() / bytes_each) {
      fail(fmt::format("{} elements do not fit the {} bytes that are left", count, left()));
    }
    for (std::uint64_t i = 0; i < count && ok(); ++i) items.push_back(read());
    return items;
  }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t begin_;
  std::size_t next_ = 0;
  std::size_t last_ = 0;
  std::optional<Error> error_;
};

std::vector<std::byte> copy(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::vector<std::string> read_texts(Cursor& in) {
  return in.list(1, [&] { return in.text(); });
}

Value read_value(Cursor& in) {
  switch (const std::uint8_t code = in.byte()) {
    case log_i32:
      return Value::u32(static_cast<std::uint32_t>(in.fixed(4)));
    case log_i64:
      return Value::u64(in.fixed(8));
    case log_f32:
      return Value::f32_bits(static_cast<std::uint32_t>(in.fixed(4)));
    case log_f64:
      return Value::f64_bits(in.fixed(8));
    default:
      in.fail(fmt::format("expected a number's type, found {:#04x}", code));
      return {};
  }
}

std::vector<Value> read_values(Cursor& in) {
  return in.list(5, [&] { return read_value(in); });
}

LoggedCall read_call(Cursor& in, std::vector<LogReader::Function>& functions) {
  LoggedCall call;
  call.thread = in.number32();
  call.fuel = in.number();
  const auto function = static_cast<std::size_t>(in.number(functions.size()));
  if (in.ok() && function == functions.size()) {
    LogReader::Function named{in.text(), {}};
    named.name = in.text();
    if (in.ok()) functions.push_back(std::move(named));
  }
  if (!in.ok()) return call;
  call.module = functions[function].module;
  call.name = functions[function].name;
  call.arguments = read_values(in);
  return call;
}

LoggedView read_view(Cursor& in) {
  LoggedView view;
  view.address = in.number();
  view.size = in.number();
  view.hash = in.fixed(8);
  return view;
}

LoggedWrite read_write(Cursor& in) {
  LoggedWrite write;
  write.address = in.number();
  write.bytes = copy(in.sized());
  return write;
}

LoggedOutput read_output(Cursor& in) {
  LoggedOutput output;
  output.stream = in.byte_up_to(2, 1);
  output.bytes = copy(in.sized());
  return output;
}

/// Ascending, and none over another; so what is to be looked at is no more than the memory.
template <class Ranges, class Size>
bool in_order(const Ranges& ranges, const Size& size) {
  std::uint64_t end = 0;
  for (const auto& range : ranges) {
    if (end > range.address || size(range) > ~range.address) return false;
    end = range.address + size(range);
  }
  return true;
}

/// docs/recording.md, "Answer".
void check_ranges(Cursor& in, const LoggedAnswer& answer) {
  const auto size_of_view = [](const LoggedView& view) { return view.size; };
  const auto size_of_write = [](const LoggedWrite& write) {
    return std::uint64_t{write.bytes.size()};
  };
  bool inside = in_order(answer.views, size_of_view) && in_order(answer.writes, size_of_write);
  auto view = answer.views.begin();
  for (const LoggedWrite& write : answer.writes) {
    const std::uint64_t end = write.address + write.bytes.size();
    if (!inside) break;
    while (view != answer.views.end() && view->address + view->size < end) ++view;
    inside = view != answer.views.end() && view->address <= write.address;
  }
  if (in.ok() && !inside) {
    in.fail("expected ranges that ascend, those that were written inside of those looked at");
  }
}

LoggedAnswer read_answer(Cursor& in) {
  LoggedAnswer answer;
  answer.thread = in.number32();
  answer.results = read_values(in);
  answer.delay = in.number();
  answer.views = in.list(10, [&] { return read_view(in); });
  answer.writes = in.list(2, [&] { return read_write(in); });
  check_ranges(in, answer);
  answer.outputs = in.list(2, [&] { return read_output(in); });
  if (!in.flag()) return answer;
  answer.spawn.emplace();
  answer.spawn->entry = in.text();
  answer.spawn->arguments = read_values(in);
  return answer;
}

/// Of an event that begins with the thread and the fuel used.
template <class Event>
Event read_stop(Cursor& in) {
  Event event;
  event.thread = in.number32();
  event.fuel = in.number();
  return event;
}

LogEvent read_event(Cursor& in, LogKind kind, std::vector<LogReader::Function>& functions) {
  switch (kind) {
    case LogKind::call:
      return read_call(in, functions);
    case LogKind::answer:
      return read_answer(in);
    case LogKind::pause:
      return read_stop<LoggedPause>(in);
    case LogKind::wait:
      return read_stop<LoggedWait>(in);
    case LogKind::timeout:
      return LoggedTimeout{in.number32()};
    case LogKind::finish: {
      auto finish = read_stop<LoggedFinish>(in);
      finish.results = read_texts(in);
      return finish;
    }
    case LogKind::trap: {
      auto trap = read_stop<LoggedTrap>(in);
      trap.trap = in.text();
      return trap;
    }
    case LogKind::end:
      break;
  }
  LoggedEnd end;
  end.kind =
      static_cast<EndKind>(in.byte_up_to(static_cast<std::uint8_t>(EndKind::called_unknown)));
  end.fuel = in.number();
  end.number = in.number32();
  return end;
}

LogHeader read_header(Cursor& in) {
  LogHeader h;
  h.module = in.text();
  const auto hash = std::as_writable_bytes(std::span(h.hash));
  std::ranges::copy(in.bytes(hash.size()), hash.begin());
  h.features = read_texts(in);
  h.entry = in.text();
  h.arguments = read_texts(in);
  if (in.flag()) h.initialize = in.number32();
  h.canonical_nan = in.flag();
  for (std::uint64_t* const limit :
       {&h.max_fuel, &h.max_bytes, &h.max_stack_bytes, &h.max_memory_pages, &h.max_heap_bytes,
        &h.max_table_elements}) {
    *limit = in.number();
  }
  return h;
}

void expect_end(Cursor& in) {
  const std::size_t left = in.left();
  static_cast<void>(in.bytes(0));
  if (left != 0) in.fail(fmt::format("{} bytes more than belong here", left));
}

}  // namespace

// --- bytes ---------------------------------------------------------------------------------------

/// False at the end of the log, and after an error of the source.
bool LogReader::read(std::span<std::byte> into) {
  constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  while (!into.empty()) {
    if (next_ == buffer_.size()) {
      buffer_.resize(buffer_bytes);
      const auto got = source_.read(buffer_);
      buffer_.resize(got ? std::min(*got, buffer_bytes) : 0);
      next_ = 0;
      if (!got) error_ = got.error();
      if (buffer_.empty()) return false;
    }
    const std::size_t part = std::min(into.size(), buffer_.size() - next_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(next_), part, into.begin());
    next_ += part;
    offset_ += part;
    into = into.subspan(part);
  }
  return true;
}

/// Nothing as `read`, or when it is no number of 64 bits.
std::optional<std::uint64_t> LogReader::read_number() {
  std::uint64_t value = 0;
  for (std::uint32_t shift = 0; shift < 64; shift += 7) {
    std::byte next{};
    if (!read({&next, 1})) return std::nullopt;
    const auto bits = std::to_integer<std::uint64_t>(next);
    if (shift == 63 && bits > 1) break;
    value |= (bits & 0x7F) << shift;
    if (bits < 0x80) return value;
  }
  error_ = malformed(begin_, "expected the size of an event, a number of 64 bits");
  return std::nullopt;
}

/// The next size and so many bytes. Takes memory for those that come.
bool LogReader::read_body() {
  constexpr std::uint64_t piece = std::uint64_t{64} << 10;
  begin_ = offset_;
  const auto size = read_number();
  body_begin_ = offset_;
  body_.clear();
  if (!size) return false;
  while (body_.size() < *size) {
    const std::size_t before = body_.size();
    body_.resize(before + static_cast<std::size_t>(std::min(piece, *size - before)));
    if (!read(std::span(body_).subspan(before))) return false;
  }
  return true;
}

Result<LogHeader> LogReader::header() {
  std::array<std::byte, log_magic.size() + 4> begin{};
  const bool whole = read(begin);
  if (error_) return std::unexpected(*error_);
  if (!begins_as_log(begin)) return std::unexpected(malformed(0, "expected a log of a run"));
  std::uint32_t version = 0;
  for (std::size_t i = begin.size(); i-- > log_magic.size();) {
    version = version << 8 | std::to_integer<std::uint32_t>(begin[i]);
  }
  if (whole && version != log_version) {
    return std::unexpected(
        log_error(ErrorCode::unsupported_snapshot, log_magic.size(),
                  fmt::format("expected version {}, found {}", log_version, version)));
  }
  if (!whole || !read_body()) {
    return std::unexpected(
        error_.value_or(malformed(offset_, "unexpected end of the log, in its header")));
  }
  Cursor in(body_, body_begin_);
  LogHeader header = read_header(in);
  expect_end(in);
  if (!in.ok()) return std::unexpected(in.take_error());
  begin_ = offset_;
  return header;
}

Result<std::optional<LogEvent>> LogReader::next() {
  for (;;) {
    if (!read_body()) {
      if (error_) return std::unexpected(*error_);
      is_cut_ = offset_ != begin_;
      return std::nullopt;
    }
    Cursor in(body_, body_begin_);
    const std::uint8_t kind = in.byte();
    if (in.ok() && kind >= first_optional_kind) continue;
    if (kind < static_cast<std::uint8_t>(LogKind::call) ||
        kind > static_cast<std::uint8_t>(LogKind::end)) {
      in.fail(fmt::format("expected a kind of event, found {}", kind),
              kind == 0 ? ErrorCode::malformed_snapshot : ErrorCode::unsupported_snapshot);
    }
    if (!in.ok()) return std::unexpected(in.take_error());
    LogEvent event = read_event(in, static_cast<LogKind>(kind), functions_);
    expect_end(in);
    if (!in.ok()) return std::unexpected(in.take_error());
    return event;
  }
}

}  // namespace fermata::tool
