// Snapshots: the same state, the same bytes; and a process restored from them goes on as the other
// would have.
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

TEST_CASE("at every pause the snapshot is the same in every mode, and what it becomes") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      std::vector<Process> processes;
      std::vector<Player> players;
      for (const ExecutionOptions& mode : modes()) processes.push_back(created(module, mode));
      for (Process& process : processes) players.emplace_back(process, 0);
      for (bool more = true; more;) {
        INFO("pause " << players[0].pause());
        const Snapshot snapshot = ok(processes[0].snapshot());
        for (std::size_t i = 0; i < processes.size(); ++i) {
          INFO("mode " << i);
          REQUIRE(players[i].state() == players[0].state());
          REQUIRE(players[i].story() == players[0].story());
          REQUIRE(ok(processes[i].snapshot()) == snapshot);
          Process again = restored(module, snapshot, modes()[i]);
          REQUIRE(ok(again.snapshot()) == snapshot);
          REQUIRE(Player(again, 0).state() == players[0].state());
        }
        more = false;
        for (Player& player : players) more |= player.step();
      }
    }
  }
}

TEST_CASE("a restored process goes on as the one that was saved, in another mode") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      std::vector<std::pair<Snapshot, std::size_t>> pauses;  // with the story's length there
      Process process = created(module);
      Player player(process, 0);
      do {
        pauses.emplace_back(ok(process.snapshot()), player.story().size());
      } while (player.step());
      for (std::size_t pause = 0; pause < pauses.size(); ++pause) {
        INFO("pause " << pause);
        const auto& [snapshot, told] = pauses[pause];
        Process again = restored(module, snapshot, modes()[pause % modes().size()], 100);
        Player goes_on(again, 100, pause);
        while (goes_on.step()) {
        }
        const std::vector<std::string> rest(
            player.story().begin() + static_cast<std::ptrdiff_t>(told), player.story().end());
        REQUIRE(goes_on.story() == rest);
        REQUIRE(goes_on.state() == player.state());
        REQUIRE(ok(again.snapshot()) == pauses.back().first);
      }
    }
  }
}

TEST_CASE("threads keep their places in a line, and who was woken its result") {
  const Module module = module_of(R"((module
    (import "env" "memory" (memory 1 1 shared))
    (export "memory" (memory 0))
    (func (export "work") (param i32) (result i32)
      (i32.add (local.get 0)
        (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 1000))))
    (func (export "_start"))))");
  for (const ExecutionOptions& mode : modes()) {
    Process process = created(module, modes()[0]);
    for (int i = 1; i <= 5; ++i) {
      static_cast<void>(ok(process.start_thread("work", Values{Value::i32(10 * i)})));
    }
    for (const ThreadId id : {3u, 1u, 5u, 4u, 2u}) {
      CHECK(std::get<Waiting>(run(process.thread(id))).timeout == 1000);
    }
    CHECK(process.memory()->notify(8, 1) == 1);
    ok(process.thread(5).time_out());
    const Snapshot snapshot = ok(process.snapshot());
    Process again = restored(module, snapshot, mode);
    CHECK(ok(again.snapshot()) == snapshot);
    CHECK(expect_finish(again.thread(3)) == Values{Value::i32(30)});
    CHECK(expect_finish(again.thread(5)) == Values{Value::i32(52)});
    for (const ThreadId id : {1u, 4u, 2u}) {
      CHECK(run_error(again.thread(id)) == ErrorCode::still_waiting);
      CHECK(again.memory()->notify(8, 1) == 1);
      CHECK(expect_finish(again.thread(id)) == Values{Value::i32(10 * static_cast<int>(id))});
    }
    CHECK(again.memory()->notify(8, 1) == 0);
  }
}
