// See json_script.hpp.
#include "tools/fermata/wast/json_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/fermata/input.hpp"

namespace fermata::tool::wast {
namespace {

using namespace text;
using Json = nlohmann::json;

// --- JSON
// -----------------------------------------------------------------------------------------

const std::string& string_of(const Json& json) {
  static const std::string none;
  const auto* string = json.get_ptr<const std::string*>();
  return string != nullptr ? *string : none;
}

/// A null where there is no such member.
const Json& member(const Json& json, const char* key) {
  static const Json none;
  const auto found = json.find(key);
  return found != json.end() ? *found : none;
}

const std::string& string_member(const Json& json, const char* key) {
  return string_of(member(json, key));
}

/// "$name" of an instance or a module.
std::optional<std::string> id_member(const Json& json, const char* key) {
  const std::string& id = string_member(json, key);
  if (!id.starts_with('$')) return std::nullopt;
  return id.substr(1);
}

template <class T, std::size_t N>
using Words = std::array<std::pair<std::string_view, T>, N>;

template <class T, std::size_t N>
std::optional<T> find(const Words<T, N>& words, std::string_view word) {
  const auto it = std::ranges::find(words, word, &std::pair<std::string_view, T>::first);
  return it == words.end() ? std::nullopt : std::optional{it->second};
}

constexpr Words<ValKind, 4> number_types = {
    {{"i32", ValKind::i32}, {"i64", ValKind::i64}, {"f32", ValKind::f32}, {"f64", ValKind::f64}}};

constexpr Words<LaneShape, 6> lane_types = {{{"i8", LaneShape::i8x16},
                                             {"i16", LaneShape::i16x8},
                                             {"i32", LaneShape::i32x4},
                                             {"i64", LaneShape::i64x2},
                                             {"f32", LaneShape::f32x4},
                                             {"f64", LaneShape::f64x2}}};

constexpr Words<HeapKind, 12> reference_types = {{{"funcref", HeapKind::func},
                                                  {"externref", HeapKind::extern_},
                                                  {"exnref", HeapKind::exn},
                                                  {"anyref", HeapKind::any},
                                                  {"eqref", HeapKind::eq},
                                                  {"i31ref", HeapKind::i31},
                                                  {"structref", HeapKind::struct_},
                                                  {"arrayref", HeapKind::array},
                                                  {"nullref", HeapKind::none},
                                                  {"nullfuncref", HeapKind::nofunc},
                                                  {"nullexternref", HeapKind::noextern},
                                                  {"nullexnref", HeapKind::noexn}}};

constexpr Words<NanPattern, 2> nan_patterns = {
    {{"nan:canonical", NanPattern::canonical}, {"nan:arithmetic", NanPattern::arithmetic}}};

constexpr Words<AssertModule::Kind, 6> module_assertions = {
    {{"assert_malformed", AssertModule::Kind::malformed},
     {"assert_malformed_custom", AssertModule::Kind::malformed_custom},
     {"assert_invalid", AssertModule::Kind::invalid},
     {"assert_invalid_custom", AssertModule::Kind::invalid_custom},
     {"assert_unlinkable", AssertModule::Kind::unlinkable},
     {"assert_uninstantiable", AssertModule::Kind::trap}}};

// --- values
// ---------------------------------------------------------------------------------------

// One file can be the module of every command.
constexpr std::size_t max_module_bytes = std::size_t{256} << 20;

/// Reads the commands of one file. The first thing that it cannot make sense of ends the reading.
class Reader {
 public:
  explicit Reader(const ReadBeside& read) : read_(read) {}

  Result<JsonScript> read(const Json& json) {
    JsonScript out{string_member(json, "source_filename"), {}};
    const Json& commands = member(json, "commands");
    if (!commands.is_array()) fail("there are no commands");
    for (const Json& command : commands) {
      if (failed_) break;
      const Json& line = member(command, "line");
      line_ = line.is_number_unsigned() ? line.get<std::uint32_t>() : 0;
      out.script.commands.push_back({line_, command_of(command)});
    }
    if (failed_) return std::unexpected(std::move(*failed_));
    return out;
  }

 private:
  void fail(std::string message) {
    if (failed_) return;
    failed_ = Error{ErrorCode::malformed_text,
                    Phase::malformed,
                    fmt::format("command of line {}: {}", line_, message),
                    {},
                    {},
                    {}};
  }

  std::uint64_t number(const std::string& digits) {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) {
      fail(fmt::format("'{}' is not a number", digits));
    }
    return value;
  }

  void set_lane(VecPattern& vector, std::size_t index, std::size_t bytes, const std::string& text) {
    if (const auto nan = find(nan_patterns, text)) {
      if (bytes < 4) return fail("a NaN among integers");
      vector.nans[index] = *nan;
      return;
    }
    const std::uint64_t bits = number(text);
    for (std::size_t i = 0; i < bytes; ++i) {
      vector.value.bytes[index * bytes + i] = static_cast<std::uint8_t>(bits >> 8 * i);
    }
  }

  VecPattern vector(const Json& json) {
    constexpr std::array<std::size_t, 6> lane_bytes = {1, 2, 4, 8, 4, 8};
    const auto shape = find(lane_types, string_member(json, "lane_type"));
    VecPattern out;
    out.value.shape = shape.value_or(LaneShape::i8x16);
    const std::size_t bytes = lane_bytes[static_cast<std::size_t>(out.value.shape)];
    const Json& lanes = member(json, "value");
    if (!shape || !lanes.is_array() || lanes.size() != 16 / bytes) {
      fail("a vector without its lanes");
      return out;
    }
    for (std::size_t i = 0; i < lanes.size(); ++i) set_lane(out, i, bytes, string_of(lanes[i]));
    return out;
  }

