// The registry behind canonical type ids.
//
// A recursive group's key is its structure as a string of bytes, in which a type of the same
// group is its position in the group and one of an earlier group its canonical id. So two groups
// are equivalent exactly when their keys are equal (iso-recursive equivalence), and a key takes
// time and room linear in the group. Owns the table of ids, which readers look into without a lock:
// entries never move, and an id is only ever used by somebody who holds its group.
#include "lib/module/type_registry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "lib/keyed_hash.hpp"

namespace fermata {

/// A group as the registry keeps it. Its ids and then its key follow it in the same piece of
/// memory: modules have up to a million groups, most of them of one small type.
struct RegisteredGroup {
  RegisteredGroup* next = nullptr;  // in its bucket
  std::uint32_t hash = 0;
  std::uint32_t id_count = 0;
  std::size_t key_size = 0;
  std::size_t users = 0;

  [[nodiscard]] TypeId* id_begin() { return reinterpret_cast<TypeId*>(this + 1); }
  [[nodiscard]] std::span<TypeId> ids() { return {id_begin(), id_count}; }
  [[nodiscard]] std::uint8_t* key_begin() {
    return reinterpret_cast<std::uint8_t*>(id_begin() + id_count);
  }
  [[nodiscard]] std::span<const std::uint8_t> key() { return {key_begin(), key_size}; }
};

namespace {

using Key = std::vector<std::uint8_t>;
using KeyView = std::span<const std::uint8_t>;

/// A canonical type as subtype questions see it. `jump` leads to some ancestor further up, chosen
/// so that every ancestor is reached in logarithmically many steps (a skew-binary list).
struct Entry {
  HeapKind kind = HeapKind::func;
  std::uint32_t depth = 0;  // 0: no supertype
  TypeId parent = 0;        // itself at depth 0
  TypeId jump = 0;
};

/// Entries by id: chunks that double in size, so that an entry never moves.
class EntryTable {
 public:
  [[nodiscard]] const Entry& operator[](TypeId id) const { return *at(id); }
  /// Precondition: the registry's lock is held.
  /// Room for the entries of all ids below `count`.
  void make_room(TypeId count) {
    for (unsigned c = 0; count != 0 && c <= place_of(count - 1).chunk; ++c) {
      if (chunks_[c].load(std::memory_order_relaxed) != nullptr) continue;
      auto chunk = std::make_unique<Entry[]>(std::size_t{first_chunk} << c);
      chunks_[c].store(chunk.release(), std::memory_order_release);
    }
  }
  /// Precondition: there is room.
  void set(TypeId id, const Entry& entry) noexcept { *at(id) = entry; }

 private:
  static constexpr std::uint32_t first_chunk = 64;
  struct Place {
    unsigned chunk;
    std::uint64_t index;
  };
  // Chunk c holds the ids from 64 * (2^c - 1) on.
  [[nodiscard]] static Place place_of(TypeId id) {
    const std::uint64_t shifted = std::uint64_t{id} + first_chunk;
    const auto chunk = static_cast<unsigned>(std::bit_width(shifted) - std::bit_width(first_chunk));
    return {chunk, shifted - (std::uint64_t{first_chunk} << chunk)};
  }
  [[nodiscard]] Entry* at(TypeId id) const {
    const Place place = place_of(id);
    return chunks_[place.chunk].load(std::memory_order_acquire) + place.index;
  }

