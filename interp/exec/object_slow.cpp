#include "interp/exec/object_slow.hpp"

#include <cstring>

#include "interp/exec/object_handlers.hpp"
#include "interp/runtime/heap.hpp"

namespace fermata {

// --- allocation: operands lie side by side from slot b on, the result goes to slot a -------------

namespace {

const ObjectType& type_of(const Regs& r) noexcept {
  return *reinterpret_cast<const ObjectType*>(static_cast<std::uintptr_t>(r.pc[1]));
}

}  // namespace

Object* make_object(Regs& r, const ObjectType& type, std::uint32_t length) noexcept {
  Heap& heap = *r.instance()->heap;
  if (heap.is_due(type.object_bytes(length))) [[unlikely]] {
    write_back(r);
    if (!heap.collect()) return nullptr;
  }
  Object* const made = heap.make(type, length);
  if (made != nullptr) charge_for_bytes(r, type.object_bytes(length));
  return made;
}

namespace {

template <std::uint32_t Words>
Stop finish_new(Regs& r, const Object* made) noexcept {
  if (made == nullptr) return stop(r.instance()->heap->failure());
  r.fp[a(r)] = address_bits(made);
  next<Words>(r);
  return Stop::none;
}

}  // namespace

Stop struct_new(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  Object* const made = make_object(r, type);
  if (made != nullptr) store_fields(*made, r.fp + b(r));
  return finish_new<2>(r, made);
}

Stop struct_new_default(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  Object* const made = make_object(r, type);
  if (made != nullptr) {
    constexpr std::uint32_t header = ObjectType::header_bytes;
    std::memset(made->at(header), 0, type.bytes - header);
  }
  return finish_new<2>(r, made);
}

Stop array_new(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  const std::uint32_t value_slots = slots_of(type.element);
  const auto length = get<std::uint32_t>(r, b(r) + value_slots);
  Object* const made = make_object(r, type, length);
  if (made != nullptr) fill_elements(*made, 0, length, r.fp + b(r));
  return finish_new<2>(r, made);
}

Stop array_new_default(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  const auto length = get<std::uint32_t>(r, b(r));
  Object* const made = make_object(r, type, length);
  if (made != nullptr) {
    std::memset(made->elements(), 0, std::size_t{length} * bytes_of(type.element));
  }
  return finish_new<2>(r, made);
}

Stop array_new_fixed(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  const std::uint32_t length = c(r);
  Object* const made = make_object(r, type, length);
  if (made != nullptr) {
    const std::uint32_t bytes = bytes_of(type.element);
    const Slot* from = r.fp + b(r);
    for (std::uint32_t i = 0; i < length; ++i) {
      store_value(made->elements() + std::size_t{i} * bytes, type.element, from);
      from += slots_of(type.element);
    }
  }
  return finish_new<2>(r, made);
}

Stop array_new_data(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  const DataIdx data{low_half(r.pc[2])};
  const auto from = get<std::uint32_t>(r, b(r));
  const auto length = get<std::uint32_t>(r, b(r) + 1);
  const Instance& instance = *r.instance();
  const std::uint64_t bytes = std::uint64_t{length} * bytes_of(type.element);
  if (!instance.has_data(data, from, bytes)) return stop(Trap::out_of_bounds_memory_access);
  Object* const made = make_object(r, type, length);
  if (made != nullptr) {
    instance.copy_data(data, from, bytes, made->elements(), bytes_of(type.element));
  }
  return finish_new<3>(r, made);
}

Stop array_new_elem(Regs& r) noexcept {
  const ObjectType& type = type_of(r);
  const ElemIdx elem{low_half(r.pc[2])};
  const auto from = get<std::uint32_t>(r, b(r));
  const auto length = get<std::uint32_t>(r, b(r) + 1);
  Instance& instance = *r.instance();
  if (!instance.has_elements(elem, from, length)) return stop(Trap::out_of_bounds_table_access);
  Object* const made = make_object(r, type, length);
  if (made == nullptr) return finish_new<3>(r, nullptr);
  // Functions have no places in the heap, so what is not written yet is null for a collection.
  auto* const elements = reinterpret_cast<Slot*>(made->elements());
  std::fill_n(elements, length, Slot{0});
  if (!instance.copy_elements(elem, from, length, elements)) return stop(Trap::out_of_memory);
  return finish_new<3>(r, made);
}

// --- many elements: operands lie side by side from slot a on -------------------------------------

namespace {

/// An array and elements of it that an instruction is about.
struct Range {
  Object* array = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t element_bytes = 0;

