// The annotations that mean something: (@custom ...), (@name ...) and branch hints.
//
// Owns their grammar and what they add to a module. Knows nothing of the fields they stand in but
// the ranges of their tokens. Specification: "Appendix / Custom Sections and Annotations".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/text/parse/context.hpp"

namespace fermata::text {

/// Tokens [first, last] of the stream: a field from its `(` to its `)`, or a whole module.
struct TokenRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

struct PlacedCustom {
  CustomSection section;
  unsigned place = 0;     // position in the order of sections
  std::size_t order = 0;  // among those of one place
};

/// Sorts the annotations within `module` to where the parsers look for them, and returns the custom
/// sections among them. `fields` are the module's, ascending.
[[nodiscard]] std::vector<PlacedCustom> collect_annotations(Context& c, TokenRange module,
                                                            std::span<const TokenRange> fields);

/// The name in a (@name ...) just before the next token, if there is one.
[[nodiscard]] std::optional<std::string> take_name_annotation(Context& c, std::string_view what);

/// The branch hint just before token `position`, if there is one.
[[nodiscard]] std::optional<std::uint8_t> take_branch_hint(Context& c, std::uint32_t position);

/// Fails when an annotation stood where it means nothing.
void check_annotations_used(Context& c, std::span<const TokenRange> fields);

/// Appends the custom sections to the finished module, branch hints included, in their order.
void add_custom_sections(Context& c, std::vector<PlacedCustom> customs);

}  // namespace fermata::text