  std::array<std::atomic<Entry*>, 28> chunks_{};
};

/// The groups by their keys: chains of those with equal hashes, as many as there are groups.
class GroupTable {
 public:
  [[nodiscard]] RegisteredGroup* find(KeyView key, std::uint32_t hash) const {
    if (buckets_.empty()) return nullptr;
    RegisteredGroup* group = buckets_[bucket_of(hash)];
    while (group != nullptr && !(group->hash == hash && std::ranges::equal(group->key(), key))) {
      group = group->next;
    }
    return group;
  }
  /// Adds a group with room for so many ids. Precondition: the table has none of this key.
  RegisteredGroup* add(KeyView key, std::uint32_t hash, std::uint32_t id_count) {
    if (count_ == buckets_.size()) grow();
    const std::size_t room = sizeof(RegisteredGroup) + id_count * sizeof(TypeId) + key.size();
    auto* const group = new (::operator new(room)) RegisteredGroup;
    group->hash = hash;
    group->id_count = id_count;
    group->key_size = key.size();
    std::uninitialized_value_construct_n(group->id_begin(), id_count);
    std::ranges::copy(key, group->key_begin());
    insert(group);
    ++count_;
    return group;
  }
  void remove(RegisteredGroup* group) {
    RegisteredGroup** link = &buckets_[bucket_of(group->hash)];
    while (*link != group) link = &(*link)->next;
    *link = group->next;
    ::operator delete(group);
    --count_;
  }

 private:
  [[nodiscard]] std::size_t bucket_of(std::uint32_t hash) const {
    return hash & (buckets_.size() - 1);  // a power of two
  }
  void insert(RegisteredGroup* group) {
    RegisteredGroup*& first = buckets_[bucket_of(group->hash)];
    group->next = std::exchange(first, group);
  }
  void grow() {
    std::vector<RegisteredGroup*> before(std::max<std::size_t>(64, 2 * buckets_.size()));
    before.swap(buckets_);
    for (RegisteredGroup* group : before) {
      while (group != nullptr) {
        RegisteredGroup* const next = group->next;
        insert(group);
        group = next;
      }
    }
  }

  std::vector<RegisteredGroup*> buckets_;
  std::size_t count_ = 0;
};

class Registry {
 public:
  /// The canonical form of the group `types[group]`, made if need be, with one user more. `ids` are
  /// the ids of all types before it. Precondition: locked.
  [[nodiscard]] RegisteredGroup* acquire(std::span<const SubType> types, RecGroup group,
                                         std::span<const TypeId> ids);
  /// One user less. Precondition: locked.
  void release(RegisteredGroup* group);

  [[nodiscard]] const Entry& entry(TypeId id) const { return entries_[id]; }
  [[nodiscard]] std::size_t size() const { return next_id_ - free_ids_.size(); }

  std::mutex mutex;

 private:
  void make_room(std::uint32_t id_count);
  [[nodiscard]] TypeId new_id() noexcept;
  [[nodiscard]] Entry entry_for(HeapKind kind, TypeId self, TypeId parent) const;
  void define(RegisteredGroup* made, std::span<const SubType> members, RecGroup group,
              std::span<const TypeId> ids) noexcept;

  GroupTable groups_;
  EntryTable entries_;
  std::vector<TypeId> free_ids_;
  TypeId next_id_ = 0;
  Key key_;  // of the group in question; its room is reused
};

/// Never destroyed: modules in static storage may outlive any other order.
Registry& registry() {
  static Registry& the_one = *new Registry;
  return the_one;
}

/// Marks a type index in a key as a position in the same group.
constexpr std::uint32_t own_group = 1;
constexpr std::uint32_t earlier_group = 0;

/// Builds the key of one recursive group. `ids` are the canonical ids of all earlier types.
class KeyBuilder {
 public:
  /// Writes to `key`, whose room is used again.
  KeyBuilder(Key& key, RecGroup group, std::span<const TypeId> ids)
      : group_(group), ids_(ids), key_(key) {
    key_.clear();
  }

  void add(const SubType& type) {
    add_number((type.final_ ? 1u : 0u) | static_cast<std::uint32_t>(type.composite.index()) << 1);
    add_number(static_cast<std::uint32_t>(type.supers.size()));
    for (const TypeIdx super : type.supers) add(super);
    std::visit([this](const auto& composite) { add(composite); }, type.composite);
  }

