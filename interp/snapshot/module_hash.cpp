#include "interp/snapshot/module_hash.hpp"

#include <memory>

namespace fermata::snapshot {
namespace {

struct ModuleHash final : Attachment {
  explicit ModuleHash(const ModuleImpl& module) : hash(sha256(module.data.bytes)) {}
  Sha256 hash;
};

}  // namespace

const Sha256& hash_of(const ModuleImpl& module) {
  Attachment& hash = module.attachments.get_or_make(
      AttachmentKey::hash, [&] { return std::make_unique<ModuleHash>(module); });
  return static_cast<ModuleHash&>(hash).hash;
}

}  // namespace fermata::snapshot
