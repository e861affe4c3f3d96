#include "interp/snapshot/value_reader.hpp"

#include <fmt/format.h>

#include "interp/process/values.hpp"

namespace fermata::snapshot {
namespace {

constexpr std::uint64_t host_limit = std::uint64_t{1} << 62;
constexpr std::uint32_t i31_limit = std::uint32_t{1} << 31;

std::string_view words_for(Slot bits, const StoreObjects& store) {
  if (bits == 0) return "null";
  const auto kind = kind_of(Value::from_bits(externref, bits), store);
  switch (kind.value_or(HeapKind::none)) {
    case HeapKind::func:
      return "a function";
    case HeapKind::i31:
      return "an i31";
    case HeapKind::extern_:
      return "a host reference";
    case HeapKind::exn:
      return "an exception";
    case HeapKind::array:
      return "an array";
    default:
      return "a struct";
  }
}

}  // namespace

void ValueReader::code(std::uint8_t wanted) {
  const std::uint8_t found = in_.byte();
  if (found == wanted) return;
  in_.invalid(fmt::format("expected a value of type code {:#04x}, found {:#04x}", wanted, found));
}

void ValueReader::value(ValType type, Slot* to, bool unset) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      to[0] = in_.fixed(4);
      return;
    case ValKind::i64:
    case ValKind::f64:
      to[0] = in_.fixed(8);
      return;
    case ValKind::v128:
      to[0] = in_.fixed(8);
      to[1] = in_.fixed(8);
      return;
    case ValKind::ref:
      to[0] = reference(type, unset);
  }
}

void ValueReader::typed_value(ValType type, Slot* to, bool unset) {
  code(code_of(type));
  if (in_.ok()) value(type, to, unset);
}

std::vector<Slot> ValueReader::typed_values(const ResultType& types) {
  const std::uint32_t count = in_.count();
  if (in_.ok() && count != types.size()) {
    in_.invalid(fmt::format("expected {} values, found {}", types.size(), count));
  }
  std::vector<Slot> slots(in_.ok() ? slots_of(types) : 0);
  Slot* to = slots.data();
  for (std::size_t i = 0; in_.ok() && i < types.size(); ++i) {
    typed_value(types[i], to);
    to += types[i].slots();
  }
  return slots;
}

Value ValueReader::any_value() {
  constexpr ValType anyref = ValType::ref({HeapKind::any}, true);
  constexpr ValType exnref = ValType::ref({HeapKind::exn}, true);
  const std::uint8_t code = in_.byte();
  for (const ValType type : {i32, i64, f32, f64, v128}) {
    if (code != code_of(type)) continue;
    Slot slots[2] = {};
    value(type, slots);
    return Value::from_bits(type, slots[0], slots[1]);
  }
  if (code != ref_code) {
    in_.malformed(fmt::format("expected the code of a value type, found {:#04x}", code));
    return {};
  }
  const Slot reference = bits();
  const auto kind = kind_of(Value::from_bits(anyref, reference), store_);
  const ValType type = kind == HeapKind::func ? funcref : kind == HeapKind::exn ? exnref : anyref;
  return Value::from_bits(type, reference);
}

// --- references ----------------------------------------------------------------------------------

Instance* ValueReader::instance() {
  const std::uint32_t number = in_.number32();
  if (number < instances.size()) return instances[number];
  in_.invalid(fmt::format("instance {}: there are {}", number, instances.size()));
  return nullptr;
}

Func* ValueReader::function() {
  const std::uint64_t at = in_.offset();
  Instance* const of = instance();
  const std::uint32_t index = in_.number32();
  if (!in_.ok()) return nullptr;
  if (index >= module_.func_types.size()) {
    in_.invalid(fmt::format("function {}: the module has {}", index, module_.func_types.size()));
    return nullptr;
  }
  if (module_.is_imported(FuncIdx{index}) && of != instances.front()) {
    in_.fail(ErrorCode::invalid_snapshot, at, "an imported function is the first instance's");
    return nullptr;
  }
  return of->func(FuncIdx{index});
}

/// Of anything that there is.
Slot ValueReader::bits() {
  switch (in_.choice(Referent::object, "what a reference refers to")) {
    case Referent::null:
      return 0;
    case Referent::function:
      return address_bits(function());
    case Referent::i31: {
      const std::uint32_t number = in_.number32();
      if (number >= i31_limit) in_.malformed(fmt::format("{} does not fit an i31", number));
      return make_i31(number);
    }
    case Referent::host: {
      const std::uint64_t number = in_.number();
      if (number >= host_limit) {
        in_.malformed(fmt::format("{} is no host reference's number", number));
      }
      return number << 2 | 2;
    }
    case Referent::object:
      break;
  }
  const std::uint32_t number = in_.number32();
  if (number < objects.size()) return address_bits(objects[number]);
  in_.invalid(fmt::format("object {}: there are {}", number, objects.size()));
  return 0;
}

Slot ValueReader::reference(ValType type, bool unset) {
  const std::uint64_t at = in_.offset();
  const Slot reference = bits();
  if (!in_.ok() || (reference == 0 && unset)) return 0;
  if (reference_fits(Value::from_bits(type, reference), type, {module_.canonical, store_})) {
    return reference;
  }
  in_.fail(ErrorCode::invalid_snapshot, at,
           fmt::format("expected {}, found {}", to_string(type), words_for(reference, store_)));
  return 0;
}

}  // namespace fermata::snapshot
