// The public edge of the text format (fermata/text.hpp).
#include "fermata/text.hpp"

#include <utility>

#include "lib/binary/decoder.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/out_of_memory.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "lib/text/print/printer.hpp"

namespace fermata {

Result<std::vector<std::uint8_t>> wat_to_wasm(std::string_view source, Features features) {
  return or_out_of_memory([&]() -> Result<std::vector<std::uint8_t>> {
    const auto module = parse_module(source, features);
    if (!module) return std::unexpected(module.error());
    return encode(*module);
  });
}

Result<Module> parse_text(std::string_view source, const ModuleOptions& options) {
  return or_out_of_memory([&]() -> Result<Module> {
    auto bytes = wat_to_wasm(source, options.features);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    return Module::load(*std::move(bytes), options);
  });
}

Result<std::string> wasm_to_wat(std::span<const std::uint8_t> bytes, Features features) {
  return or_out_of_memory([&]() -> Result<std::string> {
    const auto module = decode({bytes.begin(), bytes.end()}, features);
    if (!module) return std::unexpected(module.error());
    return print_module(*module);
  });
}

}  // namespace fermata
