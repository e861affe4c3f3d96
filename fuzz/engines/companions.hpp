// Companions: two modules that stand around a guest, so that engines can be compared.
//
// The host module has everything that the guest imports, the witness calls everything that it
// exports. All that happens is told by one imported function, `log`.`note`, which takes numbers
// alone: a word of `Note` and 64 bits as two halves. So an engine's embedder has to know nothing
// else, and no value has to go through it that it may change or refuse (NaNs, vectors, exceptions,
// objects). What the host answers, and what the guest's functions are called with, depends on the
// number of calls so far alone, and is computed by these modules.
//
//   host      imports log.note; exports `0`, `1` ... : what the guest imports, in that order
//   witness   imports log.note, and from `guest` what the guest exports; exports
//             `call N` for each function among the guest's exports, N counts all exports from 0;
//             `state`: globals and tables
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// What `note` tells; run.js and scripts/differential know them by their numbers.
enum class Note : std::uint8_t {
  host_call,  ///< number of the import; of the call
  i32,
  i64,
  f32,
  f64,
  v128,  ///< twice, the lower half first
  null,
  i31,        ///< its number
  object,     ///< index of a type that it has, once for each; of an array the length
  function,   ///< index of a type that it has, once for each
  reference,  ///< one that is not null, of which nothing else is told
  threw,      ///< a tag's place among the exported ones
  global,     ///< its place among the exports
  table,      ///< its place among the exports; its size
};

struct Companions {
  Bytes host;
  Bytes witness;
};

/// Error: what of the imports no host module can give.
[[nodiscard]] std::expected<Companions, std::string> make_companions(const Bytes& guest);

}  // namespace fermata::test
