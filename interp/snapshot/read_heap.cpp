// Reader: objects. All are made before one is filled, so that every reference finds what it refers
// to. A collection cannot come in between.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "interp/runtime/tag.hpp"
#include "interp/snapshot/reader.hpp"

namespace fermata::snapshot {

void Reader::read_heap() {
  const std::uint64_t at = in_.offset();
  HeapUse use;
  use.bytes = in_.number();
  use.peak_bytes = in_.number();
  use.collections = in_.number();
  const std::uint64_t until_due = in_.number();
  const std::uint32_t count = in_.count(3);
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) read_object_header();
  for (Object* object : values_->objects) {
    if (in_.ok()) read_fields(*object);
  }
  if (!in_.ok()) return;
  Heap& heap = *process_->instance->heap;
  if (heap.go_on_as(use, until_due)) return;
  const std::uint64_t least = heap.use().bytes;
  if (use.bytes < least) {
    return invalid(at,
                   fmt::format("expected a heap of at least {} bytes, found {}", least, use.bytes));
  }
  in_.fail(ErrorCode::out_of_memory, at,
           fmt::format("a heap of {} bytes: the limit is {}", use.bytes,
                       options_.execution.max_heap_bytes));
}

const ObjectType* Reader::read_object_type(ObjectKind kind) {
  const std::uint32_t index = in_.number32();
  if (!in_.ok()) return nullptr;
  if (kind == ObjectKind::exception) {
    if (index < module_.tags.size()) return process_->instance->tags[index];
    in_.invalid(fmt::format("tag {}: the module has {}", index, module_.tags.size()));
    return nullptr;
  }
  const auto& types = module_.data.types;
  const bool is_array = kind == ObjectKind::array;
  const bool fits = index < types.size() &&
                    (is_array ? std::holds_alternative<ArrayType>(types[index].composite)
                              : std::holds_alternative<StructType>(types[index].composite));
  if (fits) return &ObjectTypes::of(module_)[TypeIdx{index}];
  in_.invalid(fmt::format("type {} is no {} type", index, is_array ? "array" : "struct"));
  return nullptr;
}

void Reader::read_object_header() {
  const std::uint64_t at = in_.offset();
  const auto kind = static_cast<ObjectKind>(in_.byte());
  if (kind != ObjectKind::struct_ && kind != ObjectKind::array && kind != ObjectKind::exception) {
    return in_.malformed("expected a struct, an array or an exception");
  }
  const ObjectType* const type = read_object_type(kind);
  const std::uint32_t count = in_.number32();
  if (!in_.ok()) return;
  // A field takes at least its code and a byte.
  const std::uint64_t bytes_each = !type->is_array                 ? 2
                                   : type->element == Storage::ref ? 1
                                                                   : bytes_of(type->element);
  if (count > (in_.left() - std::min(promised_, in_.left())) / bytes_each) {
    return in_.malformed(
        fmt::format("{} elements do not fit the {} bytes that are left", count, in_.left()));
  }
  promised_ += count * bytes_each;
  if (type->is_array) {
    values_->code(code_of(type->element));
  } else if (count != type->fields.size()) {
    in_.invalid(fmt::format("expected {} fields, found {}", type->fields.size(), count));
  }
  if (!in_.ok()) return;
  Heap& heap = *process_->instance->heap;
  Object* const object = heap.make(*type, type->is_array ? count : 0);
  if (object == nullptr) {
    return in_.fail(ErrorCode::out_of_memory, at,
                    fmt::format("the heap's objects: {}", to_string(heap.failure())));
  }
  values_->objects.push_back(object);
}

// --- contents ------------------------------------------------------------------------------------

void Reader::read_fields(Object& object) {
  const ObjectType& type = object.type();
  if (type.is_array) return read_elements(object);
  if (type.is_exception) {
    const ResultType& values = tag_of(object).signature->params;
    for (std::size_t i = 0; i < values.size() && in_.ok(); ++i) {
      read_field(object, type.fields[i], values[i]);
    }
    return;
  }
  const auto& fields = std::get<StructType>(module_.data.types[type.index.value].composite).fields;
  for (std::size_t i = 0; i < fields.size() && in_.ok(); ++i) {
    read_field(object, type.fields[i], fields[i].type);
  }
}

void Reader::read_field(Object& object, const ObjectField& field, ValType type) {
  values_->code(code_of(field.storage));
  Slot value[2] = {};
  if (field.storage == Storage::i8 || field.storage == Storage::i16) {
    value[0] = in_.fixed(bytes_of(field.storage));
  } else {
    values_->value(type, value);
  }
  store_value(object.at(field.offset), field.storage, value);
}

void Reader::read_elements(Object& array) {
  const ObjectType& type = array.type();
  std::byte* to = array.elements();
  if (type.element == Storage::ref) {
    const ValType element =
        std::get<ArrayType>(module_.data.types[type.index.value].composite).field.type;
    for (std::uint32_t i = 0; i < array.length() && in_.ok(); ++i, to += sizeof(Slot)) {
      const Slot reference = values_->reference(element);
      store_value(to, Storage::ref, &reference);
    }
    return;
  }
  const std::uint32_t element_bytes = bytes_of(type.element);
  std::array<std::byte, 4096> part{};
  std::uint64_t left = std::uint64_t{array.length()} * element_bytes;
  while (left != 0 && in_.ok()) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, part.size()));
    in_.bytes(std::span(part).first(count));
    copy_numbers(to, part.data(), count, element_bytes);
    to += count;
    left -= count;
  }
}

}  // namespace fermata::snapshot
