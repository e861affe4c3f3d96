// SuiteRecorder: what the scripts of the official suite call, recorded.
//
// Owns the processes that the scripts' modules become: each call is a thread of its module's
// process, so that it finds what the calls before it have left; one that traps or throws is made in
// a fork. Modules that cannot be a process are counted by the reason.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lib/script/script.hpp"
#include "tests/carry/recorder.hpp"

namespace fermata::test {

struct SuiteTally {
  std::size_t runs = 0;
  std::size_t stops = 0;
  std::size_t asserted = 0;                     ///< of the runs, those of an assert_return
  std::map<std::string, std::size_t> left_out;  ///< assertions, by the reason
  std::vector<std::string> faults;
};

class SuiteRecorder {
 public:
  SuiteRecorder(PackWriter& pack, const ExecutionOptions& execution, const RecordOptions& options)
      : pack_(pack), execution_(execution), options_(options), random_(options.seed) {}

  /// All of a script; its name is for the names of the runs.
  void record_script(const std::string& name, const text::Script& script);
  [[nodiscard]] const SuiteTally& tally() const { return tally_; }

 private:
  struct Instance {
    std::optional<Module> module;
    std::optional<Passenger> passenger;
    std::string missing;  // why there is no passenger
    bool is_written = false;
  };

  void take(const text::ScriptModule& command);
  void take(const text::ScriptInstance& command);
  void take(const text::Action& action, bool is_assert_return);
  [[nodiscard]] Instance make_instance(const std::optional<Module>& module) const;
  [[nodiscard]] Result<Passenger> passenger_of(const Module& module) const;
  void call(Instance& instance, const text::Action& action, bool is_assert_return);
  void write(Instance& instance, const Run& run);
  [[nodiscard]] Instance* find(const std::optional<std::string>& id);

  PackWriter& pack_;
  ExecutionOptions execution_;
  RecordOptions options_;
  RandomNumbers random_;
  SuiteTally tally_;

  // Of one script.
  std::string script_;
  std::uint32_t line_ = 0;
  std::map<std::string, std::optional<Module>> definitions_;
  std::optional<Module> latest_definition_;
  std::map<std::string, std::shared_ptr<Instance>> instances_;
  std::shared_ptr<Instance> latest_;
  const Instance* written_ = nullptr;  // whose module the next run in the pack is of
};

}  // namespace fermata::test