 private:
  /// In as many bytes as it needs, each but the last with its highest bit set.
  void add_number(std::uint32_t number) {
    for (; number >= 0x80; number >>= 7) key_.push_back(static_cast<std::uint8_t>(number | 0x80));
    key_.push_back(static_cast<std::uint8_t>(number));
  }
  void add(TypeIdx index) {
    const bool own = index.value >= group_.first;
    add_number(own ? own_group : earlier_group);
    add_number(own ? index.value - group_.first : ids_[index.value]);
  }
  void add(ValType type) {
    const std::uint32_t nullable = type.nullable ? 1 : 0;
    add_number(static_cast<std::uint32_t>(type.kind) | nullable << 3 |
               static_cast<std::uint32_t>(type.heap.kind) << 4);
    if (type.is_ref() && type.heap.is_concrete()) add(type.heap.index);
  }
  void add(const FieldType& field) {
    add_number(static_cast<std::uint32_t>(field.packed) << 1 | (field.mutable_ ? 1u : 0u));
    add(field.type);
  }
  void add(const ResultType& types) {
    add_number(static_cast<std::uint32_t>(types.size()));
    for (const ValType type : types) add(type);
  }
  void add(const FuncType& type) {
    add(type.params);
    add(type.results);
  }
  void add(const StructType& type) {
    add_number(static_cast<std::uint32_t>(type.fields.size()));
    for (const FieldType& field : type.fields) add(field);
  }
  void add(const ArrayType& type) { add(type.field); }

  RecGroup group_;
  std::span<const TypeId> ids_;
  Key& key_;
};

HeapKind kind_of(const CompType& type) {
  constexpr std::array kinds{HeapKind::func, HeapKind::struct_, HeapKind::array};
  return kinds[type.index()];
}

/// For so many new ids, and for all ids to be free again: neither `define`, which must not leave a
/// group in the table with a part of its ids, nor `release` allocates anything.
void Registry::make_room(std::uint32_t id_count) {
  const std::size_t most = std::size_t{next_id_} + id_count;
  if (free_ids_.capacity() < most) free_ids_.reserve(std::max(most, 2 * free_ids_.capacity()));
  entries_.make_room(next_id_ + id_count);
}

TypeId Registry::new_id() noexcept {
  if (free_ids_.empty()) return next_id_++;
  const TypeId id = free_ids_.back();
  free_ids_.pop_back();
  return id;
}

Entry Registry::entry_for(HeapKind kind, TypeId self, TypeId parent) const {
  if (parent == self) return {kind, 0, self, self};
  const Entry& up = entries_[parent];
  const Entry& jump = entries_[up.jump];
  const bool equal_strides = up.depth - jump.depth == jump.depth - entries_[jump.jump].depth;
  return {kind, up.depth + 1, parent, equal_strides ? jump.jump : parent};
}

RegisteredGroup* Registry::acquire(std::span<const SubType> types, RecGroup group,
                                   std::span<const TypeId> ids) {
  KeyBuilder builder(key_, group, ids);
  const auto members = types.subspan(group.first, group.count);
  for (const SubType& type : members) builder.add(type);
  const auto hash = static_cast<std::uint32_t>(keyed_hash(key_, process_hash_key()));
  RegisteredGroup* registered = groups_.find(key_, hash);
  if (registered == nullptr) {
    make_room(group.count);
    registered = groups_.add(key_, hash, group.count);
    define(registered, members, group, ids);
  }
  ++registered->users;
  return registered;
}

/// Gives the types of a new group their ids and entries.
void Registry::define(RegisteredGroup* made, std::span<const SubType> members, RecGroup group,
                      std::span<const TypeId> ids) noexcept {
  const std::span<TypeId> own = made->ids();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const TypeId id = new_id();
    TypeId parent = id;
    if (!members[i].supers.empty()) {
      const std::uint32_t super = members[i].supers.front().value;
      assert(super < group.first + i);
      parent = super < group.first ? ids[super] : own[super - group.first];
    }
    entries_.set(id, entry_for(kind_of(members[i].composite), id, parent));
    own[i] = id;
  }
}

void Registry::release(RegisteredGroup* group) {
  if (--group->users > 0) return;
  const auto ids = group->ids();
  free_ids_.insert(free_ids_.end(), ids.begin(), ids.end());
  groups_.remove(group);
}

}  // namespace

