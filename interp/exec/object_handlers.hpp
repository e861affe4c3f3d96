// Handlers of structs, arrays and i31, and of casts: those that call nothing. What allocates, or
// goes over many elements, is in object_slow.cpp. Specification: "Execution / Instructions /
// Reference Instructions" and "Aggregate Instructions".
#pragma once

#include "interp/exec/vector_handlers.hpp"
#include "interp/isa/cast.hpp"
#include "interp/runtime/object.hpp"

namespace fermata {

/// A field or element that is a reference: no accumulator holds its value.
enum class Reference : std::uint64_t {};

namespace detail {

/// Writes to field a's slot what a field or element holds, as a value of type T.
template <class Stored, class T>
[[gnu::always_inline]] inline void set_loaded(Regs& r, const std::byte* from) noexcept {
  if constexpr (sizeof(Stored) == 16) {
    vector::U64x2 halves;
    std::memcpy(&halves, from, sizeof halves);
    set_vector_result(r, a(r), halves);
  } else {
    Stored value;
    std::memcpy(&value, from, sizeof value);
    if constexpr (std::same_as<Stored, Reference>)
      r.fp[a(r)] = static_cast<Slot>(value);
    else if constexpr (std::integral<T>)
      set(r, a(r), static_cast<std::make_unsigned_t<T>>(static_cast<T>(value)));
    else
      set(r, a(r), value);
  }
}

template <class Stored>
[[gnu::always_inline]] inline void store_slot(const Regs& r, std::byte* to,
                                              std::uint32_t slot) noexcept {
  if constexpr (sizeof(Stored) == 16) {
    std::memcpy(to, r.fp + slot, sizeof(Stored));
  } else {
    const auto value = static_cast<Stored>(r.fp[slot]);
    std::memcpy(to, &value, sizeof value);
  }
}

/// Whether the array has such an element; else null_array_reference or out_of_bounds_array_access.
[[gnu::always_inline]] inline Stop check_element(Slot reference, std::uint32_t index) noexcept {
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_array_reference);
  if (index >= object_of(reference)->length()) [[unlikely]]
    return stop(Trap::out_of_bounds_array_access);
  return Stop::none;
}

}  // namespace detail

// --- fields and elements -------------------------------------------------------------------------

template <class Stored, class T>
[[gnu::always_inline]] inline Stop struct_get(Regs& r) noexcept {
  const Slot reference = r.fp[b(r)];
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_structure_reference);
  detail::set_loaded<Stored, T>(r, object_of(reference)->at(r.pc[1]));
  next<2>(r);
  return Stop::none;
}

template <class Stored>
[[gnu::always_inline]] inline Stop struct_set(Regs& r) noexcept {
  const Slot reference = r.fp[a(r)];
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_structure_reference);
  detail::store_slot<Stored>(r, object_of(reference)->at(r.pc[1]), b(r));
  next<2>(r);
  return Stop::none;
}

template <class Stored, class T>
[[gnu::always_inline]] inline Stop array_get(Regs& r) noexcept {
  const Slot reference = r.fp[b(r)];
  const auto index = get<std::uint32_t>(r, c(r));
  if (const Stop why = detail::check_element(reference, index); why != Stop::none) [[unlikely]]
    return why;
  detail::set_loaded<Stored, T>(
      r, object_of(reference)->elements() + std::size_t{index} * sizeof(Stored));
  next<1>(r);
  return Stop::none;
}

template <class Stored>
[[gnu::always_inline]] inline Stop array_set(Regs& r) noexcept {
  const Slot reference = r.fp[a(r)];
  const auto index = get<std::uint32_t>(r, b(r));
  if (const Stop why = detail::check_element(reference, index); why != Stop::none) [[unlikely]]
    return why;
  detail::store_slot<Stored>(
      r, object_of(reference)->elements() + std::size_t{index} * sizeof(Stored), c(r));
  next<1>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop array_len(Regs& r) noexcept {
  const Slot reference = r.fp[b(r)];
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_array_reference);
  set(r, a(r), object_of(reference)->length());
  next<1>(r);
  return Stop::none;
}

