// Fuzz target: the text parser, as a module and as a script.
//
// Beyond not crashing: a module that parses encodes to a binary that decodes to the same module,
// and prints to a text that parses to the same module. Seeds: the .wast files of the test suite.
#include <cstdint>
#include <string_view>

#include "fuzz/check.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/script/script.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "lib/text/print/printer.hpp"
#include "tests/support/same_module.hpp"

namespace {

using namespace fermata;

bool is_limit(const Error& error) { return error.code == ErrorCode::implementation_limit; }

void check_round_trips(const ModuleData& module) {
  const auto decoded = decode(encode(module), Features::all());
  check(decoded || is_limit(decoded.error()), "a parsed module encodes to a binary that decodes");
  if (!decoded) return;
  check(same_module(module, *decoded), "decoding gives the same module");
  const auto text = print_module(*decoded);
  check(text || is_limit(text.error()), "a parsed module prints");
  if (!text) return;
  const auto again = parse_module(*text, Features::all());
  check(again.has_value(), "the printed text parses");
  check(same_module(module, *again), "the printed text is the same module");
}

void check_commands(const std::vector<text::Command>& commands) {
  for (const text::Command& command : commands) {
    const auto* module = std::get_if<text::ScriptModule>(&command.what);
    if (module == nullptr || module->form == text::ScriptModule::Form::binary) continue;
    if (const auto parsed = module->parse(Features::all())) check_round_trips(*parsed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  if (const auto module = parse_module(source, Features::all())) check_round_trips(*module);
  if (const auto script = text::parse_script(std::string(source))) check_commands(script->commands);
  return 0;
}
