// Samples: small guests that pause in every state that a snapshot has to hold.
//
// What their imports do is Player's business (player.hpp): `spawn` and `start` begin a thread in
// `work`, `throw` answers with an exception, whatever else is called gets invented values.
#pragma once

#include <span>
#include <string_view>

namespace fermata::test {

struct Sample {
  std::string_view name;
  std::string_view text;
  /// However its state is changed, it ends soon.
  bool ends = true;
};

[[nodiscard]] std::span<const Sample> samples();

}  // namespace fermata::test
