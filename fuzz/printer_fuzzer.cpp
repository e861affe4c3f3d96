// Fuzz target: the printer, on whatever decodes.
//
// What it prints parses to the same module. Seeds: binary modules.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "lib/binary/decoder.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "lib/text/print/printer.hpp"
#include "tests/support/same_module.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fermata;
  const auto module = decode({data, data + size}, Features::all());
  if (!module) return 0;
  const auto text = print_module(*module);
  if (!text) return 0;
  const auto again = parse_module(*text, Features::all());
  if (again && same_module(*module, *again)) return 0;
  std::fprintf(stderr, "%s\n%s\n", again ? "differs" : again.error().message.c_str(),
               text->c_str());
  std::abort();
}
