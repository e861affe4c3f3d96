// Logs played without a command: made by hand, with every answer in the hand of the test.
#include "tools/fermata/record/player.hpp"

#include <algorithm>
#include <random>

#include "fermata/text.hpp"
#include "tests/support/catch.hpp"

namespace fermata::test {
namespace {

using namespace fermata::tool;
using Octets = std::vector<std::byte>;

class Source final : public SnapshotSource {
 public:
  explicit Source(const Octets& bytes) : left_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), count, into.begin());
    left_ = left_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> left_;
};

/// Asks twice, adds what it was told and what was written at 8; a second thread waits at an address
/// until its time is over.
Module guest() {
  return parse_text(R"((module
    (import "m" "ask" (func $ask (param i32) (result i32)))
    (import "env" "memory" (memory 1 1 shared))
    (export "memory" (memory 0))
    (func (export "wait") (param i32 i32)
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1000))))
    (func (export "_start") (result i32)
      (i32.add (i32.add (call $ask (i32.const 1)) (call $ask (i32.const 2)))
               (i32.load (i32.const 8))))))")
      .value();
}

Process created(const Module& module) {
  ProcessOptions options;
  options.execution.metering = true;
  options.execution.max_memory_pages = 16;
  options.allow_reexported_memory = true;
  return Process::create(module, Player::resolver(), options).value();
}

std::uint64_t hash_of(std::string_view text) { return log_hash(std::as_bytes(std::span(text))); }

LoggedAnswer answer(std::int32_t result) {
  LoggedAnswer event;
  event.results = {Value::i32(result)};
  return event;
}

/// A whole run. All of `_start` is one block, of 8 units, and `wait` one of 5.
std::vector<LogEvent> whole_run() {
  LoggedAnswer first = answer(10);
  first.views = {{8, 4, hash_of(std::string_view("\0\0\0\0", 4))}};
  first.writes = {{8, {std::byte{7}}}};
  first.outputs = {{1, {std::byte{'x'}}}};
  first.spawn = {"wait", {Value::i32(1), Value::i32(2)}};
  return {LoggedPause{0, 0},
          LoggedCall{0, 8, "m", "ask", {Value::i32(1)}},
          first,
          LoggedWait{1, 13},
          LoggedCall{0, 13, "m", "ask", {Value::i32(2)}},
          LoggedTimeout{1},
          LoggedFinish{1, 13, {}},
          answer(20),
          LoggedFinish{0, 13, {"37"}},
          LoggedEnd{EndKind::returned, 13, 0}};
}

Octets log_of(const std::vector<LogEvent>& events) {
  LogWriter writer;
  Octets log = LogWriter::bytes_of(LogHeader());
  for (const LogEvent& event : events) {
    const Octets bytes = writer.bytes_of(event);
    log.insert(log.end(), bytes.begin(), bytes.end());
  }
  return log;
}

struct Game {
  Result<Played> played = std::unexpected(Error());
  std::string output;
  std::vector<std::string> calls;
};

Game play(const Octets& log, std::uint64_t to = FuelRef::unlimited) {
  static const Module module = guest();
  Process process = created(module);
  Source source(log);
  LogReader reader(source);
  Game game;
  if (const auto header = reader.header(); !header) {
    game.played = std::unexpected(header.error());
    return game;
  }
  PlayerOptions options;
  options.to = to;
  options.output = [&](const LoggedOutput& output) {
    for (const std::byte byte : output.bytes) game.output += static_cast<char>(byte);
  };
  options.call = [&](std::string_view line) { game.calls.emplace_back(line); };
  Player player(process, reader, options);
  game.played = player.play(std::nullopt);
  return game;
}

std::string divergence(const std::vector<LogEvent>& events) {
  const auto played = play(log_of(events)).played;
  if (!played) return to_string(played.error());
  const auto* diverged = std::get_if<Diverged>(&*played);
  return diverged == nullptr ? "does not diverge" : diverged->message;
}

TEST_CASE("a log is played to its end, with what the host wrote and the threads that it started") {
  const Game game = play(log_of(whole_run()));
  INFO(divergence(whole_run()));
  REQUIRE(game.played);
  const auto* ending = std::get_if<Ending>(&*game.played);
  REQUIRE(ending != nullptr);
  CHECK(std::get<Returned>(*ending).results == std::vector{Value::i32(37)});
  CHECK(game.output == "x");
  CHECK(game.calls == std::vector<std::string>{"call 1 of thread 0 at fuel 8: m.ask(1) = 10",
                                               "call 2 of thread 0 at fuel 13: m.ask(2) = 20"});
}

