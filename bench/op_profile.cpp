// Counts what a program executes: instructions of the register code, pairs of them, and how many
// dispatches there are for each WebAssembly instruction. Decisions about fusion are taken by these
// numbers.
//
//     op_profile [--hot N | --places] [--output FILE] [OPTIONS] PROGRAM.wasm ARGS...
//
// --hot lists the N hottest functions with counts; --places prints a row for every instruction
// executed, which is what bench/choose_pairs reads. OPTIONS and all that follows are those of
// `fermata run`. Without --output the profile comes after what the program writes.
//
// It is the command with one function replaced: this file defines `execute` with a loop that
// counts, so the linker does not take the library's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fermata/module.hpp"
#include "interp/exec/execute.hpp"
#include "interp/exec/loop.hpp"
#include "interp/lower/disassemble.hpp"
#include "interp/lower/lowerer.hpp"
#include "interp/runtime/instance.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"

namespace fermata {

namespace {

/// Of a single instruction, whether it has a dispatch of its own or is a later part of a pair.
struct Place {
  std::uint64_t ran = 0;
  std::uint64_t dispatched = 0;
  std::uint64_t followed = 0;  ///< by the instruction at `next`, its successor
  const Word* next = nullptr;
  Way way = Way::next;
};

class Counts {
 public:
  std::vector<std::uint64_t> ops = std::vector<std::uint64_t>(op_count);
  std::unordered_map<const Word*, Place> places;

  /// That of an instruction, in `places`; the last ones are found without a search.
  Place& at(const Word* pc) {
    Recent& recent =
        recent_[(reinterpret_cast<std::uintptr_t>(pc) / sizeof(Word)) % recent_.size()];
    if (recent.pc != pc) recent = {pc, &places[pc]};
    return *recent.place;
  }

