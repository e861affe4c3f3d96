// Fuzz target: test scripts, as text (.wast) and in the assembled form (JSON).
//
// Nothing is run. Beyond not crashing: what is refused is refused with a message; each module of a
// script is judged the same again; a script that was read is as long when it is read again. Seeds:
// test scripts; an input that begins with `{` is JSON, whose files all have the same module in
// them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/check.hpp"
#include "lib/script/script.hpp"
#include "tools/fermata/wast/json_script.hpp"

namespace {

using namespace fermata;

Result<text::Script> read(const std::string& source) {
  if (!source.starts_with('{')) return text::parse_script(source);
  const auto beside = [](const std::string& name) -> Result<std::vector<std::uint8_t>> {
    if (name.ends_with(".wat"))
      return std::vector<std::uint8_t>{'(', 'm', 'o', 'd', 'u', 'l', 'e', ')'};
    return std::vector<std::uint8_t>{0, 'a', 's', 'm', 1, 0, 0, 0};
  };
  auto json = tool::wast::parse_json_script(source, beside);
  if (!json) return std::unexpected(json.error());
  return std::move(json->script);
}

void judge(const text::ScriptModule& module) {
  if (module.form == text::ScriptModule::Form::binary) return;
  static_cast<void>(module.source().size());
  const auto once = module.parse(Features::all());
  const auto again = module.parse(Features::all());
  check(once.has_value() == again.has_value(), "a module is judged the same again");
  if (!once) check(!once.error().message.empty(), "an error has a message");
}

std::size_t judge(const std::vector<text::Command>& commands) {
  std::size_t count = commands.size();
  for (const text::Command& command : commands) {
    if (const auto* module = std::get_if<text::ScriptModule>(&command.what)) judge(*module);
    if (const auto* assertion = std::get_if<text::AssertModule>(&command.what)) {
      if (const auto* in = std::get_if<text::ScriptModule>(&assertion->module)) judge(*in);
    }
    if (const auto* thread = std::get_if<text::StartThread>(&command.what)) {
      count += judge(thread->commands);
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string source(reinterpret_cast<const char*>(data), size);
  const auto script = read(source);
  if (!script) {
    check(!script.error().message.empty(), "an error has a message");
    return 0;
  }
  const auto again = read(source);
  check(again && judge(again->commands) == judge(script->commands),
        "a script is read the same again");
  return 0;
}
