#include "tests/carry/pack.hpp"

#include <array>

namespace fermata::test {
namespace {

constexpr std::uint64_t longest_text = std::uint64_t{1} << 32;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// --- writing -------------------------------------------------------------------------------------

void PackWriter::number(std::uint64_t value) {
  std::array<char, 8> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  file_.write(bytes.data(), bytes.size());
}

void PackWriter::text(std::string_view text) {
  number(text.size());
  file_.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void PackWriter::write(const PackItem& item) {
  number(item.index());
  std::visit([this](const auto& parts) { write_parts(parts); }, item);
}

void PackWriter::write_parts(const CarriedModule& module) { text(module.bytes); }

void PackWriter::write_parts(const Run& run) {
  text(run.name);
  number(run.heap);
  number(run.thread);
  number(run.stops.size());
  for (const Stop& stop : run.stops) {
    number(stop.limit);
    number(stop.printed);
    text(text_of(stop.snapshot));
  }
  number(run.end.limit);
  text(run.end.outcome);
  text(run.end.output);
  number(run.end.fuel);
  text(text_of(std::as_bytes(std::span(run.end.snapshot))));
}

bool PackWriter::finish() {
  file_.close();
  return file_.good();
}

// --- reading -------------------------------------------------------------------------------------

std::uint64_t PackReader::number() {
  std::array<char, 8> bytes{};
  if (!file_.read(bytes.data(), bytes.size())) failed_ = true;
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

std::string PackReader::text() {
  const std::uint64_t size = number();
  failed_ = failed_ || size > longest_text;
  if (failed_) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!file_.read(text.data(), static_cast<std::streamsize>(size))) failed_ = true;
  return text;
}

std::optional<PackItem> PackReader::next() {
  if (failed_ || file_.peek() == std::ifstream::traits_type::eof()) {
    failed_ = failed_ || !file_.is_open();
    return std::nullopt;
  }
  PackItem item;
  if (number() == 0) {
    item = CarriedModule{text()};
  } else {
    item = run();
  }
  return failed_ ? std::nullopt : std::optional(std::move(item));
}

Run PackReader::run() {
  Run run;
  run.name = text();
  run.heap = number();
  run.thread = static_cast<std::uint32_t>(number());
  for (std::uint64_t left = number(); left > 0 && !failed_; --left) {
    Stop& stop = run.stops.emplace_back();
    stop.limit = number();
    stop.printed = static_cast<std::size_t>(number());
    const std::string snapshot = text();
    const auto bytes = std::as_bytes(std::span(snapshot));
    stop.snapshot.assign(bytes.begin(), bytes.end());
  }
  run.end.limit = number();
  run.end.outcome = text();
  run.end.output = text();
  run.end.fuel = number();
  const std::string hash = text();
  if (hash.size() == run.end.snapshot.size()) {
    std::copy(hash.begin(), hash.end(), run.end.snapshot.begin());
  } else {
    failed_ = true;
  }
  return run;
}

}  // namespace fermata::test
