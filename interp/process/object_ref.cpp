// ObjectRef: the embedder's checked way into structs and arrays.

#include <fmt/format.h>

#include "fermata/object.hpp"
#include "interp/process/host_objects.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

std::uint32_t size_of(const Object& object) {
  const ObjectType& type = object.type();
  return type.is_array ? object.length() : static_cast<std::uint32_t>(type.fields.size());
}

Error out_of_bounds(const Object& object, std::uint64_t begin, std::uint64_t count) {
  return usage_error(
      ErrorCode::object_out_of_bounds,
      fmt::format("[{}, {} + {}) lies outside {} of {}", begin, begin, count,
                  object.type().is_array ? "an array" : "a struct", size_of(object)));
}

Error immutable(const Object& object) {
  return usage_error(ErrorCode::field_immutable,
                     object.type().is_array ? "the array is immutable" : "the field is immutable");
}

/// What a field or the elements are declared as. Precondition: the index lies in the object.
const FieldType& field_of(const Object& object, std::uint32_t index) {
  const ObjectType& type = object.type();
  const CompType& composite = type.module->data.types[type.index.value].composite;
  if (type.is_array) return std::get<ArrayType>(composite).field;
  return std::get<StructType>(composite).fields[index];
}

/// Where a field or an element lies, from the object's beginning. The same precondition.
std::size_t offset_of(const Object& object, std::uint32_t index) {
  const ObjectType& type = object.type();
  if (!type.is_array) return type.fields[index].offset;
  return ObjectType::array_header_bytes + std::size_t{index} * bytes_of(type.element);
}

/// Where the elements lie that so many bytes are from `begin` on, from the object's beginning.
Result<std::size_t> find_range(const Object& object, std::uint32_t begin, std::size_t bytes) {
  if (!object.type().is_array) {
    return std::unexpected(
        usage_error(ErrorCode::wrong_value_type, "expected an array of numbers, found a struct"));
  }
  const auto count = elements_in(bytes, field_of(object, 0));
  if (!count) return std::unexpected(count.error());
  const std::uint32_t length = object.length();
  if (begin > length || *count > length - begin) {
    return std::unexpected(out_of_bounds(object, begin, *count));
  }
  return offset_of(object, begin);
}

}  // namespace

Result<Object*> ObjectRef::find() const {
  if (!is_struct_or_array(reference_, *objects_)) {
    return std::unexpected(not_a_reference(reference_));
  }
  return object_of(reference_.lo());
}

bool ObjectRef::is_a(const Module& module, TypeIdx type) const {
  const CanonicalTypes& types = module.impl().canonical;
  const auto found = find();
  return found && type.value < types.size() && is_subtype((*found)->type().id, types.id(type));
}

Result<std::uint32_t> ObjectRef::size() const {
  const auto found = find();
  if (!found) return std::unexpected(found.error());
  return size_of(**found);
}

Result<Value> ObjectRef::get(std::uint32_t index) const {
  const auto found = find();
  if (!found) return std::unexpected(found.error());
  const Object& object = **found;
  if (index >= size_of(object)) return std::unexpected(out_of_bounds(object, index, 1));
  const FieldType& field = field_of(object, index);
  Slot slots[2] = {};
  load_value(slots, storage_of(field), object.at(offset_of(object, index)));
  return fermata::get(slots, field.type);
}

Result<void> ObjectRef::set(std::uint32_t index, const Value& value) {
  const auto found = find();
  if (!found) return std::unexpected(found.error());
  Object& object = **found;
  if (index >= size_of(object)) return std::unexpected(out_of_bounds(object, index, 1));
  const FieldType& field = field_of(object, index);
  if (!field.mutable_) return std::unexpected(immutable(object));
  if (!fits(value, field.type, {object.type().module->canonical, *objects_})) {
    return std::unexpected(misfit(value, field.type));
  }
  const Slot slots[] = {value.lo(), value.hi()};
  store_value(object.at(offset_of(object, index)), storage_of(field), slots);
  return {};
}

Result<void> ObjectRef::read(std::uint32_t begin, std::span<std::byte> out) const {
  const auto found = find();
  if (!found) return std::unexpected(found.error());
  const auto range = find_range(**found, begin, out.size());
  if (!range) return std::unexpected(range.error());
  copy_numbers(out.data(), (*found)->at(*range), out.size(), bytes_of((*found)->type().element));
  return {};
}

Result<void> ObjectRef::write(std::uint32_t begin, std::span<const std::byte> bytes) {
  const auto found = find();
  if (!found) return std::unexpected(found.error());
  const auto range = find_range(**found, begin, bytes.size());
  if (!range) return std::unexpected(range.error());
  if (!field_of(**found, 0).mutable_) return std::unexpected(immutable(**found));
  copy_numbers((*found)->at(*range), bytes.data(), bytes.size(),
               bytes_of((*found)->type().element));
  return {};
}

}  // namespace fermata
