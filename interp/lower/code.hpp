// CodeCache: the register code of one module in one mode, lowered function by function on first
// call.
//
// Shared by all processes of the module on all OS threads; owned by the module (an Attachment).
// Knows where every function's code lies, so that a program counter names its function; knows
// nothing of instances.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "interp/budget.hpp"
#include "interp/isa/word.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata {

/// How functions are lowered; a module has one CodeCache per mode.
struct CodeMode {
  bool fusion = true;
  bool debug = false;
  bool metered = false;  ///< charges fuel, and may pause at entries of functions and loops
  bool canonical_nan = false;  ///< every NaN that is computed is the canonical one
  [[nodiscard]] constexpr AttachmentKey key() const {
    const int mode =
        (fusion ? 1 : 0) | (debug ? 2 : 0) | (metered ? 4 : 0) | (canonical_nan ? 8 : 0);
    static_assert(static_cast<int>(AttachmentKey::code) + 15 <
                  static_cast<int>(AttachmentKey::end));
    return static_cast<AttachmentKey>(static_cast<int>(AttachmentKey::code) + mode);
  }
  friend constexpr bool operator==(CodeMode, CodeMode) = default;
};

class CodeCache;
class Lowerer;
class RootMap;        // root_map.hpp
struct HandlerTable;  // handler_table.hpp

/// One function's register code. `entry` starts out at an instruction that lowers the function.
///
/// What a frame of it looks like says interp/lower/frame_layout.hpp.
struct FuncCode {
  std::atomic<const Word*> entry{nullptr};
  std::uint32_t frame_slots = 0;  ///< from the frame pointer, all of it
  std::uint32_t header = 0;       ///< slot of the return pc
  std::uint32_t zeroed = 0;       ///< slots behind the header that start as zero: the locals'
  FuncIdx index{};
  CodeCache* cache = nullptr;
  const HandlerTable* handlers = nullptr;  ///< once it is lowered; null: it catches nothing
};

inline constexpr std::uint32_t header_slots = 1;

class CodeCache final : public Attachment {
 public:
  CodeCache(const ModuleImpl& module, CodeMode mode);
  ~CodeCache() override;

  /// The cache of a module in a mode, made on first use.
  [[nodiscard]] static CodeCache& of(const ModuleImpl& module, CodeMode mode);

  [[nodiscard]] const ModuleImpl& module() const { return module_; }
  [[nodiscard]] CodeMode mode() const { return mode_; }
  /// Precondition: a defined function.
  [[nodiscard]] FuncCode& function(FuncIdx f) {
    return functions_[f.value - module_.imported_funcs];
  }

  /// Lowers the function unless that has been done; returns its entry. Its code is charged to the
  /// budget, for as long as that exists, if this call makes it; null when the budget or the
  /// system does not have that much. Thread-safe.
  [[nodiscard]] const Word* lower(FuncCode& function, Budget& budget);

  struct Place {
    const FuncCode* function = nullptr;
    std::uint32_t word = 0;  ///< index of the pc in the function's code
  };
  /// The function whose code contains `pc`. Precondition: `pc` lies in lowered code of this cache.
  [[nodiscard]] Place find(const Word* pc) const;

  /// Of an instruction that trapped: how much fuel is charged there for more than its block.
  [[nodiscard]] std::int64_t overcharge(const Word* pc);

  /// Where frames of the function keep references to the heap; made on first demand, and kept.
  [[nodiscard]] const RootMap& roots(const FuncCode& function);

 private:
  [[nodiscard]] const Word* make_code(FuncCode& function, Budget& budget);
  template <class Ask>
  void ask_lowerer(Ask ask);

  const ModuleImpl& module_;
  CodeMode mode_;
  std::vector<FuncCode> functions_;  // never resized
  mutable std::mutex mutex_;
  std::unique_ptr<Lowerer> lowerer_;  // made for the first function
  struct Lowered {
    const FuncCode* function;
    std::unique_ptr<Word[]> words;
    std::unique_ptr<const HandlerTable> handlers;
  };
  std::map<const Word*, Lowered> by_begin_;
  std::unordered_map<std::uint32_t, std::unique_ptr<const RootMap>> roots_;  // by function
};

}  // namespace fermata
