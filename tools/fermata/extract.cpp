// `fermata extract`: a core module out of a component.
#include <fmt/format.h>

#include "lib/binary/component.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/output.hpp"

namespace fermata::tool {
namespace {

class Extract final : public Command {
 public:
  Description describe() const override {
    return {
        .name = "extract",
        .operands = "FILE N",
        .summary = "write a core module that is in a component",
        .details =
            "Writes core module N of the component FILE (- for standard input), byte for byte.\n"
            "'fermata dump' lists them with their numbers. The module is not looked into.\n"
            "\n"
            "  fermata dump component.wasm\n"
            "  fermata extract component.wasm 0 --output core.wasm",
        .max_operands = 2};
  }

  std::vector<Option> options() override { return {output_option(output_)}; }

  int run(std::span<const std::string_view> operands) override {
    const auto file = operands[0];
    if (operands.size() < 2) return usage_error("N, the number of a core module, is missing");
    const auto number = parse_size(operands[1]);
    if (!number) return usage_error(fmt::format("'{}' is not a number", shortened(operands[1])));
    const auto bytes = read_binary_file(file);
    if (!bytes) return refuse(file, bytes.error());
    if (!is_component(*bytes)) {
      complain(fmt::format("{}: is no component: there is no core module in it", file));
      return exit_failed;
    }
    return extract(file, *bytes, *number);
  }

 private:
  static int usage_error(std::string_view message) {
    complain(message);
    return exit_usage;
  }

  static int refuse(std::string_view file, const Error& error) {
    complain(file, error);
    return exit_failed;
  }

  /// What follows on the module is not looked at.
  int extract(std::string_view file, std::span<const std::uint8_t> bytes, std::uint64_t number) {
    ComponentWalk walk(bytes);
    std::uint32_t count = 0;
    while (const auto section = walk.next()) {
      if (section->core_module) ++count;
      if (section->core_module == number) return write(section->contents, bytes);
    }
    if (walk.error()) return refuse(file, *walk.error());
    complain(fmt::format("{}: there is no core module {}: {} in it, counted from 0", file, number,
                         count));
    return exit_failed;
  }

  int write(ByteRange module, std::span<const std::uint8_t> bytes) {
    Output output(output_);
    output.write({reinterpret_cast<const char*>(bytes.data()) + module.begin, module.size()});
    const auto written = output.close();
    return written ? int{exit_ok} : refuse(output.path(), written.error());
  }

  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_extract() { return std::make_unique<Extract>(); }

}  // namespace fermata::tool