TEST_CASE("a player stops at the first safe point with so much fuel, or says that there is none") {
  CHECK(std::holds_alternative<Reached>(play(log_of(whole_run()), 0).played.value()));
  const auto played = play(log_of(whole_run()), 8).played.value();
  REQUIRE(std::holds_alternative<Reached>(played));  // where the second thread begins
  CHECK(std::get<Reached>(played).thread.id() == 1);
  CHECK(std::holds_alternative<Ending>(play(log_of(whole_run()), 9).played.value()));
}

TEST_CASE("a run can end in a call that nothing answers, and nowhere else") {
  auto events = whole_run();
  events.resize(2);
  events.push_back(LoggedEnd{EndKind::called_unknown, 8, 0});
  const auto played = play(log_of(events)).played.value();
  const auto* ending = std::get_if<Ending>(&played);
  REQUIRE(ending != nullptr);
  CHECK(std::get<CalledUnknownAt>(*ending).import == "\"m\".\"ask\"");
  events.erase(events.begin() + 1);
  events.back() = LoggedEnd{EndKind::called_unknown, 0, 0};
  CHECK(divergence(events) ==
        "after call 0 (fuel 0): the log has the end by a call that nothing answers at fuel 0, the "
        "program is not there");
}

TEST_CASE("a log that ends early is played as far as it goes") {
  auto events = whole_run();
  events.resize(5);
  const auto played = play(log_of(events)).played.value();
  REQUIRE(std::holds_alternative<LogEnds>(played));
  CHECK(std::get<LogEnds>(played).thread->id() == 0);
  CHECK_FALSE(std::get<LogEnds>(play(log_of({})).played.value()).thread);
}

TEST_CASE("what is not as the log has it is named with its place") {
  auto events = whole_run();
  std::get<LoggedAnswer>(events[7]).results = {Value::i32(21)};
  CHECK(divergence(events) ==
        "after call 2 (fuel 13): the log has the end of thread 0 at fuel 13, which gives 37, the "
        "program gives 38");
  events = whole_run();
  std::get<LoggedCall>(events[4]).arguments = {Value::i32(3)};
  CHECK(divergence(events) ==
        "after call 1 (fuel 13): the log has call 2 of thread 0, m.ask(3) at fuel 13, the program "
        "called m.ask(2) at fuel 13");
  events = whole_run();
  std::get<LoggedAnswer>(events[2]).views[0].hash = 1;
  CHECK(divergence(events) ==
        "at call 1 (fuel 8): m.ask(1) is given 4 bytes at 0x8 that are not those of the log");
  events = whole_run();
  std::get<LoggedPause>(events[0]).fuel = 3;
  CHECK(divergence(events) ==
        "after call 0 (fuel 8): the log has a pause of thread 0 at fuel 3, the program called "
        "m.ask(1) at fuel 8");
  events = whole_run();
  std::get<LoggedAnswer>(events[2]).spawn->entry = "none";
  CHECK(divergence(events).starts_with("at call 1: the log has a new thread, here it fails: "));
  events = whole_run();
  std::get<LoggedEnd>(events[9]).fuel = 14;
  CHECK(divergence(events) ==
        "after call 2 (fuel 13): the log has the end of the main thread at fuel 14, the program is "
        "not there");
}

TEST_CASE("whatever the bytes of a log are, they are played, refused, or diverge") {
  const Octets log = log_of(whole_run());
  const std::size_t begin = LogWriter::bytes_of(LogHeader()).size();
  std::mt19937 random(1);
  std::size_t kinds[3] = {};
  for (int i = 0; i < 20'000; ++i) {
    Octets bad = log;
    for (auto changes = random() % 3 + 1; changes != 0; --changes) {
      bad[begin + random() % (bad.size() - begin)] = static_cast<std::byte>(random());
    }
    if (random() % 4 == 0) bad.resize(begin + random() % (bad.size() - begin));
    const auto to = random() % 4 == 0 ? random() % 20 : FuelRef::unlimited;
    const auto played = play(bad, to).played;
    ++kinds[!played ? 0 : std::holds_alternative<Diverged>(*played) ? 1 : 2];
  }
  CHECK(*std::ranges::min_element(kinds) > 100);
}

}  // namespace
}  // namespace fermata::test
