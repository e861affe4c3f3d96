// Counts what a WASI program executes: instructions of the register code, pairs of them, and how
// many dispatches there are for each WebAssembly instruction. Decisions about fusion are taken by
// these numbers.
//
//     op_profile [--hot N | --places] [--metered] FILE.wasm ARGS...
//
// --hot lists the N hottest functions with counts; --places prints a row for every instruction
// executed, which is what bench/choose_pairs reads.
//
// It is the interpreter with one function replaced: this file defines `execute` with a loop that
// counts, so the linker does not take the library's.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "interp/exec/execute.hpp"
#include "interp/exec/loop.hpp"
#include "interp/lower/disassemble.hpp"
#include "interp/lower/lowerer.hpp"

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

struct Counts {
  std::vector<std::uint64_t> ops = std::vector<std::uint64_t>(op_count);
  std::unordered_map<const Word*, Place> places;
};
Counts counts;

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
  ++counts.places[r.pc].dispatched;
  for (std::uint32_t left = parts(op); left != 0; --left) {
    const Word* pc = r.pc;
    const Op part = first_part(op_of(*pc));
    Place& place = counts.places[pc];
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

template <class Name>
void print_top(std::string_view title, const std::vector<std::uint64_t>& values,
               std::uint64_t total, std::size_t many, Name name) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  many = std::min(many, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(many), order.end(),
                    [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  fmt::print("{}\n", title);
  for (std::size_t i = 0; i < many && values[order[i]] != 0; ++i) {
    const double share = 100.0 * static_cast<double>(values[order[i]]) / static_cast<double>(total);
    fmt::print("  {:5.1f} %  {:>13}  {}\n", share, values[order[i]], name(order[i]));
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
    fmt::print("function {} {}: {} ops\n{}", index.value, module.function_name(index),
               order[i].first, disassemble(module, index, mode));
    std::map<std::uint32_t, Place> words;
    for (const auto& [pc, count] : counts.places) {
      if (in_bootstrap(pc) || pc == &lower_code) continue;
      const auto place = cache.find(pc);
      if (place.function->index == index) words[place.word] = count;
    }
    for (const auto& [word, count] : words) {
      fmt::print("  {:5} ran {}, dispatched {}\n", word, count.ran, count.dispatched);
    }
  }
}

/// A row for each instruction: its place, itself, how often it ran, where its successor is, the way
/// there, and how often it went there.
void print_places(CodeCache& cache) {
  const auto name = [&](const Word* pc) {
    const auto place = cache.find(pc);
    return fmt::format("{}:{}", place.function->index.value, place.word);
  };
  fmt::print("place\tinstruction\tran\tnext\tway\tfollowed\n");
  for (const auto& [pc, count] : counts.places) {
    if (in_bootstrap(pc) || pc == &lower_code) continue;
    fmt::print("{}\t{}\t{}\t{}\t{}\t{}\n", name(pc), to_string(first_part(op_of(*pc))), count.ran,
               count.next == nullptr ? "-" : name(count.next),
               count.way == Way::jump ? "jump" : "next", count.followed);
  }
}

void report(const Module& module, std::size_t hot, bool places, bool metered) {
  const CodeMode mode{.metered = metered};
  CodeCache& cache = CodeCache::of(module.impl(), mode);
  if (places) return print_places(cache);
  const auto functions = by_function(module.impl(), cache);
  std::uint64_t ops = 0, wasm = 0;
  for (const auto& [index, f] : functions) {
    ops += f.ops;
    wasm += f.wasm;
  }
  fmt::print("{} ops, {} WebAssembly instructions, {:.3f} ops for each\n", ops, wasm,
             static_cast<double>(ops) / static_cast<double>(wasm));
  print_top("instructions", counts.ops, ops, 60,
            [](std::size_t i) { return std::string(to_string(static_cast<Op>(i))); });
  print_pairs(ops);
  print_hot(module, cache, mode, functions, hot);
}

int fail(std::string_view message) {
  fmt::print(stderr, "op_profile: {}\n", message);
  return 1;
}

int profile(std::span<char*> arguments, std::size_t hot, bool places, bool metered) {
  std::ifstream file(arguments[0], std::ios::binary);
  if (!file) return fail("cannot open the file");
  auto module = Module::load(std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {}));
  if (!module) return fail(to_string(module.error()));
  auto sink = std::string();
  wasi::Config config;
  config.arguments.assign(arguments.begin(), arguments.end());
  config.out = wasi::bytes_sink(&sink);
  auto wasi = wasi::Wasi::create(config);
  if (!wasi) return fail(to_string(wasi.error()));
  ProcessOptions options;
  options.execution.metering = metered;
  auto process = Process::create(*module, wasi::Wasi::resolve, options);
  if (!process) return fail(to_string(process.error()));
  auto outcome = process->main_thread().run();
  while (outcome) {
    const auto* call = std::get_if<HostCall>(&*outcome);
    if (call == nullptr) break;
    auto answer = wasi->handle(*process, *call);
    while (const auto* blocked = std::get_if<wasi::Blocked>(&answer)) {
      answer = wasi->handle(*process, *call, {!wasi::wait_for(*blocked)});
    }
    const auto* resume = std::get_if<wasi::Resume>(&answer);
    if (resume == nullptr) break;
    outcome = process->main_thread().run({resume->result});
  }
  if (!outcome) return fail(to_string(outcome.error()));
  if (std::holds_alternative<Trapped>(*outcome)) return fail("the program trapped");
  report(*module, hot, places, metered);
  return 0;
}

}  // namespace

}  // namespace fermata

int main(int argc, char** argv) {
  std::span<char*> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
  std::size_t hot = 0;
  if (arguments.size() >= 2 && std::string_view(arguments[0]) == "--hot") {
    hot = std::strtoul(arguments[1], nullptr, 10);
    arguments = arguments.subspan(2);
  }
  const bool places = !arguments.empty() && std::string_view(arguments[0]) == "--places";
  if (places) arguments = arguments.subspan(1);
  const bool metered = !arguments.empty() && std::string_view(arguments[0]) == "--metered";
  if (metered) arguments = arguments.subspan(1);
  if (arguments.empty()) {
    fmt::print(stderr, "usage: op_profile [--hot N | --places] [--metered] FILE.wasm ARGS...\n");
    return 2;
  }
  return fermata::profile(arguments, hot, places, metered);
}
