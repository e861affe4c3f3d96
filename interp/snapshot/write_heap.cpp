// Writer: objects. First what each of them is, so that a reader can make them all before it meets a
// reference to one, then what is in them.

#include <array>
#include <cstring>

#include "interp/snapshot/writer.hpp"

namespace fermata::snapshot {

void Writer::write_heap(Output& out) {
  const Heap& heap = *process_.instance->heap;
  const HeapUse use = heap.use();
  out.number(use.bytes);
  out.number(use.peak_bytes);
  out.number(use.collections);
  out.number(heap.until_due());
  out.number(numbering_.objects().size());
  for (const Object* object : numbering_.objects()) write_object_header(out, *object);
  for (const Object* object : numbering_.objects()) write_fields(out, *object);
}

void Writer::write_object_header(Output& out, const Object& object) const {
  const ObjectType& type = object.type();
  const auto kind = [&](ObjectKind what) { out.byte(static_cast<std::uint8_t>(what)); };
  if (type.is_exception) {
    kind(ObjectKind::exception);
    out.number(numbering_.tag(type));
  } else {
    kind(type.is_array ? ObjectKind::array : ObjectKind::struct_);
    out.number(numbering_.type(type));
  }
  out.number(type.is_array ? object.length() : type.fields.size());
  if (type.is_array) out.byte(code_of(type.element));
}

void Writer::write_fields(Output& out, const Object& object) {
  const ObjectType& type = object.type();
  if (type.is_array) return write_elements(out, object);
  auto traced = type.references.begin();
  for (const ObjectField& field : type.fields) {
    const std::byte* const at = object.at(field.offset);
    out.byte(code_of(field.storage));
    Slot value[2] = {};
    load_value(value, field.storage, at);
    if (field.storage == Storage::ref) {
      const bool is_traced = traced != type.references.end() && *traced == field.offset;
      if (is_traced) ++traced;
      numbering_.reference(out, value[0], is_traced);
    } else if (field.storage == Storage::v128) {
      out.fixed(value[0], 8);
      out.fixed(value[1], 8);
    } else {
      out.fixed(value[0], bytes_of(field.storage));
    }
  }
}

/// Numbers without a code each.
void Writer::write_elements(Output& out, const Object& array) {
  const ObjectType& type = array.type();
  const std::byte* from = array.elements();
  if (type.element == Storage::ref) {
    for (std::uint32_t i = 0; i < array.length(); ++i, from += sizeof(Slot)) {
      Slot reference;
      std::memcpy(&reference, from, sizeof reference);
      numbering_.reference(out, reference, type.traced_elements);
    }
    return;
  }
  const std::uint32_t element_bytes = bytes_of(type.element);
  std::array<std::byte, 4096> part{};
  std::uint64_t left = std::uint64_t{array.length()} * element_bytes;
  while (left != 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, part.size()));
    copy_numbers(part.data(), from, count, element_bytes);
    out.bytes(std::span(part).first(count));
    from += count;
    left -= count;
  }
}

}  // namespace fermata::snapshot
