// `fermata wat2wasm` and `fermata wasm2wat`: between the text format and the binary format.
#include <cstdio>
#include <fstream>

#include "fermata/text.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/input.hpp"

namespace fermata::tool {
namespace {

std::string_view text_of(const std::vector<std::uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Writes to the file, or to standard output for an empty name or `-`.
bool deliver(const std::string& path, std::string_view bytes) {
  if (path.empty() || path == "-") {
    print(bytes);
    return true;
  }
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out) return true;
  complain(path + ": cannot be written");
  return false;
}

/// What the two commands share: one file in, one out.
class Convert : public Command {
 public:
  std::vector<Option> options() override {
    return {{"--output", "FILE", "where to write (default: standard output)",
             [this](std::string_view value) -> Complaint {
               output_ = value;
               return std::nullopt;
             }}};
  }

  int run(std::span<const std::string_view> files) override {
    const auto bytes = read_module_file(files[0]);
    const auto converted = bytes ? convert(*bytes) : std::unexpected(bytes.error());
    if (!converted) {
      complain(files[0], converted.error());
      return exit_failed;
    }
    return deliver(output_, *converted) ? exit_ok : exit_failed;
  }

 private:
  [[nodiscard]] virtual Result<std::string> convert(const std::vector<std::uint8_t>& bytes) = 0;

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
  Result<std::string> convert(const std::vector<std::uint8_t>& bytes) override {
    const auto wasm = wat_to_wasm(text_of(bytes));
    if (!wasm) return std::unexpected(wasm.error());
    return std::string(text_of(*wasm));
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
            "to the same module again. Nothing is validated.\n"
            "\n"
            "  fermata wasm2wat add.wasm",
        .max_operands = 1};
  }

 private:
  Result<std::string> convert(const std::vector<std::uint8_t>& bytes) override {
    return wasm_to_wat(bytes);
  }
};

}  // namespace

std::unique_ptr<Command> make_wat2wasm() { return std::make_unique<Wat2Wasm>(); }
std::unique_ptr<Command> make_wasm2wat() { return std::make_unique<Wasm2Wat>(); }

}  // namespace fermata::tool
