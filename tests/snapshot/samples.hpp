// Samples: small guests that pause in every state that a snapshot has to hold, and end soon,
// however their state is changed.
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
};

[[nodiscard]] std::span<const Sample> samples();

}  // namespace fermata::test
