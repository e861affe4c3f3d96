#include "interp/snapshot/numbering.hpp"

#include <cstring>

#include "interp/runtime/tag.hpp"

namespace fermata::snapshot {

Numbering::Numbering(const ProcessImpl& process) : module_(*process.instance->module) {
  instances_.push_back(process.instance);
  if (const auto* spawned = process.threads.spawned()) {
    for (const auto& [thread, instance] : spawned->by_thread) instances_.push_back(instance);
    instances_.insert(instances_.end(), spawned->idle.begin(), spawned->idle.end());
  }
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    instance_numbers_.emplace(instances_[i], static_cast<std::uint32_t>(i));
  }
  if (process.instance->heap == nullptr) return;
  for (std::uint32_t i = 0; i < module_.canonical.size(); ++i) {
    types_.try_emplace(module_.canonical.id(TypeIdx{i}), i);
  }
  for (std::uint32_t i = 0; i < module_.tags.size(); ++i) {
    tags_.emplace(process.instance->tags[i], i);
  }
}

std::uint32_t Numbering::instance(const Instance* instance) const {
  return instance == nullptr ? 0 : instance_numbers_.at(instance);
}

std::uint32_t Numbering::type(const ObjectType& type) const { return types_.at(type.id); }
std::uint32_t Numbering::tag(const ObjectType& type) const { return tags_.at(&type); }

// --- values --------------------------------------------------------------------------------------

void Numbering::function(Output& out, const Func& function) const {
  out.number(instance(function.instance));
  out.number(function.index.value);
}

void Numbering::reference(Output& out, Slot bits, bool traced) {
  const auto referent = [&](Referent what) { out.byte(static_cast<std::uint8_t>(what)); };
  if (bits == 0) {
    referent(Referent::null);
  } else if (!traced) {
    referent(Referent::function);
    function(out, *reinterpret_cast<const Func*>(static_cast<std::uintptr_t>(bits)));
  } else if (is_i31(bits)) {
    referent(Referent::i31);
    out.number(i31_u(bits));
  } else if (is_host(bits)) {
    referent(Referent::host);
    out.number(bits >> 2);
  } else {
    referent(Referent::object);
    out.number(object(object_of(bits)));
  }
}

void Numbering::value(Output& out, ValType type, const Slot* from) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      return out.fixed(from[0], 4);
    case ValKind::i64:
    case ValKind::f64:
      return out.fixed(from[0], 8);
    case ValKind::v128:
      out.fixed(from[0], 8);
      return out.fixed(from[1], 8);
    case ValKind::ref:
      return reference(out, from[0], is_traced(type, module_.canonical));
  }
}

void Numbering::typed_value(Output& out, ValType type, const Slot* from) {
  out.byte(code_of(type));
  value(out, type, from);
}

void Numbering::typed_values(Output& out, const ResultType& types, const Slot* from) {
  out.number(types.size());
  for (const ValType type : types) {
    typed_value(out, type, from);
    from += type.slots();
  }
}

// --- objects -------------------------------------------------------------------------------------

std::uint32_t Numbering::object(const Object* object) {
  const auto [found, is_new] =
      object_numbers_.try_emplace(object, static_cast<std::uint32_t>(objects_.size()));
  if (is_new) objects_.push_back(object);
  return found->second;
}

void Numbering::reach() {
  for (std::size_t i = 0; i < objects_.size(); ++i) reach_from(*objects_[i]);
}

void Numbering::reach_from(const Object& from) {
  const auto reach_at = [&](const std::byte* at) {
    Slot reference;
    std::memcpy(&reference, at, sizeof reference);
    if (is_object(reference)) static_cast<void>(object(object_of(reference)));
  };
  const ObjectType& type = from.type();
  for (const std::uint32_t offset : type.references) reach_at(from.at(offset));
  if (!type.traced_elements) return;
  const std::byte* at = from.elements();
  for (std::uint32_t i = 0; i < from.length(); ++i, at += sizeof(Slot)) reach_at(at);
}

}  // namespace fermata::snapshot