// --- i31 -----------------------------------------------------------------------------------------

[[gnu::always_inline]] inline void ref_i31(Regs& r) noexcept {
  r.fp[a(r)] = make_i31(get<std::uint32_t>(r, b(r)));
  next<1>(r);
}
[[gnu::always_inline]] inline Stop i31_get_s(Regs& r) noexcept {
  const Slot reference = r.fp[b(r)];
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_i31_reference);
  set(r, a(r), static_cast<std::uint32_t>(i31_s(reference)));
  next<1>(r);
  return Stop::none;
}
[[gnu::always_inline]] inline Stop i31_get_u(Regs& r) noexcept {
  const Slot reference = r.fp[b(r)];
  if (reference == 0) [[unlikely]]
    return stop(Trap::null_i31_reference);
  set(r, a(r), i31_u(reference));
  next<1>(r);
  return Stop::none;
}

// --- tests, casts and branches on them: word 1 says what the reference must be -------------------

namespace detail {

[[gnu::always_inline]] inline bool is_kind(Slot reference, Word wanted) noexcept {
  using Kinds = WantedKinds;
  if (reference == 0) return Kinds::has(wanted, Kinds::null);
  if (Kinds::ask_for_null_alone(wanted)) return Kinds::has(wanted, Kinds::i31);
  if (is_i31(reference)) return Kinds::has(wanted, Kinds::i31);
  if (is_host(reference)) return Kinds::has(wanted, Kinds::host);
  const bool is_array = object_of(reference)->type().is_array;
  return Kinds::has(wanted, is_array ? Kinds::array : Kinds::structure);
}

/// Precondition: a struct's or array's type, with so few supertypes that the object's type has it.
[[gnu::always_inline]] inline bool is_type(Slot reference, Word wanted) noexcept {
  const WantedType type = WantedType::from(wanted);
  if (reference == 0) return type.null;
  return is_object(reference) && object_of(reference)->type().supers[type.depth] == type.id;
}

using Judge = bool (*)(Slot, Word) noexcept;

template <Judge judge>
[[gnu::always_inline]] inline void ref_test(Regs& r) noexcept {
  set(r, a(r), std::uint32_t{judge(r.fp[b(r)], r.pc[1])});
  next<2>(r);
}
template <Judge judge>
[[gnu::always_inline]] inline Stop ref_cast(Regs& r) noexcept {
  if (!judge(r.fp[a(r)], r.pc[1])) [[unlikely]]
    return stop(Trap::cast_failure);
  next<2>(r);
  return Stop::none;
}
template <Judge judge>
[[gnu::always_inline]] inline Stop branch_if(Regs& r, bool sense) noexcept {
  return branch_on<2>(r, judge(r.fp[a(r)], r.pc[1]) == sense);
}

}  // namespace detail

[[gnu::always_inline]] inline void ref_test_kind(Regs& r) noexcept {
  detail::ref_test<detail::is_kind>(r);
}
[[gnu::always_inline]] inline void ref_test_type(Regs& r) noexcept {
  detail::ref_test<detail::is_type>(r);
}
[[gnu::always_inline]] inline Stop ref_cast_kind(Regs& r) noexcept {
  return detail::ref_cast<detail::is_kind>(r);
}
[[gnu::always_inline]] inline Stop ref_cast_type(Regs& r) noexcept {
  return detail::ref_cast<detail::is_type>(r);
}
[[gnu::always_inline]] inline Stop branch_on_kind(Regs& r) noexcept {
  return detail::branch_if<detail::is_kind>(r, true);
}
[[gnu::always_inline]] inline Stop branch_on_not_kind(Regs& r) noexcept {
  return detail::branch_if<detail::is_kind>(r, false);
}
[[gnu::always_inline]] inline Stop branch_on_type(Regs& r) noexcept {
  return detail::branch_if<detail::is_type>(r, true);
}
[[gnu::always_inline]] inline Stop branch_on_not_type(Regs& r) noexcept {
  return detail::branch_if<detail::is_type>(r, false);
}

}  // namespace fermata
