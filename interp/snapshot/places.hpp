// Places: the sites of a snapshot, found in register code.
//
// Owns the judgement of what a site says of its function (locals, operands), and what a frame that
// stands there must be like. One lowering answers for all sites of a function. What the verdict is
// does not depend on how the process is going to be run: it is that of the standard lowering.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "interp/lower/lowerer.hpp"
#include "interp/process/process_impl.hpp"
#include "interp/snapshot/format.hpp"
#include "interp/snapshot/initialised_locals.hpp"
#include "interp/snapshot/input.hpp"

namespace fermata::snapshot {

/// What the instruction at a site is.
enum class SiteOp : std::uint8_t { other, call, tail_call, wait32, wait64 };

class Places {
 public:
  struct Function {
    FuncIdx index{};
    const FuncCode* code = nullptr;
    const Word* entry = nullptr;
    FrameLayout layout;
    std::unique_ptr<InitialisedLocals> initialised;
  };
  struct Place {
    std::uint32_t function = 0;
    SiteKind kind{};
    SiteOp op{};
    std::uint32_t offset = 0;
    const Word* pc = nullptr;
    std::uint32_t caught = 0;       ///< exceptions that must be there
    std::optional<TypeIdx> callee;  ///< of a call: the type that it expects
    std::optional<FuncIdx> direct;  ///< of a call that names an imported function
    std::vector<Operand> operands;  ///< where they are in the code that will run
    std::vector<Operand> standard;  ///< and in the standard lowering, if that is another
    /// The instruction's first word, of a call or a wait.
    [[nodiscard]] Word instruction() const {
      return pc[-(op == SiteOp::wait32 || op == SiteOp::wait64 ? 3 : int{call_words})];
    }
  };

  Places(Input& in, Instance& instance, Budget& budget);

  /// Reads the section.
  void read();
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(places_.size()); }
  [[nodiscard]] const Place& operator[](std::uint32_t site) const { return places_[site]; }
  [[nodiscard]] const Function& function(const Place& place) const {
    return functions_[place.function];
  }

 private:
  void read_function();
  void read_local_types(const FrameLayout& layout);
  void read_site(Place& place, std::vector<std::uint8_t>& operands);
  void locate(std::size_t first, std::span<const std::vector<std::uint8_t>> operands);
  void locate_one(Place& place, Standing& standing, const std::vector<std::uint8_t>& operands);
  void look_at_instruction(Place& place) const;

  Input& in_;
  Instance& instance_;
  const ModuleImpl& module_;
  Budget& budget_;
  Lowerer lowerer_;
  std::optional<Lowerer> standard_;  // unless that is the lowerer
  std::vector<Function> functions_;
  std::vector<Place> places_;
};

}  // namespace fermata::snapshot
