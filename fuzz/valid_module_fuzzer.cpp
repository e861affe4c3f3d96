// Fuzz target: the life of a process over modules that are valid, whatever the input is.
//
// The first bytes are the embedder's (process_life.hpp), the rest are the choices from which the
// module is made (tests/support/random_module.hpp). What changes an input knows how choices are
// used: one behind the other, each part of the module by a run of them, and those behind the last
// one that was used are nothing; so it puts runs in, takes them out, repeats them and joins those
// of two inputs, and begins with new ones.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "fuzz/process_life.hpp"
#include "tests/support/random_module.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace fermata;
using test::Choices;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint32_t longest_run = 64;  // of choices that are changed together

/// The choices that a module is made of, without those that are not used.
Octets used(std::span<const std::uint8_t> choices) {
  auto all = Choices::from_bytes(choices);
  static_cast<void>(test::random_module(all));
  return all.taken();
}

std::size_t place_in(Choices& random, const Octets& bytes) {
  return bytes.empty() ? 0 : random.below(static_cast<std::uint32_t>(bytes.size()));
}

/// A part of the bytes.
std::span<const std::uint8_t> run_of(Choices& random, const Octets& bytes) {
  const std::size_t begin = place_in(random, bytes);
  const std::size_t most = std::min<std::size_t>(bytes.size() - begin, longest_run);
  if (most == 0) return {};
  return std::span(bytes).subspan(begin, 1 + random.below(static_cast<std::uint32_t>(most)));
}

Octets new_run(Choices& random) {
  Octets run(1 + random.below(longest_run));
  for (auto& byte : run) byte = static_cast<std::uint8_t>(random.bits());
  return run;
}

void insert(Choices& random, Octets& bytes, const Octets& run) {
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(place_in(random, bytes)), run.begin(),
               run.end());
}

/// One step away from these choices.
void change(Choices& random, Octets& bytes) {
  switch (random.below(5)) {
    case 0:  // another decision
      if (!bytes.empty()) bytes[place_in(random, bytes)] = static_cast<std::uint8_t>(random.bits());
      break;
    case 1:  // a part more
      insert(random, bytes, new_run(random));
      break;
    case 2: {  // a part less
      const auto run = run_of(random, bytes);
      const auto begin = bytes.begin() + (run.empty() ? 0 : run.data() - bytes.data());
      bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(run.size()));
      break;
    }
    case 3: {  // a part again, elsewhere
      const auto run = run_of(random, bytes);
      insert(random, bytes, {run.begin(), run.end()});
      break;
    }
    default: {  // all behind the last one that was used
      const Octets more = new_run(random);
      bytes.insert(bytes.end(), more.begin(), more.end());
    }
  }
}

std::size_t store(const Octets& header, const Octets& choices, std::uint8_t* data,
                  std::size_t max_size) {
  const std::size_t size = std::min(choices.size(), max_size - header.size());
  std::ranges::copy(header, data);
  std::ranges::copy(std::span(choices).first(size), data + header.size());
  return header.size() + size;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (max_size <= fuzz::header_bytes) return LLVMFuzzerMutate(data, size, max_size);
  auto random = Choices::from_seed(seed);
  Octets header(data, data + std::min(size, fuzz::header_bytes));
  header.resize(fuzz::header_bytes);
  if (random.chance(10)) header[random.below(fuzz::header_bytes)] = static_cast<std::uint8_t>(seed);
  const bool has_choices = size > fuzz::header_bytes;
  Octets choices =
      has_choices ? used({data + fuzz::header_bytes, size - fuzz::header_bytes}) : Octets();
  for (std::uint32_t left = 1 + random.below(4); left > 0; --left) change(random, choices);
  return store(header, choices, data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size,
                                                 std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  const std::size_t least = fuzz::header_bytes;
  if (one_size <= least || other_size <= least || max_size <= least) return 0;
  auto random = Choices::from_seed(seed);
  const Octets header(one, one + least);
  Octets choices = used({one + least, one_size - least});
  const Octets others = used({other + least, other_size - least});
  choices.resize(place_in(random, choices));
  choices.insert(choices.end(),
                 others.begin() + static_cast<std::ptrdiff_t>(place_in(random, others)),
                 others.end());
  return store(header, choices, out, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < fuzz::header_bytes) return -1;
  auto choices = Choices::from_bytes(std::span(data, size).subspan(fuzz::header_bytes));
  const auto module = test::load_random(test::random_module(choices));
  if (!module) {
    std::fprintf(stderr, "%s\n", to_string(module.error()).c_str());
    std::abort();
  }
  fuzz::live(*module, {data, fuzz::header_bytes}, "_start", true);
  return 0;
}