  [[nodiscard]] std::byte* first() const noexcept {
    return array->elements() + std::size_t{begin} * element_bytes;
  }
  /// Of so many elements, which lie in the array.
  [[nodiscard]] std::size_t bytes(std::uint32_t count) const noexcept {
    return std::size_t{count} * element_bytes;
  }
};

/// The range's array and begin lie in two slots from `slot` on.
Stop find_range(const Regs& r, std::uint32_t slot, std::uint32_t count, Range& range) noexcept {
  if (r.fp[slot] == 0) return stop(Trap::null_array_reference);
  Object* const array = object_of(r.fp[slot]);
  const auto begin = get<std::uint32_t>(r, slot + 1);
  const std::uint32_t length = array->length();
  if (begin > length || count > length - begin) return stop(Trap::out_of_bounds_array_access);
  range = {array, begin, bytes_of(array->type().element)};
  return Stop::none;
}

}  // namespace

Stop array_fill(Regs& r) noexcept {
  const std::uint32_t value_slots = wide(r);
  const auto count = get<std::uint32_t>(r, a(r) + 2 + value_slots);
  Range range;
  if (const Stop why = find_range(r, a(r), count, range); why != Stop::none) return why;
  fill_elements(*range.array, range.begin, count, r.fp + a(r) + 2);
  charge_for_bytes(r, range.bytes(count));
  next<1>(r);
  return Stop::none;
}

Stop array_copy(Regs& r) noexcept {
  const auto count = get<std::uint32_t>(r, a(r) + 4);
  if (r.fp[a(r)] == 0 || r.fp[a(r) + 2] == 0) return stop(Trap::null_array_reference);
  Range to, from;
  if (const Stop why = find_range(r, a(r), count, to); why != Stop::none) return why;
  if (const Stop why = find_range(r, a(r) + 2, count, from); why != Stop::none) return why;
  std::memmove(to.first(), from.first(), to.bytes(count));
  charge_for_bytes(r, to.bytes(count));
  next<1>(r);
  return Stop::none;
}

Stop array_init_data(Regs& r) noexcept {
  const auto from = get<std::uint32_t>(r, a(r) + 2);
  const auto count = get<std::uint32_t>(r, a(r) + 3);
  const DataIdx data{wide(r)};
  Range range;
  if (const Stop why = find_range(r, a(r), count, range); why != Stop::none) return why;
  const std::size_t bytes = range.bytes(count);
  const Instance& instance = *r.instance();
  if (!instance.has_data(data, from, bytes)) return stop(Trap::out_of_bounds_memory_access);
  instance.copy_data(data, from, bytes, range.first(), range.element_bytes);
  charge_for_bytes(r, bytes);
  next<1>(r);
  return Stop::none;
}

Stop array_init_elem(Regs& r) noexcept {
  const auto from = get<std::uint32_t>(r, a(r) + 2);
  const auto count = get<std::uint32_t>(r, a(r) + 3);
  const ElemIdx elem{wide(r)};
  Range range;
  if (const Stop why = find_range(r, a(r), count, range); why != Stop::none) return why;
  Instance& instance = *r.instance();
  if (!instance.has_elements(elem, from, count)) return stop(Trap::out_of_bounds_table_access);
  if (!instance.copy_elements(elem, from, count, reinterpret_cast<Slot*>(range.first()))) {
    return stop(Trap::out_of_memory);
  }
  charge_for_bytes(r, range.bytes(count));
  next<1>(r);
  return Stop::none;
}

// --- tests of types that a search must answer ----------------------------------------------------

namespace {

bool is_of_subtype(Slot reference, Word wanted) noexcept {
  const WantedType type = WantedType::from(wanted);
  if (reference == 0) return type.null;
  if (type.function) {
    return is_subtype(reinterpret_cast<const Func*>(reference)->type, type.id);
  }
  return is_object(reference) && is_subtype(object_of(reference)->type().id, type.id);
}

}  // namespace

void ref_test_subtype(Regs& r) noexcept { detail::ref_test<is_of_subtype>(r); }
Stop ref_cast_subtype(Regs& r) noexcept { return detail::ref_cast<is_of_subtype>(r); }
void branch_on_subtype(Regs& r) noexcept {
  static_cast<void>(detail::branch_if<is_of_subtype>(r, true));
}
void branch_on_not_subtype(Regs& r) noexcept {
  static_cast<void>(detail::branch_if<is_of_subtype>(r, false));
}

}  // namespace fermata
