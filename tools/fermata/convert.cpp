// `fermata wat2wasm` and `fermata wasm2wat`: between the text format and the binary format.
#include "fermata/text.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/text/print/printer.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/output.hpp"

namespace fermata::tool {
namespace {

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What the two commands share: one file in, one out.
class Convert : public Command {
 public:
  std::vector<Option> options() override { return {output_option(output_)}; }

  int run(std::span<const std::string_view> files) override {
    auto bytes = read_module_file(files[0]);
    if (!bytes) return refuse(files[0], bytes.error());
    Output output(output_);
    const auto converted = convert(*std::move(bytes), output);
    const auto written = output.close();
    if (!converted) return refuse(files[0], converted.error());
    return written ? exit_ok : refuse(output.path(), written.error());
  }

 private:
  static int refuse(std::string_view path, const Error& error) {
    complain(path, error);
    return exit_failed;
  }

  [[nodiscard]] virtual Result<void> convert(std::vector<std::uint8_t> bytes, Output& output) = 0;

  std::string output_;
};

class Wat2Wasm final : public Convert {
 public:
  Description describe() const override {
    return {
        .name = "wat2wasm",
        .operands = "FILE",
        .summary = "assemble a module from the text format",
        .details =
            "Writes the binary module of FILE (- for standard input), with a name section when\n"
            "the text has identifiers. Nothing is validated: see fermata validate.\n"
            "\n"
            "  fermata wat2wasm add.wat --output add.wasm",
        .max_operands = 1};
  }

 private:
  Result<void> convert(std::vector<std::uint8_t> bytes, Output& output) override {
    const auto wasm = wat_to_wasm(text_of(bytes));
    if (!wasm) return std::unexpected(wasm.error());
    output.write(text_of(*wasm));
    return {};
  }
};

class Wasm2Wat final : public Convert {
 public:
  Description describe() const override {
    return {
        .name = "wasm2wat",
        .operands = "FILE",
        .summary = "print a module in the text format",
        .details =
            "Writes the text of the binary module FILE (- for standard input), which assembles\n"
            "to the same module again. Nothing is validated. The text is written while it is\n"
            "made: where the command fails, what there is of it is not whole.\n"
            "\n"
            "  fermata wasm2wat add.wasm",
        .max_operands = 1};
  }

 private:
  Result<void> convert(std::vector<std::uint8_t> bytes, Output& output) override {
    const auto module = decode(std::move(bytes), Features::all());
    if (!module) return std::unexpected(module.error());
    TextSink text(max_printed_size(*module),
                  [&output](std::string_view piece) { return output.write(piece); });
    return print_module(*module, text);
  }
};

}  // namespace

std::unique_ptr<Command> make_wat2wasm() { return std::make_unique<Wat2Wasm>(); }
std::unique_ptr<Command> make_wasm2wat() { return std::make_unique<Wasm2Wat>(); }

}  // namespace fermata::tool