 private:
  struct Recent {
    const Word* pc = nullptr;
    Place* place = nullptr;
  };
  std::array<Recent, std::size_t{1} << 16> recent_;
};
Counts counts;

/// The program, kept beyond its process, and the register code that it ran.
struct Program {
  Module module;
  CodeCache& cache;
};
std::optional<Program> program;

/// One instruction, no pair.
Stop one_step(Regs& r, Op op) noexcept {
  switch (op) {
#define FERMATA_OP(id, layout, ...) \
  case Op::id:                      \
    return finish_slowly(r, step<Op::id>(r));
#define FERMATA_PAIR(...)
#include "interp/isa/ops.def"
    default:
      std::unreachable();
  }
}

/// The instruction at pc, in all its parts; each is counted.
Stop dispatch(Regs& r) noexcept {
  const Op op = op_of(*r.pc);
  ++counts.ops[static_cast<std::size_t>(op)];
  ++counts.at(r.pc).dispatched;
  for (std::uint32_t left = parts(op); left != 0; --left) {
    const Word* pc = r.pc;
    const Op part = first_part(op_of(*pc));
    Place& place = counts.at(pc);
    ++place.ran;
    if (const Stop why = one_step(r, part); why != Stop::none) return why;
    const auto to = successor(part, *pc);
    if (!to) return Stop::none;
    place.next = pc + to->offset;
    place.way = to->way;
    if (r.pc != place.next) return Stop::none;
    ++place.followed;
  }
  return Stop::none;
}

}  // namespace

bool has_dispatch(Dispatch) noexcept { return true; }

Exit execute(GuestThread& thread, Dispatch) noexcept {
  const Func& function = *thread.function;
  if (!program && function.code != nullptr) {
    program.emplace(function.instance->module_handle(), *function.code->cache);
  }
  Regs r = enter_loop(thread);
  Stop why = Stop::none;
  while (why == Stop::none) why = dispatch(r);
  return leave_loop(r, why);
}

namespace {

bool is_structure(WasmOp op) {
  return opens_block(op) ? op != WasmOp::if_
                         : divides_block(op) || closes_block(op) || op == WasmOp::nop;
}

/// How many WebAssembly instructions each origin stands for: those since the origin before it.
std::map<std::uint32_t, std::uint64_t> weights(const ModuleImpl& module, CodeCache& cache,
                                               FuncIdx function) {
  const auto origins = Lowerer(cache).origins(function);
  InstructionReader reader(module.data.bytes, module.definition(function).body, module.features);
  Instruction in;
  std::map<std::uint32_t, std::uint64_t> by_word;
  for (const Origin& origin : origins) {
    auto& weight = by_word[origin.word];
    while (!reader.at_end() && reader.offset() <= origin.offset && reader.next(in)) {
      if (!is_structure(in.op)) ++weight;
    }
  }
  return by_word;
}

struct FunctionCount {
  std::uint64_t ops = 0;
  std::uint64_t wasm = 0;
};

std::map<std::uint32_t, FunctionCount> by_function(const ModuleImpl& module, CodeCache& cache) {
  std::map<std::uint32_t, FunctionCount> found;
  std::map<std::uint32_t, std::map<std::uint32_t, std::uint64_t>> known;
  for (const auto& [pc, count] : counts.places) {
    if (in_bootstrap(pc) || pc == &lower_code) continue;
    const auto place = cache.find(pc);
    const FuncIdx index = place.function->index;
    auto [weight, is_new] = known.try_emplace(index.value);
    if (is_new) weight->second = weights(module, cache, index);
    FunctionCount& f = found[index.value];
    f.ops += count.dispatched;
    const auto origin = weight->second.find(place.word);
    if (origin != weight->second.end()) f.wasm += count.ran * origin->second;
  }
  return found;
}

std::FILE* out = stdout;

template <class Name>
void print_top(std::string_view title, const std::vector<std::uint64_t>& values,
               std::uint64_t total, std::size_t many, Name name) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  many = std::min(many, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(many), order.end(),
                    [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  fmt::print(out, "{}\n", title);
  for (std::size_t i = 0; i < many && values[order[i]] != 0; ++i) {
    const double share = 100.0 * static_cast<double>(values[order[i]]) / static_cast<double>(total);
    fmt::print(out, "  {:5.1f} %  {:>13}  {}\n", share, values[order[i]], name(order[i]));
  }
}

/// Instructions and their successors, in one dispatch or not; an arrow is a branch that goes back.
void print_pairs(std::uint64_t total) {
  std::map<std::string, std::uint64_t> pairs;
  for (const auto& [pc, count] : counts.places) {
    if (count.followed == 0) continue;
    pairs[fmt::format("{} {}{}", to_string(first_part(op_of(*pc))),
                      count.way == Way::jump ? "-> " : "",
                      to_string(first_part(op_of(*count.next))))] += count.followed;
  }
  std::vector<std::string> names;
  std::vector<std::uint64_t> values;
  for (const auto& [name, followed] : pairs) {
    names.push_back(name);
    values.push_back(followed);
  }
  print_top("pairs", values, total, 100, [&](std::size_t i) { return names[i]; });
}

/// The hottest functions' listings, every instruction with how often it ran.
void print_hot(const Module& module, CodeCache& cache, CodeMode mode,
               const std::map<std::uint32_t, FunctionCount>& functions, std::size_t many) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (const auto& [index, f] : functions) order.emplace_back(f.ops, index);
  std::ranges::sort(order, std::greater{});
  for (std::size_t i = 0; i < std::min(many, order.size()); ++i) {
    const FuncIdx index{order[i].second};
    fmt::print(out, "function {} {}: {} ops\n{}", index.value, module.function_name(index),
               order[i].first, disassemble(module, index, mode));
    std::map<std::uint32_t, Place> words;
    for (const auto& [pc, count] : counts.places) {
      if (in_bootstrap(pc) || pc == &lower_code) continue;
      const auto place = cache.find(pc);
      if (place.function->index == index) words[place.word] = count;
    }
    for (const auto& [word, count] : words) {
      fmt::print(out, "  {:5} ran {}, dispatched {}\n", word, count.ran, count.dispatched);
    }
  }
}

/// One instruction of the functions that ran, in the order of their code.
struct Row {
  std::uint32_t function = 0;
  std::uint32_t word = 0;
  const Word* pc = nullptr;
  const Place* place = nullptr;
};

/// Those that ran often enough to matter.
std::vector<Row> rows_of(const CodeCache& cache, std::uint64_t total) {
  constexpr std::uint64_t share = 20'000;
  std::vector<Row> rows;
  for (const auto& [pc, place] : counts.places) {
    if (in_bootstrap(pc) || pc == &lower_code || place.ran * share < total) continue;
    const auto at = cache.find(pc);
    rows.push_back({at.function->index.value, at.word, pc, &place});
  }
  std::ranges::sort(rows, {}, [](const Row& row) { return std::pair(row.function, row.word); });
  return rows;
}

/// A row for each instruction: itself, how often it ran, the row of its successor, the way there,
/// and how often it went there. Counts are parts of ten million, so profiles of the same run of a
/// program are the same wherever it was.
void print_places(const CodeCache& cache, std::uint64_t wasm) {
  std::uint64_t total = 0;
  for (const auto& [pc, place] : counts.places) total += place.ran;
  const auto rows = rows_of(cache, total);
  std::unordered_map<const Word*, std::size_t> numbers;
  for (const Row& row : rows) numbers.emplace(row.pc, numbers.size());
  const auto scaled = [&](std::uint64_t count) {
    return static_cast<std::uint64_t>(static_cast<double>(count) * 1e7 /
                                      static_cast<double>(total));
  };
  fmt::print(out, "{:.4f} instructions for each of WebAssembly\n",
             static_cast<double>(total) / static_cast<double>(wasm));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Place& place = *rows[i].place;
    fmt::print(out, "{}\t{}", to_string(first_part(op_of(*rows[i].pc))), scaled(place.ran));
    const auto next = numbers.find(place.next);
    const bool is_plain = next != numbers.end() && next->second == i + 1 &&
                          place.way == Way::next && place.followed == place.ran;
    if (!is_plain) {
      fmt::print(out, "\t{}\t{}\t{}", next == numbers.end() ? "-" : std::to_string(next->second),
                 place.way == Way::jump ? "jump" : "next", scaled(place.followed));
    }
    fmt::print(out, "\n");
  }
}

void report(std::size_t hot, bool places) {
  auto& [module, cache] = *program;
  const auto functions = by_function(module.impl(), cache);
  std::uint64_t ops = 0, wasm = 0;
  for (const auto& [index, f] : functions) {
    ops += f.ops;
    wasm += f.wasm;
  }
  if (places) return print_places(cache, wasm);
  fmt::print(out, "{} ops, {} WebAssembly instructions, {:.3f} ops for each\n", ops, wasm,
             static_cast<double>(ops) / static_cast<double>(wasm));
  print_top("instructions", counts.ops, ops, 60,
            [](std::size_t i) { return std::string(to_string(static_cast<Op>(i))); });
  print_pairs(ops);
  print_hot(module, cache, cache.mode(), functions, hot);
}

int fail(std::string_view message) {
  fmt::print(stderr, "op_profile: {}\n", message);
  return 1;
}

}  // namespace

}  // namespace fermata

int main(int argc, char** argv) {
  const std::vector<std::string_view> all(argv + 1, argv + argc);
  std::span arguments(all);
  std::size_t hot = 0;
  bool places = false;
  for (; !arguments.empty(); arguments = arguments.subspan(1)) {
    if (arguments[0] == "--places") {
      places = true;
      continue;
    }
    if (arguments.size() < 2 || (arguments[0] != "--hot" && arguments[0] != "--output")) break;
    const std::string value(arguments[1]);
    if (arguments[0] == "--hot") {
      hot = std::strtoul(value.c_str(), nullptr, 10);
    } else if (fermata::out = std::fopen(value.c_str(), "w"); fermata::out == nullptr) {
      return fermata::fail("cannot write " + value);
    }
    arguments = arguments.subspan(1);
  }
  const int code = fermata::tool::run_command(*fermata::tool::make_run(), arguments);
  static_cast<void>(fermata::tool::finish_printing(code));
  if (!fermata::program) return code == 0 ? fermata::fail("nothing was executed") : code;
  fermata::report(hot, places);
  return std::fclose(fermata::out) == 0 ? code : fermata::fail("the profile cannot be written");
}