// Begins as the empty one, so that groups are released if one more cannot be made.
CanonicalTypes::CanonicalTypes(std::span<const SubType> types, std::span<const RecGroup> groups)
    : CanonicalTypes() {
  ids_.reserve(types.size());
  groups_.reserve(groups.size());
  const std::lock_guard lock(registry().mutex);
  for (const RecGroup& group : groups) {
    RegisteredGroup* const registered = registry().acquire(types, group, ids_);
    const auto ids = registered->ids();
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    groups_.push_back(registered);
  }
}

CanonicalTypes::CanonicalTypes(CanonicalTypes&& other) noexcept
    : ids_(std::exchange(other.ids_, {})), groups_(std::exchange(other.groups_, {})) {}

CanonicalTypes& CanonicalTypes::operator=(CanonicalTypes&& other) noexcept {
  std::swap(ids_, other.ids_);
  std::swap(groups_, other.groups_);
  return *this;
}

CanonicalTypes::~CanonicalTypes() {
  if (groups_.empty()) return;
  const std::lock_guard lock(registry().mutex);
  for (RegisteredGroup* const group : groups_) registry().release(group);
}

bool is_subtype(TypeId sub, TypeId super) {
  if (sub == super) return true;
  const Registry& types = registry();
  const std::uint32_t depth = types.entry(super).depth;
  while (types.entry(sub).depth > depth) {
    const Entry& entry = types.entry(sub);
    sub = types.entry(entry.jump).depth < depth ? entry.parent : entry.jump;
  }
  return sub == super;
}

HeapKind composite_kind(TypeId type) { return registry().entry(type).kind; }

std::size_t registered_type_count() {
  const std::lock_guard lock(registry().mutex);
  return registry().size();
}

namespace {

/// Specification: "Validation / Matching / Heap Types", the rules between abstract types. Neither
/// is concrete.
bool abstract_matches(HeapKind a, HeapKind b) {
  if (a == b) return true;
  switch (b) {
    case HeapKind::any:
      return a == HeapKind::eq || a == HeapKind::i31 || a == HeapKind::struct_ ||
             a == HeapKind::array || a == HeapKind::none;
    case HeapKind::eq:
      return a == HeapKind::i31 || a == HeapKind::struct_ || a == HeapKind::array ||
             a == HeapKind::none;
    case HeapKind::i31:
    case HeapKind::struct_:
    case HeapKind::array:
      return a == HeapKind::none;
    case HeapKind::func:
      return a == HeapKind::nofunc;
    case HeapKind::extern_:
      return a == HeapKind::noextern;
    case HeapKind::exn:
      return a == HeapKind::noexn;
    default:
      return false;
  }
}

/// The bottom of the hierarchy that a composite type belongs to.
HeapKind bottom_of(HeapKind composite) {
  return composite == HeapKind::func ? HeapKind::nofunc : HeapKind::none;
}

}  // namespace

bool matches(HeapType a, const CanonicalTypes& at, HeapType b, const CanonicalTypes& bt) {
  if (a.is_concrete() && b.is_concrete()) return is_subtype(at.id(a.index), bt.id(b.index));
  if (a.is_concrete()) return abstract_matches(composite_kind(at.id(a.index)), b.kind);
  if (b.is_concrete()) return a.kind == bottom_of(composite_kind(bt.id(b.index)));
  return abstract_matches(a.kind, b.kind);
}

bool matches(ValType a, const CanonicalTypes& at, ValType b, const CanonicalTypes& bt) {
  if (!a.is_ref() || !b.is_ref()) return a.kind == b.kind;
  return (!a.nullable || b.nullable) && matches(a.heap, at, b.heap, bt);
}

bool matches(const ResultType& a, const CanonicalTypes& at, const ResultType& b,
             const CanonicalTypes& bt) {
  return std::ranges::equal(a, b, [&](ValType x, ValType y) { return matches(x, at, y, bt); });
}

// Specification: "Validation / Matching / Function Types": parameters the other way round.
bool matches(const FuncType& a, const CanonicalTypes& at, const FuncType& b,
             const CanonicalTypes& bt) {
  return matches(b.params, bt, a.params, at) && matches(a.results, at, b.results, bt);
}

}  // namespace fermata
