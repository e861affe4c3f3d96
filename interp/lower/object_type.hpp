// ObjectType: what the objects of a struct or array type, or of a tag, look like in the heap.
//
//   struct, exception:   | type 8 | fields |
//   array:               | type 8 | length 4 | unused 4 | elements |
//
// The lowest bit of the type's address is the collector's mark. A field lies at a multiple of its
// size, one of 16 bytes at a multiple of 8.
//
// The same on every host but for the order of bytes in a field, so that the heap is counted alike
// everywhere. A struct's layout begins with that of its supertype. Here and not in runtime/ because
// register code names fields by their place. Specification: "Execution / Runtime Structure /
// Structure Instances" and "Array Instances".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "interp/isa/word.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata {

/// How a field or an element is stored; in the order of their sizes.
enum class Storage : std::uint8_t { i8, i16, i32, f32, i64, f64, ref, v128 };

[[nodiscard]] constexpr std::uint32_t bytes_of(Storage storage) {
  constexpr std::uint8_t bytes[] = {1, 2, 4, 4, 8, 8, 8, 16};
  return bytes[static_cast<std::size_t>(storage)];
}
/// Slots that a value takes in a frame.
[[nodiscard]] constexpr std::uint32_t slots_of(Storage storage) {
  return storage == Storage::v128 ? 2 : 1;
}
[[nodiscard]] Storage storage_of(const FieldType& field);

/// Whether references of this type may refer to the heap: all but those to functions.
[[nodiscard]] bool is_traced(ValType type, const CanonicalTypes& types);

struct ObjectField {
  std::uint32_t offset = 0;
  Storage storage{};
};

/// No canonical id.
inline constexpr TypeId no_type = ~TypeId{0};

struct ObjectType {
  static constexpr std::uint32_t header_bytes = 8;
  static constexpr std::uint32_t array_header_bytes = 16;
  /// Supertypes that are known without a search.
  static constexpr std::uint32_t known_depth = 8;

  TypeId id = 0;    ///< canonical
  TypeIdx index{};  ///< in its module
  const ModuleImpl* module = nullptr;  ///< null of an exception
  bool is_array = false;
  bool is_exception = false;
  Storage element{};  ///< of an array
  bool traced_elements = false;
  std::uint32_t bytes = 0;                   ///< of a struct, all of it
  std::uint32_t depth = 0;                   ///< how many supertypes it has
  std::array<TypeId, known_depth> supers{};  ///< from the topmost down to itself; no id behind it
  std::vector<ObjectField> fields;           ///< of a struct
  std::vector<std::uint32_t> references;     ///< offsets of a struct's fields that are traced

  /// Of an object, as the heap counts it. No overflow: a length has 32 bits.
  [[nodiscard]] std::uint64_t object_bytes(std::uint32_t length) const noexcept {
    if (!is_array) return bytes;
    const std::uint64_t elements = std::uint64_t{length} * bytes_of(element);
    return array_header_bytes + (elements + 7) / 8 * 8;
  }
};

/// Lays out fields of these types one after the other, as a struct has them.
void lay_out(ObjectType& object, std::span<const FieldType> fields, const CanonicalTypes& types);

/// Those of one module, each made when it is first asked for, and shared. Thread-safe.
class ObjectTypes final : public Attachment {
 public:
  explicit ObjectTypes(const ModuleImpl& module) : module_(module) {}
  [[nodiscard]] static ObjectTypes& of(const ModuleImpl& module);

  /// Valid as long as the module. Precondition: a struct or array type.
  [[nodiscard]] const ObjectType& operator[](TypeIdx type);

 private:
  [[nodiscard]] std::unique_ptr<ObjectType> make(TypeIdx type) const;
  void add_supertypes(ObjectType& object, TypeIdx type) const;

  const ModuleImpl& module_;
  std::mutex mutex_;
  std::unordered_map<std::uint32_t, std::unique_ptr<const ObjectType>> types_;
};

}  // namespace fermata
