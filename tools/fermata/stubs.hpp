// Stubs: what answers the imports of a program: results that the command line gives, else WASI,
// else nothing, or a trap where one is called.
//
// Owns which import has which number. Runs nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/fermata.hpp"
#include "tools/fermata/option.hpp"

namespace fermata::tool {

class Stubs {
 public:
  /// `MODULE.NAME` for a function without results, `MODULE.NAME=VALUE,VALUE` for one with. Either
  /// name may have dots in it: what counts is both together. The last for an import decides.
  [[nodiscard]] Complaint add(std::string_view text);
  /// Imports that nothing else answers trap where they are called.
  void trap_unknown() { traps_unknown_ = true; }

  /// Decides about each imported function of the module. False, and it is on stderr why, when an
  /// import has no answer, all of which are named, or when a stub does not fit. Called once, first.
  [[nodiscard]] bool bind(std::string_view file, const Module& module);
  /// For processes of that module. It must not outlive the stubs.
  [[nodiscard]] Resolver resolver() const;
  /// What of that a log of a run cannot hold, which has numbers alone; nothing if it can hold it
  /// all.
  [[nodiscard]] std::optional<std::string> unrecordable() const;

  /// Whether calls of this number are not WASI's.
  [[nodiscard]] bool owns(std::uint64_t number) const { return number < imports_.size(); }
  /// Null: the call traps. Precondition: `owns(number)`.
  [[nodiscard]] const std::vector<Value>* results(std::uint64_t number) const;
  /// The import, as messages name it. Precondition: `owns(number)`.
  [[nodiscard]] std::string name(std::uint64_t number) const;

 private:
  struct Stub {
    std::string values;
    bool has_values = false;
    bool is_used = false;
  };
  struct BoundImport {
    std::uint32_t import = 0;                   // which of all imports
    std::uint64_t number = 0;                   // WASI's, or which of `imports_` this is
    std::optional<std::vector<Value>> results;  // a stub's
    bool has_answer = true;
  };

  [[nodiscard]] bool bind_functions(std::string_view file, const Module& module);
  [[nodiscard]] Complaint bind_stub(const Stub& stub, const FuncType& type,
                                    BoundImport& bound) const;
  void complain_of_missing(std::string_view file, const Module& module) const;

  std::map<std::string, Stub, std::less<>> stubs_;  // by MODULE.NAME
  bool traps_unknown_ = false;
  std::optional<Module> module_;
  std::vector<BoundImport> imports_;  // the functions
};

/// `--stub`, `--trap-unknown`.
[[nodiscard]] std::vector<Option> stub_options(Stubs& stubs);

}  // namespace fermata::tool
