#include "interp/process/host_objects.hpp"

#include <fmt/format.h>

#include <limits>

#include "interp/process/values.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

/// The module's type of this index, if it is a `Wanted`.
template <class Wanted>
Result<const Wanted*> find_type(const ModuleImpl& module, TypeIdx type, std::string_view what) {
  const auto& types = module.data.types;
  if (type.value < types.size()) {
    const auto* const found = std::get_if<Wanted>(&types[type.value].composite);
    if (found != nullptr) return found;
  }
  return std::unexpected(usage_error(
      ErrorCode::no_such_index, fmt::format("expected the index of {} type, found {} of {} types",
                                            what, type.value, types.size())));
}

/// References that are roots while this lives.
class Kept {
 public:
  explicit Kept(RootTable& table) : table_(table) {}
  void add(std::span<const Value> values) {
    places_.reserve(values.size());
    for (const Value& value : values) {
      if (value.type().is_ref()) places_.push_back(table_.add(value));
    }
  }
  ~Kept() {
    for (const std::size_t place : places_) table_.remove(place);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

 private:
  RootTable& table_;
  std::vector<std::size_t> places_;
};

// All threads are paused, so this is as good a moment to collect as any; but nobody else may refer
// to the values.
Object* make_object(StoreObjects& objects, const ObjectType& type, std::uint32_t length,
                    std::span<const Value> values) {
  Heap& heap = objects.need_heap();
  if (heap.is_due(type.object_bytes(length))) {
    Kept kept(*heap.kept());
    kept.add(values);
    if (!heap.collect()) return nullptr;
  }
  heap.kept()->make_room();  // for the Root: an object that is made is given out
  return heap.make(type, length);
}

/// With its fields or elements not written yet.
Result<Object*> make_object(StoreObjects& objects, const ModuleImpl& module, TypeIdx type,
                            std::size_t length, std::span<const Value> values) {
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  if (length > most) {
    return std::unexpected(usage_error(ErrorCode::out_of_memory,
                                       fmt::format("an array has at most {} elements", most)));
  }
  Object* const made = make_object(objects, ObjectTypes::of(module)[type],
                                   static_cast<std::uint32_t>(length), values);
  if (made != nullptr) return made;
  return std::unexpected(usage_error(
      ErrorCode::out_of_memory,
      fmt::format("the heap has no room for it: {}", to_string(objects.heap->failure()))));
}

Value reference_to(const Object* object, TypeIdx type) {
  return Value::from_bits(ValType::ref(HeapType::concrete(type), false), address_bits(object));
}

}  // namespace

bool is_struct_or_array(const Value& reference, const StoreObjects& objects) {
  const auto kind = kind_of(reference, objects);
  return kind == HeapKind::struct_ || kind == HeapKind::array;
}

Result<std::size_t> elements_in(std::size_t bytes, const FieldType& element) {
  if (element.type.is_ref()) {
    return std::unexpected(usage_error(
        ErrorCode::wrong_value_type,
        fmt::format("expected an array of numbers, found one of {}", to_string(element.type))));
  }
  const std::size_t size = bytes_of(storage_of(element));
  if (bytes % size == 0) return bytes / size;
  return std::unexpected(
      usage_error(ErrorCode::wrong_value_count,
                  fmt::format("expected elements of {} bytes each, found {} bytes", size, bytes)));
}

Result<Value> make_struct(StoreObjects& objects, const ModuleImpl& module, TypeIdx type,
                          std::span<const Value> fields) {
  const auto wanted = find_type<StructType>(module, type, "a struct");
  if (!wanted) return std::unexpected(wanted.error());
  ResultType types;
  for (const FieldType& field : (*wanted)->fields) types.push_back(field.type);
  const ValueContext context{module.canonical, objects};
  if (!fit(fields, types, context)) return std::unexpected(misfit(fields, types, context));
  std::vector<Slot> slots(slots_of(types));
  put(slots.data(), fields);
  const auto made = make_object(objects, module, type, 0, fields);
  if (!made) return std::unexpected(made.error());
  store_fields(**made, slots.data());
  return reference_to(*made, type);
}

Result<Value> make_array(StoreObjects& objects, const ModuleImpl& module, TypeIdx type,
                         std::span<const Value> elements) {
  const auto wanted = find_type<ArrayType>(module, type, "an array");
  if (!wanted) return std::unexpected(wanted.error());
  const ValType element = (*wanted)->field.type;
  for (const Value& value : elements) {
    if (!fits(value, element, {module.canonical, objects})) {
      return std::unexpected(misfit(value, element));
    }
  }
  const auto made = make_object(objects, module, type, elements.size(), elements);
  if (!made) return std::unexpected(made.error());
  const Storage storage = (*made)->type().element;
  std::byte* to = (*made)->elements();
  for (const Value& value : elements) {
    const Slot slots[] = {value.lo(), value.hi()};
    store_value(to, storage, slots);
    to += bytes_of(storage);
  }
  return reference_to(*made, type);
}

Result<Value> make_array_from_bytes(StoreObjects& objects, const ModuleImpl& module, TypeIdx type,
                                    std::span<const std::byte> bytes) {
  const auto wanted = find_type<ArrayType>(module, type, "an array");
  if (!wanted) return std::unexpected(wanted.error());
  const FieldType& element = (*wanted)->field;
  const auto count = elements_in(bytes.size(), element);
  if (!count) return std::unexpected(count.error());
  const auto made = make_object(objects, module, type, *count, {});
  if (!made) return std::unexpected(made.error());
  copy_numbers((*made)->elements(), bytes.data(), bytes.size(), bytes_of(storage_of(element)));
  return reference_to(*made, type);
}

Object* make_exception(StoreObjects& objects, const Tag& tag, std::span<const Value> values) {
  std::vector<Slot> slots(slots_of(tag.signature->params));
  put(slots.data(), values);
  Object* const exception = make_object(objects, tag, 0, values);
  if (exception == nullptr) return nullptr;
  store_fields(*exception, slots.data());
  return exception;
}

}  // namespace fermata
