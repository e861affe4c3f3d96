// HandlerTable: which exceptions a function catches, and where it goes on then.
//
// Made with the function's register code, if that has any try_table or try; running costs nothing
// for it. Whoever unwinds asks it for the word at which a frame stands. Specification: "Execution /
// Instructions / Exception Handling", and the proposal before 3.0.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/module/module_impl.hpp"

namespace fermata {

struct HandlerTable {
  static constexpr std::uint32_t none = UINT32_MAX;

  /// One catch clause.
  struct Clause {
    bool has_tag = false;      ///< else it catches all
    bool has_ref = false;      ///< it takes a reference to the exception as well
    TagIdx tag{};              ///< of the module
    std::uint32_t target = 0;  ///< where the code goes on
    std::uint32_t slot = 0;    ///< of the first value, in the frame; with a tag
    std::uint32_t ref_slot = 0;
    std::uint32_t next = none;  ///< of the same region
    std::uint32_t next_of_label =
        none;  ///< while lowering: the next that goes on at the same label
  };
  /// The inside of one try_table, or of a try before its first catch.
  struct Region {
    std::uint32_t outer = none;  ///< the region that is asked next: around it, or delegated to
    std::uint32_t first_clause = none;
    std::uint32_t last_clause = none;
    std::uint32_t clauses = 0;
  };
  /// From this word on the code lies in this region, or in none.
  struct Change {
    std::uint32_t word = 0;
    std::uint32_t region = none;
  };

  std::vector<Region> regions;
  std::vector<Clause> clauses;
  std::vector<Change> changes;  ///< ascending; of several at one word the last one counts

  /// What it takes of the host.
  [[nodiscard]] std::uint64_t bytes() const {
    return std::uint64_t{regions.size()} * sizeof(Region) + clauses.size() * sizeof(Clause) +
           changes.size() * sizeof(Change);
  }
  /// The innermost region around the word, or `none`.
  [[nodiscard]] std::uint32_t region_at(std::uint32_t word) const;
};

}  // namespace fermata
