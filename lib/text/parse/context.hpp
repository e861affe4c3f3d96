// Context: all that parsing one module knows, shared by the parsers of types, fields and
// instructions.
//
// Owns the identifier context (specification: "Text Format / Conventions / Contexts"), the module
// being built and the implicit types. The parsers are free functions over it, one file per chapter
// of the specification.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fermata/features.hpp"
#include "lib/binary/byte_writer.hpp"
#include "lib/keyed_hash.hpp"
#include "lib/module/module_data.hpp"
#include "lib/text/labels.hpp"
#include "lib/text/lex/cursor.hpp"

namespace fermata::text {

/// One index space: the identifiers bound in it and how many indices are given out.
struct IdSpace {
  KeyedMap<std::string_view, std::uint32_t> ids;
  std::uint32_t count = 0;
};

/// The annotations that belong to the module, and which of them were used.
struct PendingAnnotation {
  Annotation annotation;
  bool used = false;
};

/// A branch hint: at `offset` in the function's body, for the instruction there.
struct BranchHint {
  std::uint32_t offset = 0;
  std::uint8_t value = 0;
};
struct FunctionHints {
  FuncIdx function;
  std::uint32_t local_bytes = 0;  // of the encoded locals, which hints count from
  std::vector<BranchHint> hints;
};

struct Context {
  Context(const TokenStream& tokens, std::uint32_t first, Features enabled)
      : stream(tokens), cursor(tokens, first), features(enabled) {}

  const TokenStream& stream;
  Cursor cursor;
  Features features;
  ModuleData module;

  IdSpace types, funcs, tables, memories, globals, tags, elems, datas;
  IdSpace locals;                                     // of the function being parsed
  std::unordered_map<std::uint32_t, IdSpace> fields;  // by type
  std::deque<std::string> unquoted;                   // what ids written as strings stand for
  /// The smallest index of each singular final function type, by its encoding.
  KeyedMap<std::string, std::uint32_t> func_types;
  bool uses_data = false;  // an instruction names a data segment

  std::vector<PendingAnnotation> names;         // (@name ...), ascending
  std::vector<PendingAnnotation> branch_hints;  // (@metadata.code.branch_hint ...), ascending
  std::vector<FunctionHints> hints;

  // The function whose body is being parsed; nothing in a constant expression.
  std::optional<FuncIdx> function;
  std::uint32_t body_begin = 0;
  std::uint32_t next_label = 0;  // in the order of the blocks' opcodes
  Labels labels;

  [[nodiscard]] Bytes& code() { return module.bytes; }
  [[nodiscard]] std::uint32_t here() const {
    return static_cast<std::uint32_t>(module.bytes.size());
  }
};

// --- identifiers and indices ---------------------------------------------------------------------

/// What an id stands for, without `$` and quotes. Fails when it is not valid UTF-8.
[[nodiscard]] std::string_view id_text(Context& c, Token id);

/// Gives out the next index of a space; binds the id to it if one follows. `what` names the space.
/// Not `bind`: with a literal as `what`, std::bind would be the better match.
std::uint32_t bind_next(Context& c, IdSpace& space, Names::Map& names, std::string_view what);
/// Binds `id` to `index`; fails when it is bound already.
void bind_id(Context& c, IdSpace& space, Token id, std::uint32_t index, std::string_view what);

/// The next token as an index of the space: a number, or an id bound in it.
[[nodiscard]] std::uint32_t parse_index(Context& c, const IdSpace& space, std::string_view what);
/// The same when an index follows, else 0.
[[nodiscard]] std::uint32_t parse_optional_index(Context& c, const IdSpace& space,
                                                 std::string_view what);

[[nodiscard]] std::uint32_t parse_u32(Context& c);
[[nodiscard]] std::uint64_t parse_u64(Context& c);
/// The value of a nat token, which may be a part of one (`offset=1`). Fails when out of range.
[[nodiscard]] std::uint64_t nat_value(Context& c, Token token, std::string_view digits,
                                      unsigned bits);
/// A string that must be a name, that is valid UTF-8.
[[nodiscard]] std::string parse_name(Context& c);
/// Any number of strings, appended to the module's bytes.
[[nodiscard]] ByteRange parse_data_string(Context& c);

}  // namespace fermata::text