  Pattern reference(HeapKind type, const std::string& value) {
    if (value.empty()) return RefTypePattern{type};
    if (value == "null") return NullPattern{HeapType{type}};
    const auto id = static_cast<std::uint32_t>(number(value));
    if (type == HeapKind::extern_) return ExternLiteral{id};
    return HostLiteral{id};
  }

  EitherPattern either(const Json& json) {
    EitherPattern out;
    for (const Json& value : member(json, "values")) {
      if (string_member(value, "type") == "either") {
        fail("either within either");
        break;
      }
      out.alternatives.push_back(pattern(value));
    }
    return out;
  }

  Pattern pattern(const Json& json) {
    const std::string& type = string_member(json, "type");
    const std::string& value = string_of(member(json, "value"));
    if (const auto kind = find(number_types, type)) {
      if (const auto nan = find(nan_patterns, value)) return NumPattern{{*kind, 0}, *nan};
      return NumPattern{{*kind, number(value)}};
    }
    if (type == "v128") return vector(json);
    if (const auto heap = find(reference_types, type)) return reference(*heap, value);
    if (type == "refnull") return NullPattern{};
    if (type == "either") return either(json);
    fail(fmt::format("'{}' is not a type of values", type));
    return NumPattern{};
  }

  Literal literal(const Json& json) {
    const Pattern value = pattern(json);
    if (const auto* n = std::get_if<NumPattern>(&value); n && n->nan == NanPattern::none) {
      return n->value;
    }
    if (const auto* v = std::get_if<VecPattern>(&value)) return v->value;
    if (const auto* n = std::get_if<NullPattern>(&value); n && n->type) {
      return NullLiteral{*n->type};
    }
    if (const auto* e = std::get_if<ExternLiteral>(&value)) return *e;
    if (const auto* h = std::get_if<HostLiteral>(&value)) return *h;
    fail("a pattern as an argument");
    return NumLiteral{};
  }

  // --- commands
  // -----------------------------------------------------------------------------------

  ScriptModule module(const Json& json) {
    ScriptModule out;
    out.line = line_;
    out.id = id_member(json, "name");
    out.is_definition = string_member(json, "type") == "module_definition";
    const bool is_text = string_member(json, "module_type") == "text";
    out.form = is_text ? ScriptModule::Form::quote : ScriptModule::Form::binary;
    const std::string& file = string_member(json, "filename");
    if (file.empty() || file.find('/') != file.npos) {
      fail(fmt::format("'{}' is not a file beside this one", file));
      return out;
    }
    const auto bytes = read_(file);
    if (!bytes) {
      fail(fmt::format("{}: {}", file, bytes.error().message));
    } else if (bytes->size() > max_module_bytes - module_bytes_) {
      fail("the modules are larger than 256 MiB together");
    } else {
      module_bytes_ += bytes->size();
      out.bytes.assign(bytes->begin(), bytes->end());
    }
    return out;
  }

  Action action(const Json& json) {
    Action out;
    const std::string& type = string_member(json, "type");
    if (type != "invoke" && type != "get") fail(fmt::format("'{}' is not an action", type));
    out.kind = type == "get" ? Action::Kind::get : Action::Kind::invoke;
    out.instance = id_member(json, "module");
    out.name = string_member(json, "field");
    for (const Json& argument : member(json, "args")) out.arguments.push_back(literal(argument));
    return out;
  }

  AssertReturn assert_return(const Json& json) {
    AssertReturn out{action(member(json, "action")), {}};
    for (const Json& value : member(json, "expected")) out.results.push_back(pattern(value));
    return out;
  }

  AssertModule assert_module(AssertModule::Kind kind, const Json& json) {
    return {kind, module(json), string_member(json, "text")};
  }

  decltype(Command::what) command_of(const Json& json) {
    const std::string& type = string_member(json, "type");
    if (const auto kind = find(module_assertions, type)) return assert_module(*kind, json);
    if (type == "module" || type == "module_definition") return module(json);
    if (type == "module_instance") {
      return ScriptInstance{id_member(json, "instance"), id_member(json, "module")};
    }
    if (type == "register") return Register{string_member(json, "as"), id_member(json, "name")};
    if (type == "assert_return") return assert_return(json);
    return action_of(type, json);
  }

  decltype(Command::what) action_of(const std::string& type, const Json& json) {
    Action what = action(member(json, "action"));
    const std::string& message = string_member(json, "text");
    if (type == "assert_trap") return AssertTrap{std::move(what), message};
    if (type == "assert_exhaustion") return AssertExhaustion{std::move(what), message};
    if (type == "assert_exception") return AssertException{std::move(what)};
    if (type != "action") fail(fmt::format("'{}' is not a command", type));
    return what;
  }

  const ReadBeside& read_;
  std::uint32_t line_ = 0;
  std::optional<Error> failed_;
  std::size_t module_bytes_ = 0;  // of all of the script's modules, which are kept
};

}  // namespace

Result<JsonScript> parse_json_script(std::string_view text, const ReadBeside& read) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return std::unexpected(
        Error{ErrorCode::malformed_text, Phase::malformed, "not JSON", {}, {}, {}});
  }
  return Reader(read).read(json);
}

Result<JsonScript> read_json_script(std::string_view path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  const std::string folder(path.substr(0, path.rfind('/') + 1));
  const auto read = [&](const std::string& name) { return read_file(folder + name); };
  // As characters: standard libraries need not have traits of bytes.
  return parse_json_script(
      std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()), read);
}

}  // namespace fermata::tool::wast
