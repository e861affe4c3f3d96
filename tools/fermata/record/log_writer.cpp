// Writing. See log.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "interp/snapshot/bytes.hpp"
#include "interp/snapshot/output.hpp"
#include "tools/fermata/record/log.hpp"
#include "tools/fermata/record/log_format.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {

std::uint64_t log_hash(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const std::byte byte : bytes) {
    hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01b3;
  }
  return hash;
}

std::string call_text(std::string_view module, std::string_view name,
                      std::span<const Value> arguments) {
  std::string text = fmt::format("{}.{}(", module, name);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", value_text(arguments[i]));
  }
  return text + ")";
}

bool begins_as_log(std::span<const std::byte> bytes) {
  return bytes.size() >= log_magic.size() &&
         std::ranges::equal(bytes.first(log_magic.size()), log_magic);
}

namespace {

using snapshot::BytesSink;
using snapshot::Output;

/// With the number of bytes before.
template <class Write>
void append_sized(BytesSink& to, const Write& write) {
  BytesSink body;
  snapshot::Output out(&body);
  write(out);
  static_cast<void>(out.finish());
  snapshot::Output whole(&to);
  whole.number(body.bytes.size());
  whole.bytes(body.bytes);
  static_cast<void>(whole.finish());
}

void put_texts(Output& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

void put_value(Output& out, const Value& value) {
  switch (value.type().kind) {
    case ValKind::i64:
      out.byte(log_i64);
      return out.fixed(value.lo(), 8);
    case ValKind::f32:
      out.byte(log_f32);
      return out.fixed(value.lo(), 4);
    case ValKind::f64:
      out.byte(log_f64);
      return out.fixed(value.lo(), 8);
    default:
      out.byte(log_i32);
      return out.fixed(value.lo(), 4);
  }
}

void put_values(Output& out, const std::vector<Value>& values) {
  out.number(values.size());
  for (const Value& value : values) put_value(out, value);
}

void put_sized(Output& out, std::span<const std::byte> bytes) {
  out.number(bytes.size());
  out.bytes(bytes);
}

void put_begin(Output& out, LogKind kind, ThreadId thread) {
  out.byte(static_cast<std::uint8_t>(kind));
  out.number(thread);
}

/// One function for each kind of event; but for calls, which name functions.
struct PutEvent {
  Output& out;

  void operator()(const LoggedAnswer& e) const {
    put_begin(out, LogKind::answer, e.thread);
    put_values(out, e.results);
    out.number(e.delay);
    out.number(e.views.size());
    for (const LoggedView& view : e.views) {
      out.number(view.address);
      out.number(view.size);
      out.fixed(view.hash, 8);
    }
    out.number(e.writes.size());
    for (const LoggedWrite& write : e.writes) {
      out.number(write.address);
      put_sized(out, write.bytes);
    }
    out.number(e.outputs.size());
    for (const LoggedOutput& output : e.outputs) {
      out.byte(output.stream);
      put_sized(out, output.bytes);
    }
    out.byte(e.spawn ? 1 : 0);
    if (!e.spawn) return;
    out.text(e.spawn->entry);
    put_values(out, e.spawn->arguments);
  }
  void operator()(const LoggedPause& e) const {
    put_begin(out, LogKind::pause, e.thread);
    out.number(e.fuel);
  }
  void operator()(const LoggedWait& e) const {
    put_begin(out, LogKind::wait, e.thread);
    out.number(e.fuel);
  }
  void operator()(const LoggedTimeout& e) const { put_begin(out, LogKind::timeout, e.thread); }
  void operator()(const LoggedFinish& e) const {
    put_begin(out, LogKind::finish, e.thread);
    out.number(e.fuel);
    put_texts(out, e.results);
  }
  void operator()(const LoggedTrap& e) const {
    put_begin(out, LogKind::trap, e.thread);
    out.number(e.fuel);
    out.text(e.trap);
  }
  void operator()(const LoggedEnd& e) const {
    out.byte(static_cast<std::uint8_t>(LogKind::end));
    out.byte(static_cast<std::uint8_t>(e.kind));
    out.number(e.fuel);
    out.number(e.number);
  }
  void operator()(const LoggedCall&) const {}
};

void put_call(Output& out, const LoggedCall& call, std::uint32_t function, bool is_new) {
  put_begin(out, LogKind::call, call.thread);
  out.number(call.fuel);
  out.number(function);
  if (is_new) {
    out.text(call.module);
    out.text(call.name);
  }
  put_values(out, call.arguments);
}

}  // namespace

std::vector<std::byte> LogWriter::bytes_of(const LogHeader& h) {
  BytesSink log;
  log.bytes.assign(log_magic.begin(), log_magic.end());
  Output version(&log);
  version.fixed(log_version, 4);
  static_cast<void>(version.finish());
  append_sized(log, [&](Output& out) {
    out.text(h.module);
    out.bytes(std::as_bytes(std::span(h.hash)));
    put_texts(out, h.features);
    out.text(h.entry);
    put_texts(out, h.arguments);
    out.byte(h.initialize ? 1 : 0);
    if (h.initialize) out.number(*h.initialize);
    out.byte(h.canonical_nan ? 1 : 0);
    for (const std::uint64_t limit : {h.max_fuel, h.max_bytes, h.max_stack_bytes,
                                      h.max_memory_pages, h.max_heap_bytes, h.max_table_elements}) {
      out.number(limit);
    }
  });
  return std::move(log.bytes);
}

std::vector<std::byte> LogWriter::bytes_of(const LogEvent& event) {
  BytesSink log;
  append_sized(log, [&](Output& out) {
    const auto* const call = std::get_if<LoggedCall>(&event);
    if (call == nullptr) return std::visit(PutEvent{out}, event);
    const auto next = static_cast<std::uint32_t>(functions_.size());
    const auto [entry, is_new] = functions_.try_emplace({call->module, call->name}, next);
    put_call(out, *call, entry->second, is_new);
  });
  return std::move(log.bytes);
}

}  // namespace fermata::tool
