// Fuel and interruption: how far a guest may run, and how it is stopped from outside.
//
// Of processes and stores that were created with `ExecutionOptions::metering`. What costs how much is
// docs/fuel.md: the same number on every machine, whatever the build and its options.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

namespace fermata {

class Meter;  // interp/runtime/meter.hpp

/// Pauses a running guest from outside. May be copied, and outlives its process: then it does
/// nothing.
class Interrupter {
 public:
  /// The running thread pauses at its next safe point: the next function that it enters, the next
  /// time that it comes to a loop's begin, or the next piece of a long memory.fill or memory.copy; its
  /// `run` returns `Interrupted`. When none runs, the one that is run next pauses. Any number of calls
  /// until then are one. May be called from any OS thread, and from a signal handler.
  void interrupt() const noexcept;

 private:
  friend class FuelRef;
  explicit Interrupter(std::shared_ptr<Meter> meter) : meter_(std::move(meter)) {}
  std::shared_ptr<Meter> meter_;
};

/// The fuel of a paused process or store. A handle, as valid as that.
class FuelRef {
 public:
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  /// What all its threads have used, since it was created or reset.
  [[nodiscard]] std::uint64_t used() const;
  /// Threads pause at a safe point, and `run` returns `OutOfFuel`, when this much has been used in
  /// all. As long as nothing else was set: `unlimited`. A block of instructions that has begun is
  /// finished, so a little more may have been used than this.
  [[nodiscard]] std::uint64_t limit() const;
  void set_limit(std::uint64_t used);
  /// The limit less what was used; 0 when that is more. `unlimited` without a limit.
  [[nodiscard]] std::uint64_t left() const;
  /// Sets the limit to what was used and so much more. An example, slices of a thousand units:
  ///
  ///     FuelRef fuel = *process.fuel();
  ///     do {
  ///       fuel.set_left(1000);
  ///       outcome = thread.run();
  ///     } while (outcome && std::holds_alternative<OutOfFuel>(*outcome));
  void set_left(std::uint64_t units);

  [[nodiscard]] Interrupter interrupter() const { return Interrupter(meter_); }

 private:
  friend class Process;
  friend class Store;
  explicit FuelRef(std::shared_ptr<Meter> meter) : meter_(std::move(meter)) {}
  std::shared_ptr<Meter> meter_;
};

}  // namespace fermata
