// The comparison of one pair of runs. Which loops are worth a look says Interest, what two pauses
// must have in common Comparison.
#include "tests/support/frame_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace fermata::test {

namespace {

/// Decides at which loops to pause. A loop is let go once it was looked at some times, and becomes
/// interesting again when a rarer one is reached, as the outer one of two is. So the hot loops run
/// at full speed most of the time, and the runs are looked at in all their length.
class Interest {
 public:
  Interest(std::vector<std::uint32_t> loops, Choices& choices) : choices_(choices) {
    for (const std::uint32_t loop : loops) loops_[loop].looks = first_looks;
  }

  /// The runs are paused at the loop: whether to look at it closely.
  bool look(std::uint32_t loop) {
    State& state = loops_.at(loop);
    ++state.visits;
    for (auto& [other, its] : loops_) {
      if (its.looks == 0 && its.visits > state.visits) renew(its);
    }
    if (state.skips > 0) {
      --state.skips;
      return false;
    }
    if (state.looks > 0) --state.looks;
    return true;
  }

  /// Calls f(loop, whether to pause there).
  template <class F>
  void each(F&& f) const {
    for (const auto& [loop, state] : loops_) f(loop, state.looks > 0);
  }

 private:
  static constexpr std::uint32_t first_looks = 30;

  struct State {
    std::uint64_t visits = 0;
    std::uint32_t skips = 0;  // visits before it is looked at
    std::uint32_t looks = 0;
  };

  void renew(State& state) {
    state.skips = choices_.chance(20) ? choices_.below(100) : choices_.below(4);
    state.looks = 1 + choices_.below(4);
  }

  Choices& choices_;
  std::map<std::uint32_t, State> loops_;
};

using Pause = PausingRun::Pause;

std::string words(const PausingRun& run, std::span<const Value> values) {
  std::string text;
  for (const Value& value : values) text += run.words(value) + ", ";
  return text;
}

std::string describe(const PausingRun& run, const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) {
    text += fmt::format("  function {} at {:#x}\n", frame.function.value, frame.offset);
    if (!frame.at_safe_point) continue;  // what the frame that trapped holds is not promised
    text += fmt::format("    locals {}\n    operands {}\n", words(run, frame.locals),
                        words(run, frame.operands));
  }
  return text;
}

class Comparison {
 public:
  Comparison(PausingRun& reference, PausingRun& other, const Host& host, Choices& choices)
      : runs_{&reference, &other},
        host_(host),
        choices_(choices),
        interest_(common_loops(reference, other), choices) {}

  Compared compare(std::size_t most_loops) {
    while (!ended_ && !found_.difference) step(visits_ < most_loops);
    return std::move(found_);
  }

 private:
  static std::vector<std::uint32_t> common_loops(const PausingRun& a, const PausingRun& b) {
    const auto of_a = a.loops();
    const auto of_b = b.loops();
    std::vector<std::uint32_t> common;
    std::ranges::set_intersection(of_a, of_b, std::back_inserter(common));
    return common;
  }

  void step(bool at_loops) {
    interest_.each([&](std::uint32_t loop, bool interesting) {
      for (PausingRun* const run : runs_) run->set_pause(loop, at_loops && interesting);
    });
    const Pause pause = go_on(0);
    if (go_on(1) != pause) return differ("why they pause", tell_pauses());
    switch (pause) {
      case Pause::loop:
        return at_loop();
      case Pause::host_call:
        return at_host_call();
      case Pause::waiting:
        return at_wait();
      case Pause::trapped:
      case Pause::threw:
      case Pause::finished:
        return at_end(pause);
    }
  }

  Pause go_on(std::size_t i) {
    const Answer answer = std::exchange(answers_[i], {});
    if (answer.thrown) return runs_[i]->throw_exception(*answer.thrown, answer.values);
    return runs_[i]->run(answer.values);
  }

  void at_loop() {
    ++visits_;
    const std::uint32_t loop = runs_[0]->loop();
    if (runs_[1]->loop() != loop) return differ("loops", tell_pauses());
    if (!interest_.look(loop)) return;
    ++found_.loops;
    const auto frames = runs_[0]->frames();
    if (frames.front().offset != loop)
      return differ("loop and frame", {describe(*runs_[0], frames), ""});
    see_frames(frames);
    see_state(choices_.chance(5));
  }

  void at_host_call() {
    see_frames(runs_[0]->frames());
    see("host call", [](const PausingRun& run) {
      return fmt::format("{}: {}", run.host_number(), words(run, run.host_arguments()));
    });
    see_state(true);
    for (std::size_t i = 0; i < 2; ++i) answers_[i] = host_(*runs_[i], found_.host_calls);
    ++found_.host_calls;
  }

  void at_wait() {
    see_frames(runs_[0]->frames());
    see("wait", [](const PausingRun& run) { return fmt::format("{:#x}", run.waits_at()); });
    see_state(false);
  }

  void at_end(Pause pause) {
    ended_ = true;
    if (pause == Pause::threw) {
      see_frames(runs_[0]->frames());
      see("exceptions", [](const PausingRun& run) { return run.exception(); });
    } else if (pause == Pause::trapped) {
      see_frames(runs_[0]->frames());
      see("trap", [](const PausingRun& run) { return std::string(to_string(run.trap())); });
    } else {
      found_.finished = true;
      see("results", [](const PausingRun& run) { return words(run, run.results()); });
    }
    see_state(true);
  }

  void see_frames(const std::vector<Frame>& expected) {
    found_.frames += expected.size();
    const std::string a = describe(*runs_[0], expected);
    const std::string b = describe(*runs_[1], runs_[1]->frames());
    if (a != b) differ("frames", {a, b});
  }

  void see_state(bool memory_too) {
    see("globals", [](const PausingRun& run) { return words(run, run.globals()); });
    see("heaps", [](const PausingRun& run) {
      const HeapUse use = run.heap_use();
      return fmt::format("{} bytes, {} at most, after {} collections", use.bytes, use.peak_bytes,
                         use.collections);
    });
    if (memory_too && !std::ranges::equal(runs_[0]->memory(), runs_[1]->memory())) {
      differ("memory", {"", ""});
    }
  }

  template <class Tell>
  void see(std::string_view what, Tell&& tell) {
    const std::string a = tell(*runs_[0]);
    const std::string b = tell(*runs_[1]);
    if (a != b) differ(what, {a, b});
  }

  std::array<std::string, 2> tell_pauses() const {
    return {describe(*runs_[0], runs_[0]->frames()), describe(*runs_[1], runs_[1]->frames())};
  }

  void differ(std::string_view what, const std::array<std::string, 2>& found) {
    if (found_.difference) return;
    found_.difference =
        fmt::format("{} differ after {} loops and {} host calls\n[reference]\n{}\n[other]\n{}",
                    what, found_.loops, found_.host_calls, found[0], found[1]);
  }

  std::array<PausingRun*, 2> runs_;
  const Host& host_;
  Choices& choices_;
  Interest interest_;
  std::array<Answer, 2> answers_;
  std::size_t visits_ = 0;
  bool ended_ = false;
  Compared found_;
};

}  // namespace

Compared compare_frames(PausingRun& reference, PausingRun& other, const Host& host,
                        Choices& choices, std::size_t most_loops) {
  return Comparison(reference, other, host, choices).compare(most_loops);
}

}  // namespace fermata::test
