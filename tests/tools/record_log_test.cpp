// Logs of runs as bytes: what is written is read again, and what is no log is refused.
#include <algorithm>

#include "tests/support/catch.hpp"
#include "tools/fermata/record/log.hpp"

namespace fermata::test {
namespace {

using namespace fermata::tool;
using Octets = std::vector<std::byte>;

Octets octets(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Gives a few bytes at a time, and counts the largest room that it was offered.
class Source final : public SnapshotSource {
 public:
  explicit Source(Octets bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    largest = std::max(largest, into.size());
    const std::size_t count = std::min({into.size(), bytes_.size() - next_, std::size_t{7}});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
    next_ += count;
    return count;
  }
  std::size_t largest = 0;

 private:
  Octets bytes_;
  std::size_t next_ = 0;
};

LogHeader some_header() {
  LogHeader header;
  header.module = "/somewhere/program.wasm";
  header.hash.fill(0xAB);
  header.features = {"simd", "threads"};
  header.entry = "_start";
  header.arguments = {"-7", "nan:0x200001"};
  header.initialize = 3;
  header.canonical_nan = true;
  header.max_fuel = ~std::uint64_t{0};
  header.max_bytes = 1;
  header.max_stack_bytes = 2;
  header.max_memory_pages = 3;
  header.max_heap_bytes = 4;
  header.max_table_elements = 5;
  return header;
}

std::vector<LogEvent> some_events() {
  LoggedAnswer answer;
  answer.thread = 2;
  answer.results = {Value::i32(-1), Value::i64(-2), Value::f32_bits(0x7fa0'0001), Value::f64(0.5)};
  answer.delay = 1000;
  answer.views = {{64, 5, 99}, {128, 1, ~std::uint64_t{0}}};
  answer.writes = {{65, octets("abc")}};
  answer.outputs = {{1, octets("out")}, {2, octets("err")}};
  answer.spawn = {"wasi_thread_start", {Value::i32(1), Value::i32(2)}};
  LoggedAnswer plain;
  plain.thread = 1;
  return {LoggedCall{2, 100, "m", "f", {Value::i32(1), Value::i64(2)}},
          answer,
          LoggedCall{1, 200, "m", "g", {}},
          plain,
          LoggedCall{2, 300, "m", "f", {Value::i32(3), Value::i64(4)}},
          LoggedPause{2, 400},
          LoggedWait{1, 500},
          LoggedTimeout{1},
          LoggedFinish{1, 600, {"-1", "null"}},
          LoggedTrap{2, 700, "unreachable"},
          LoggedEnd{EndKind::signalled, 700, 15}};
}

/// What the header and each event are, one after the other.
std::vector<Octets> some_pieces() {
  LogWriter writer;
  std::vector<Octets> pieces{LogWriter::bytes_of(some_header())};
  for (const LogEvent& event : some_events()) pieces.push_back(writer.bytes_of(event));
  return pieces;
}

Octets joined(const std::vector<Octets>& pieces) {
  Octets all;
  for (const Octets& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

struct Found {
  std::optional<LogHeader> header;
  std::vector<LogEvent> events;
  std::optional<Error> error;
  bool is_cut = false;
  std::uint64_t end = 0;
};

Found read(const Octets& bytes) {
  Source source(bytes);
  LogReader reader(source);
  Found found;
  auto header = reader.header();
  if (!header) {
    found.error = header.error();
    return found;
  }
  found.header = *std::move(header);
  for (;;) {
    auto event = reader.next();
    if (!event) found.error = event.error();
    if (!event || !*event) break;
    found.events.push_back(**std::move(event));
  }
  found.is_cut = reader.is_cut();
  found.end = reader.offset();
  return found;
}

/// The same bytes are the same log.
Octets written(const Found& found) {
  LogWriter writer;
  Octets all = LogWriter::bytes_of(*found.header);
  for (const LogEvent& event : found.events) {
    const Octets bytes = writer.bytes_of(event);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

TEST_CASE("a log has all that was put into it") {
  const Octets log = joined(some_pieces());
  const Found found = read(log);
  REQUIRE_FALSE(found.error);
  CHECK_FALSE(found.is_cut);
  CHECK(found.end == log.size());
  CHECK(found.header->module == "/somewhere/program.wasm");
  CHECK(found.header->initialize == 3);
  CHECK(found.header->canonical_nan);
  CHECK(found.header->arguments == std::vector<std::string>{"-7", "nan:0x200001"});
  REQUIRE(found.events.size() == some_events().size());
  const auto& again = std::get<LoggedCall>(found.events[4]);
  CHECK(again.module == "m");
  CHECK(again.name == "f");
  CHECK(again.arguments == std::vector{Value::i32(3), Value::i64(4)});
  const auto& answer = std::get<LoggedAnswer>(found.events[1]);
  CHECK(answer.results[2] == Value::f32_bits(0x7fa0'0001));
  CHECK(answer.outputs[1].stream == 2);
  CHECK(answer.outputs[1].bytes == octets("err"));
  REQUIRE(answer.spawn);
  CHECK(answer.spawn->entry == "wasi_thread_start");
  CHECK(written(found) == log);
}

TEST_CASE("a log that is cut off anywhere has its whole events") {
  const auto pieces = some_pieces();
  const Octets log = joined(pieces);
  std::size_t begin = 0;  // of the piece that is cut off
  std::size_t piece = 0;
  for (std::size_t size = 0; size < log.size(); ++size) {
    if (size == begin + pieces[piece].size()) begin += pieces[piece++].size();
    const Found found = read({log.begin(), log.begin() + static_cast<std::ptrdiff_t>(size)});
    if (piece == 0) {
      REQUIRE(found.error);
      CHECK(found.error->phase == Phase::malformed);
      continue;
    }
    REQUIRE_FALSE(found.error);
    CHECK(found.events.size() == piece - 1);
    CHECK(found.is_cut == (size != begin));
    CHECK(found.end == begin);
  }
}

TEST_CASE("a log with a changed byte is another log or is refused with a place") {
  const Octets log = joined(some_pieces());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < log.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets bad = log;
      bad[at] ^= static_cast<std::byte>(1u << bit);
      const Found found = read(bad);
      if (!found.error) continue;
      ++refused;
      REQUIRE(found.error->offset);
      CHECK(*found.error->offset <= log.size());
      CHECK_FALSE(found.error->message.empty());
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("an event that says to be larger than the log takes no memory for that") {
  const Octets header = LogWriter::bytes_of(some_header());
  for (const auto last : {std::byte{0x01}, std::byte{0x7F}}) {
    Octets log = header;
    log.insert(log.end(), 9, std::byte{0xFF});
    log.push_back(last);
    log.push_back(std::byte{1});
    Source source(log);
    LogReader reader(source);
    REQUIRE(reader.header());
    const auto event = reader.next();
    CHECK(event.has_value() == (last == std::byte{1}));  // a number of 64 bits, or one of more
    CHECK(source.largest <= std::size_t{64} << 10);
  }
}

TEST_CASE("of counts and sizes in an event no more is believed than its bytes can hold") {
  const Octets header = LogWriter::bytes_of(some_header());
  // An answer with 2^32 - 1 results, a trap with a text of so many bytes.
  for (const auto& event :
       {Octets{std::byte{7}, std::byte{2}, std::byte{0}, std::byte{0xFF}, std::byte{0xFF},
               std::byte{0xFF}, std::byte{0xFF}, std::byte{0x0F}},
        Octets{std::byte{8}, std::byte{7}, std::byte{0}, std::byte{0}, std::byte{0xFF},
               std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0x0F}}}) {
    const Found found = read(joined({header, event}));
    REQUIRE(found.error);
    CHECK(found.error->message.find("left") != std::string::npos);
  }
}

TEST_CASE("what a call looked at ascends, and has what it has written in it") {
  const auto is_refused = [](std::vector<LoggedView> views, std::vector<LoggedWrite> writes) {
    LoggedAnswer answer;
    answer.views = std::move(views);
    answer.writes = std::move(writes);
    LogWriter writer;
    const Found found =
        read(joined({LogWriter::bytes_of(some_header()), writer.bytes_of(LogEvent(answer))}));
    return found.error &&
           found.error->message.find("expected ranges that ascend") != std::string::npos;
  };
  CHECK_FALSE(is_refused({{8, 4, 1}, {12, 4, 1}},
                         {{8, octets("ab")}, {10, octets("cd")}, {15, octets("e")}}));
  CHECK(is_refused({{8, 4, 1}, {8, 4, 1}}, {}));
  CHECK(is_refused({{8, 4, 1}, {11, 4, 1}}, {}));
  CHECK(is_refused({{12, 4, 1}, {8, 4, 1}}, {}));
  CHECK(is_refused({{8, UINT64_MAX, 1}}, {}));
  CHECK(is_refused({}, {{100, octets("a")}}));
  CHECK(is_refused({{8, 4, 1}}, {{11, octets("ab")}}));
  CHECK(is_refused({{8, 4, 1}}, {{7, octets("a")}}));
  CHECK(is_refused({{8, 4, 1}}, {{9, octets("ab")}, {10, octets("a")}}));
}

TEST_CASE("events that a reader may skip it skips, and others it refuses") {
  const Octets header = LogWriter::bytes_of(some_header());
  LogWriter writer;
  const Octets end = writer.bytes_of(LoggedEnd{EndKind::exited, 5, 3});
  const Found skipped = read(joined({header, {std::byte{2}, std::byte{128}, std::byte{9}}, end}));
  REQUIRE_FALSE(skipped.error);
  REQUIRE(skipped.events.size() == 1);
  CHECK(std::get<LoggedEnd>(skipped.events[0]).number == 3);
  const Found refused = read(joined({header, {std::byte{2}, std::byte{9}, std::byte{9}}, end}));
  REQUIRE(refused.error);
  CHECK(refused.error->code == ErrorCode::unsupported_snapshot);
  Octets later = header;
  later[4] = std::byte{2};
  CHECK(read(later).error->message == "expected version 1, found 2");
}

}  // namespace
}  // namespace fermata::test
