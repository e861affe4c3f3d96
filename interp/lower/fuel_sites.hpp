// FuelSites: where register code charges fuel, and how much.
//
// docs/fuel.md says what a block of WebAssembly costs when it is entered. Instructions that charge
// cost a dispatch each, so there are fewer of them than blocks: a *site* charges for all blocks
// that are executed if no forward branch is taken, up to the next site. Who does take such a branch
// goes through a *stub*, which stands behind the function's end and sets right what the site has
// charged for blocks that are left out. Wherever the count can be seen (at calls, loops, waits and
// at the function's end) it is the one of docs/fuel.md; only a trap may find too much charged, and
// `ahead` says how much.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/lower/emitter.hpp"

namespace fermata {

/// A place in a function: so much of what its site charges for has been executed.
struct FuelPoint {
  std::uint32_t site = UINT32_MAX;  // none
  std::uint32_t executed = 0;
};

class FuelSites {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  /// A label that forward branches go to.
  using Join = std::uint32_t;

  explicit FuelSites(Emitter& emitter) : emitter_(emitter) {}
  /// Begins a function; nothing is charged in it unless it is metered.
  void begin_function(bool metered);
  [[nodiscard]] bool metered() const { return metered_; }

  /// The next instruction charges for what follows, less what was charged ahead at `from`, from
  /// where alone it is reached.
  void begin_site(Op op, FuelPoint from = {});
  /// The same without an instruction: whoever comes here, all by branches to a label, charges for
  /// it.
  void begin_site_of_branches();
  /// The instructions of the current site go on with one that costs so much.
  void count(std::uint32_t cost) { executed() += cost; }
  [[nodiscard]] FuelPoint here() const { return here_; }

  /// An instruction at which the count can be seen: what has been charged then must be no more than
  /// its block.
  void note_pause();
  /// Where a block ends and the next follows: whether that needs a site of its own.
  [[nodiscard]] bool must_close() const { return block_pauses_; }

  [[nodiscard]] Join new_join();
  /// The label is at the next instruction, and the current site goes on there, unless that
  /// instruction begins one.
  void land(Join join, bool goes_on);
  /// Makes branches that leave the current site at `from` go to the label through a stub.
  void add_stub(PatchList branches, FuelPoint from, Join to);
  /// The instruction emitted last (Op::charge_br) also charges what is right at the label, `none`
  /// for one where nothing is charged ahead.
  void charge_on_branch(std::uint32_t at, Join to);
  /// The current site ends with a branch that charges. If nothing pauses in it and only branches
  /// come to its begin, that is the one to charge for it all.
  void charge_at_end();
  [[nodiscard]] bool charges_at_end() const {
    return metered_ && sites_[here_.site].charged_at_end;
  }
  /// Sets right what was charged ahead, before the function is left here.
  void give_back();

  /// Emits the stubs and fills in all amounts. The last thing to do in a function.
  void finish();
  /// How much has been charged for what follows the point. Precondition: `finish` was called.
  [[nodiscard]] std::int64_t ahead(FuelPoint point) const;

 private:
  struct Site {
    std::uint32_t at = none;  // its instruction
    std::uint32_t executed = 0;
    FuelPoint from;
    bool pauses = false;
    bool charged_at_end = false;
  };
  struct Label {
    std::uint32_t at = 0;
    FuelPoint point;
  };
  struct Stub {
    PatchList branches;
    FuelPoint from;
    Join to;
  };
  /// A Op::charge_br or Op::charge outside of sites.
  struct Edge {
    std::uint32_t at;
    FuelPoint from;
    Join to;
  };
  [[nodiscard]] std::uint32_t& executed() { return here_.executed; }
  void open(std::uint32_t at, FuelPoint from);
  void close();
  void emit_stub(Stub& stub);
  [[nodiscard]] std::int64_t amount(FuelPoint from, Join to) const;

  Emitter& emitter_;
  bool metered_ = false;
  bool block_pauses_ = false;
  FuelPoint here_;
  std::vector<Site> sites_;
  std::vector<Label> labels_;
  std::vector<Stub> stubs_;
  std::vector<Edge> edges_;
};

}  // namespace fermata
