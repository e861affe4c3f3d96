#include "tests/support/object_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "interp/runtime/tag.hpp"

namespace fermata::test {

namespace {

constexpr std::uint32_t most_elements = 24;

/// Tells what one object holds.
class Contents {
 public:
  Contents(const ModuleImpl& module, const Object& object, const OtherWords& others, int depth)
      : module_(module), object_(object), others_(others), depth_(depth) {}

  [[nodiscard]] std::string words() const {
    if (object_.type().is_exception) return values(tag_of(object_).signature->params);
    const CompType& composite = module_.data.types[object_.type().index.value].composite;
    if (const auto* of = std::get_if<ArrayType>(&composite)) return array(of->field.type);
    ResultType types;
    for (const FieldType& field : std::get<StructType>(composite).fields)
      types.push_back(field.type);
    return values(types);
  }

 private:
  [[nodiscard]] std::string values(const ResultType& types) const {
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const ObjectField& field = object_.type().fields[i];
      text += value(types[i], field.storage, object_.at(field.offset)) + ", ";
    }
    return text;
  }

  [[nodiscard]] std::string array(ValType element) const {
    const ObjectType& type = object_.type();
    std::string text;
    for (std::uint32_t i = 0; i < std::min(object_.length(), most_elements); ++i) {
      text += value(element, type.element, object_.elements() + i * bytes_of(type.element)) + ", ";
    }
    return text;
  }

  [[nodiscard]] std::string value(ValType type, Storage storage, const std::byte* at) const {
    Slot slots[2] = {};
    load_value(slots, storage, at);
    if (!type.is_ref() || !is_traced(type, module_.canonical)) {
      return others_(Value::from_bits(type, slots[0], slots[1]));
    }
    return object_words(module_, slots[0], others_, depth_ - 1);
  }

  const ModuleImpl& module_;
  const Object& object_;
  const OtherWords& others_;
  int depth_;
};

}  // namespace

namespace {

/// Of types that are equivalent nobody can tell which one an object was made with.
std::uint32_t first_equivalent(const ModuleImpl& module, TypeId type) {
  TypeIdx first{0};
  while (module.canonical.id(first) != type) ++first.value;
  return first.value;
}

}  // namespace

std::string object_words(const ModuleImpl& module, Slot reference, const OtherWords& others,
                         int depth) {
  if (reference == 0) return "null";
  if (is_i31(reference)) return fmt::format("i31 {}", i31_s(reference));
  if (is_host(reference)) return fmt::format("host {}", reference >> 2);
  const Object& object = *object_of(reference);
  std::string text = object.type().is_exception
                         ? "exception"
                         : fmt::format("object of type {}",
                                       first_equivalent(module, object.type().id));
  if (object.type().is_array) text += fmt::format(" with {} elements", object.length());
  if (depth == 0) return text;
  return text + " {" + Contents(module, object, others, depth).words() + '}';
}

}  // namespace fermata::test
