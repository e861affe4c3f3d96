// Sites: where the frames of a process's threads stand, each place once.
//
// Owns the questions to the lowering, one lowering for each function that has frames, and the
// numbers of the places. Knows nothing of what is done with a frame.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "interp/exec/frame_walker.hpp"
#include "interp/lower/lowerer.hpp"
#include "interp/process/process_impl.hpp"
#include "interp/snapshot/format.hpp"
#include "interp/snapshot/output.hpp"

namespace fermata::snapshot {

class Sites {
 public:
  struct Function {
    FuncIdx index{};
    FrameLayout layout;
    std::uint32_t sites = 0;  ///< how many of them are its
  };
  struct Site {
    std::uint32_t function = 0;  ///< number of it
    SiteKind kind{};
    std::uint32_t offset = 0;
    std::vector<Operand> operands;
  };
  struct Frame {
    std::uint32_t site = 0;
    Instance* instance = nullptr;
    const Slot* fp = nullptr;
  };

  /// Of all threads that have begun.
  explicit Sites(const ThreadGroup& threads);

  [[nodiscard]] const Site& site(std::uint32_t number) const { return sites_[number]; }
  [[nodiscard]] const Function& function(const Site& site) const {
    return functions_[site.function];
  }
  /// A thread's frames, outermost first.
  [[nodiscard]] std::vector<Frame> frames(const GuestThread& thread);
  void write(Output& out) const;

 private:
  /// A question to the lowering of one function.
  struct Asked {
    std::uint32_t function = 0;
    Query query;
    friend auto operator<=>(const Asked&, const Asked&) = default;
  };
  [[nodiscard]] Asked asked(const GuestThread& thread, FrameWalker::SiteId id) const;
  void ask(const GuestThread& thread);
  void explain(Lowerer& lowerer, std::span<const Asked> of_function);
  void take(std::span<const Asked> asked, std::vector<Answer> answers);
  [[nodiscard]] std::uint32_t number(const Asked& asked) const;

  FrameWalker walker_;
  std::vector<Asked> asked_;            // ascending
  std::vector<std::uint32_t> numbers_;  // of the sites, one for each that was asked
  std::vector<bool> is_asked_;          // by the walker's sites
  std::vector<std::uint32_t> by_call_;  // site by the walker's
  std::vector<Function> functions_;
  std::vector<Site> sites_;
};

}  // namespace fermata::snapshot
