#include "interp/runtime/heap.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {
constexpr std::uint64_t entry_bytes = 8;  // of the marking stack; one number on every host
}

Heap::Heap(Budget& budget, std::uint64_t max_bytes, RootSources roots)
    : budget_(budget), max_bytes_(max_bytes), roots_(roots) {
  schedule();
}

Heap::~Heap() {
  std::free(static_cast<void*>(reached_));
  budget_.give(reached_capacity_ * entry_bytes);
}

// Collects when as much has been allocated as was left by the last collection, so that the work of
// marking is in proportion to what is allocated, and before the limit. A heap that is nearly full
// of objects in use would be collected for every few objects, so its last sixteenth is for garbage.
void Heap::schedule() noexcept {
  const std::uint64_t usable = max_bytes_ - max_bytes_ / 16;
  is_full_ = bytes_ > usable;
  until_due_ = is_full_ ? 0 : std::min(max_bytes_ - bytes_, std::max(bytes_, least_step));
}

Object* Heap::make(const ObjectType& type, std::uint32_t length) noexcept {
  const std::uint64_t bytes = type.object_bytes(length);
  if (is_full_ || bytes > max_bytes_ - bytes_) {
    failure_ = Trap::heap_exhausted;
    return nullptr;
  }
  const bool has_room = objects_ < reached_capacity_ || make_room();
  Object* const object = has_room ? cells_->take(bytes) : nullptr;
  if (object == nullptr) {
    failure_ = Trap::out_of_memory;
    return nullptr;
  }
  ++objects_;
  bytes_ += bytes;
  until_due_ -= std::min(bytes, until_due_);
  object->type_bits = address_bits(&type);
  if (type.is_array) object->set_length(length);
  return object;
}

// Room to mark one more. Nothing is in the stack between two collections.
bool Heap::make_room() noexcept {
  const std::uint64_t wanted = std::max<std::uint64_t>(256, reached_capacity_ * 2);
  if (wanted > SIZE_MAX / sizeof(Object*) || !budget_.take(wanted * entry_bytes)) return false;
  void* const stack = std::malloc(static_cast<std::size_t>(wanted) * sizeof(Object*));
  if (stack == nullptr) {
    budget_.give(wanted * entry_bytes);
    return false;
  }
  budget_.give(reached_capacity_ * entry_bytes);
  std::free(static_cast<void*>(reached_));
  reached_ = static_cast<Object**>(stack);
  reached_capacity_ = wanted;
  return true;
}

void Heap::clear() {
  cells_ = std::make_unique<Cells>(budget_);
  kept_->forget();
  std::free(static_cast<void*>(std::exchange(reached_, nullptr)));
  budget_.give(std::exchange(reached_capacity_, 0) * entry_bytes);
  bytes_ = peak_bytes_ = collections_ = objects_ = 0;
  schedule();
}

// What was garbage there counts here too, until the collection that finds it.
bool Heap::go_on_as(const HeapUse& use, std::uint64_t until_due) noexcept {
  if (use.bytes < bytes_ || use.bytes > max_bytes_) return false;
  bytes_ = use.bytes;
  peak_bytes_ = use.peak_bytes;
  collections_ = use.collections;
  until_due_ = std::min(until_due, max_bytes_ - bytes_);
  return true;
}

// --- collection ----------------------------------------------------------------------------------

bool Heap::collect() noexcept {
  const std::uint64_t objects = objects_;
  const std::uint64_t bytes = bytes_;
  cells_->finish_sweep();
  bytes_ = objects_ = 0;
  if (!finds_memory([this] { mark_roots(); })) {
    forget_marks(bytes, objects);
    return false;
  }
  ++collections_;
  peak_bytes_ = std::max(peak_bytes_, bytes);
  mark_reached();
  cells_->begin_sweep();
  schedule();
  return true;
}

void Heap::forget_marks(std::uint64_t bytes, std::uint64_t objects) noexcept {
  cells_->unmark();
  reached_count_ = 0;
  bytes_ = bytes;
  objects_ = objects;
  failure_ = Trap::out_of_memory;
}

void Heap::mark_roots() {
  if (roots_.objects != nullptr) roots_.objects->mark_roots(*this);
  if (roots_.threads != nullptr) roots_.threads->mark_roots(*this);
  // Of a concrete type nobody knows here whether it is a function's.
  for (const Value& reference : kept_->references) {
    if (reference.type().is_ref() && owns(reference.lo())) mark(reference.lo());
  }
}

void Heap::mark(Slot reference) noexcept {
  if (!is_object(reference)) return;
  Object* const object = object_of(reference);
  if ((object->type_bits & Object::mark) != 0) return;
  object->type_bits |= Object::mark;
  const ObjectType& type = object->type();
  bytes_ += type.object_bytes(type.is_array ? object->length() : 0);
  ++objects_;
  if (type.is_array ? type.traced_elements : !type.references.empty()) {
    reached_[reached_count_++] = object;
  }
}

void Heap::mark_reached() noexcept {
  while (reached_count_ != 0) mark_fields(*reached_[--reached_count_]);
}

void Heap::mark_fields(const Object& object) noexcept {
  const auto mark_at = [this](const std::byte* at) {
    Slot reference;
    std::memcpy(&reference, at, sizeof reference);
    mark(reference);
  };
  const ObjectType& type = object.type();
  if (type.is_array) {
    const std::byte* at = object.elements();
    for (std::uint32_t i = 0, count = object.length(); i < count; ++i, at += sizeof(Slot)) {
      mark_at(at);
    }
  } else {
    for (const std::uint32_t offset : type.references) mark_at(object.at(offset));
  }
}

}  // namespace fermata
