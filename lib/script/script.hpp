// Script: a WebAssembly test script (.wast), parsed.
//
// Owns the commands as written, each with its line. Modules in it are parsed only when asked for,
// so that one this build cannot read does not take the rest of the script with it. Knows nothing of
// how commands are run. Format: the reference interpreter's README, "Scripts"; threads proposal.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "fermata/types.hpp"
#include "lib/module/module_data.hpp"
#include "lib/text/parse/module_parser.hpp"

namespace fermata::text {

class ScriptParser;
struct ScriptSource;  // the text and its tokens, shared by the modules in it

// --- modules
// --------------------------------------------------------------------------------------

/// `(module ...)` in any of its forms.
class ScriptModule {
 public:
  enum class Form : std::uint8_t { text, binary, quote };

  Form form{};
  bool is_definition = false;     ///< `(module definition ...)`: not to be instantiated
  std::optional<std::string> id;  ///< without `$`
  std::string bytes;              ///< of `binary`: the module; of `quote`: its source
  std::uint32_t line = 0;

  /// The module of a text or quoted form. Positions in errors are those of the script, or of the
  /// quoted text. Precondition: the form is not `binary`.
  [[nodiscard]] Result<ModuleData> parse(Features features) const;
  /// The text of the module as written: of a text form in the script, of a quoted one in it.
  [[nodiscard]] std::string_view source() const;

 private:
  friend class ScriptParser;
  std::shared_ptr<const ScriptSource> script_;
  std::uint32_t first_token_ = 0;
  std::uint32_t last_token_ = 0;
  Extent extent_ = Extent::one_form;
};

/// `(module instance $instance? $module?)`: nothing for the module means the latest one.
struct ScriptInstance {
  std::optional<std::string> instance;
  std::optional<std::string> module;
};

// --- values
// ---------------------------------------------------------------------------------------

enum class LaneShape : std::uint8_t { i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 };

/// A number by its bits.
struct NumLiteral {
  ValKind kind{};
  std::uint64_t bits = 0;
};
struct VecLiteral {
  LaneShape shape{};
  std::array<std::uint8_t, 16> bytes{};
};
/// `(ref.null heap_type)`. A concrete type is one of the module that is acted on.
struct NullLiteral {
  HeapType type;
};
/// `(ref.extern n)`: a host reference, of type externref.
struct ExternLiteral {
  std::uint32_t value = 0;
};
/// `(ref.host n)`: a host reference internalized, of type anyref.
struct HostLiteral {
  std::uint32_t value = 0;
};
/// An argument.
using Literal = std::variant<NumLiteral, VecLiteral, NullLiteral, ExternLiteral, HostLiteral>;

enum class NanPattern : std::uint8_t {
  none,        ///< exactly these bits
  canonical,   ///< a canonical NaN of either sign
  arithmetic,  ///< a NaN whose payload has its top bit set
};

struct NumPattern {
  NumLiteral value;
  NanPattern nan = NanPattern::none;
};
struct VecPattern {
  VecLiteral value;
  std::array<NanPattern, 4> nans{};  ///< by lane, for float shapes
};
/// Null of any type, `(ref.null)`, or of one.
struct NullPattern {
  std::optional<HeapType> type;
};
/// Any non-null reference of this type: `(ref.func)`, `(ref.extern)`, `(ref.i31)`; `(ref)` is any.
struct RefTypePattern {
  HeapKind type = HeapKind::any;
};
struct EitherPattern;
/// An expected result.
using Pattern = std::variant<NumPattern, VecPattern, NullPattern, RefTypePattern, ExternLiteral,
                             HostLiteral, EitherPattern>;
/// Any one of these.
struct EitherPattern {
  std::vector<Pattern> alternatives;
};

// --- commands
// -------------------------------------------------------------------------------------

struct Action {
  enum class Kind : std::uint8_t { invoke, get } kind{};
  std::optional<std::string> instance;  ///< nothing: the latest one
  std::string name;
  std::vector<Literal> arguments;
};

struct Register {
  std::string name;
  std::optional<std::string> instance;
};

struct AssertReturn {
  Action action;
  std::vector<Pattern> results;
};
struct AssertTrap {
  Action action;
  std::string message;
};
struct AssertExhaustion {
  Action action;
  std::string message;
};
struct AssertException {
  Action action;
};

/// An assertion that a module fails.
struct AssertModule {
  enum class Kind : std::uint8_t {
    malformed,
    malformed_custom,
    invalid,
    invalid_custom,
    unlinkable,
    trap,  ///< when it is instantiated
  };
  Kind kind{};
  std::variant<ScriptModule, ScriptInstance> module;  ///< an instance for unlinkable and trap only
  std::string message;
};

struct Command;
/// `(thread $id (shared (module $module))* command*)`: runs beside what follows it.
struct StartThread {
  std::string id;
  std::vector<std::string> shared;
  std::vector<Command> commands;
};
struct WaitThread {
  std::string id;
};

struct Command {
  std::uint32_t line = 0;
  std::variant<ScriptModule, ScriptInstance, Register, Action, AssertReturn, AssertTrap,
               AssertExhaustion, AssertException, AssertModule, StartThread, WaitThread>
      what;
};

struct Script {
  std::vector<Command> commands;
};

/// Parses a script; nested `(script ...)` commands are put in place. A source that is a module's
/// fields alone is a script of this module. Errors: `malformed_text`, with line and column;
/// `implementation_limit`.
[[nodiscard]] Result<Script> parse_script(std::string source);

}  // namespace fermata::text
