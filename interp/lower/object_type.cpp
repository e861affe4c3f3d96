// The layout of objects, type by type.
#include "interp/lower/object_type.hpp"

#include <algorithm>
#include <utility>

#include "fermata/limits.hpp"

namespace fermata {

Storage storage_of(const FieldType& field) {
  if (field.packed == PackedType::i8) return Storage::i8;
  if (field.packed == PackedType::i16) return Storage::i16;
  switch (field.type.kind) {
    case ValKind::i32:
      return Storage::i32;
    case ValKind::i64:
      return Storage::i64;
    case ValKind::f32:
      return Storage::f32;
    case ValKind::f64:
      return Storage::f64;
    case ValKind::v128:
      return Storage::v128;
    case ValKind::ref:
      return Storage::ref;
  }
  std::unreachable();
}

bool is_traced(ValType type, const CanonicalTypes& types) {
  if (!type.is_ref()) return false;
  switch (type.heap.kind) {
    case HeapKind::func:
    case HeapKind::nofunc:
      return false;
    case HeapKind::concrete:
      return composite_kind(types.id(type.heap.index)) != HeapKind::func;
    default:
      return true;
  }
}

namespace {

constexpr std::uint32_t align(std::uint32_t offset, std::uint32_t bytes) {
  return (offset + bytes - 1) / bytes * bytes;
}

}  // namespace

void lay_out(ObjectType& object, std::span<const FieldType> fields, const CanonicalTypes& types) {
  std::uint32_t at = ObjectType::header_bytes;
  object.fields.reserve(fields.size());
  for (const FieldType& field : fields) {
    const Storage storage = storage_of(field);
    at = align(at, std::min(bytes_of(storage), 8u));
    object.fields.push_back({at, storage});
    if (is_traced(field.type, types)) object.references.push_back(at);
    at += bytes_of(storage);
  }
  object.bytes = align(at, 8);
}

// No more than `limits::subtype_depth` of them.
void ObjectTypes::add_supertypes(ObjectType& object, TypeIdx type) const {
  std::array<TypeId, limits::subtype_depth + 1> upwards{};
  std::uint32_t count = 0;
  for (const std::vector<TypeIdx>* above = nullptr;; type = above->front()) {
    upwards[count++] = module_.canonical.id(type);
    above = &module_.data.types[type.value].supers;
    if (above->empty()) break;
  }
  object.depth = count - 1;
  object.supers.fill(no_type);
  for (std::uint32_t i = 0; i < std::min(count, ObjectType::known_depth); ++i) {
    object.supers[i] = upwards[count - 1 - i];
  }
}

std::unique_ptr<ObjectType> ObjectTypes::make(TypeIdx type) const {
  const CompType& composite = module_.data.types[type.value].composite;
  auto object = std::make_unique<ObjectType>();
  object->id = module_.canonical.id(type);
  object->index = type;
  object->module = &module_;
  add_supertypes(*object, type);
  if (const auto* structure = std::get_if<StructType>(&composite)) {
    lay_out(*object, structure->fields, module_.canonical);
  } else {
    const FieldType& field = std::get<ArrayType>(composite).field;
    object->is_array = true;
    object->element = storage_of(field);
    object->traced_elements = is_traced(field.type, module_.canonical);
  }
  return object;
}

const ObjectType& ObjectTypes::operator[](TypeIdx type) {
  const std::lock_guard lock(mutex_);
  auto& place = types_[type.value];
  if (place == nullptr) place = make(type);
  return *place;
}

ObjectTypes& ObjectTypes::of(const ModuleImpl& module) {
  return static_cast<ObjectTypes&>(module.attachments.get_or_make(
      AttachmentKey::object_types, [&module] { return std::make_unique<ObjectTypes>(module); }));
}

}  // namespace fermata
