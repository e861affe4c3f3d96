// Element and data segments.
//
// Specification: "Binary Format / Modules", "Element Section" and "Data Section".
#include "fermata/limits.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

enum SegmentFlag : std::uint32_t { is_inactive = 1, has_index = 2, has_exprs = 4 };

/// The element type of a segment that lists function indices.
constexpr ValType func_items = ValType::ref({HeapKind::func}, false);

SegmentMode mode_of(std::uint32_t flags) {
  if ((flags & is_inactive) == 0) return SegmentMode::active;
  return (flags & has_index) != 0 ? SegmentMode::declarative : SegmentMode::passive;
}

/// The type byte or element kind that all variants but the two oldest have.
ValType read_element_type(Reader& reader, std::uint32_t flags) {
  const bool is_explicit = (flags & (is_inactive | has_index)) != 0;
  if ((flags & has_exprs) != 0) return is_explicit ? read_ref_type(reader) : funcref;
  if (!is_explicit) return func_items;
  const std::uint32_t at = reader.offset();
  const std::uint8_t kind = reader.byte();
  if (kind != 0) {
    reader.fail(at, "malformed element kind", fmt::format("expected 0, found {}", kind));
  }
  return func_items;
}

ElemSegment read_element_segment(SectionContext& context) {
  Reader& reader = context.reader;
  ElemSegment segment;
  segment.offset = reader.offset();
  const std::uint32_t flags = reader.u32();
  if (flags > 7) {
    reader.fail(segment.offset, "malformed elements segment kind",
                fmt::format("expected 0 to 7, found {}", flags));
    return segment;
  }
  segment.flags = static_cast<std::uint8_t>(flags);
  segment.mode = mode_of(flags);
  if (segment.mode == SegmentMode::active) {
    if ((flags & has_index) != 0) segment.table = {reader.u32()};
    segment.offset_expr = read_const_expr(context);
  }
  segment.type = read_element_type(reader, flags);
  if ((flags & has_exprs) != 0) {
    segment.items = read_vector(reader, limits::segment_elements, "elements",
                                [&] { return read_const_expr(context); });
  } else {
    segment.items = read_vector(reader, limits::segment_elements, "elements",
                                [&] { return FuncIdx{reader.u32()}; });
  }
  return segment;
}

DataSegment read_data_segment(SectionContext& context) {
  Reader& reader = context.reader;
  DataSegment segment;
  segment.offset = reader.offset();
  const std::uint32_t flags = reader.u32();
  if (flags > 2) {
    reader.fail(segment.offset, "malformed data segment kind",
                fmt::format("expected 0 to 2, found {}", flags));
    return segment;
  }
  segment.flags = static_cast<std::uint8_t>(flags);
  segment.mode = mode_of(flags);
  if (segment.mode == SegmentMode::active) {
    if ((flags & has_index) != 0) segment.memory = {reader.u32()};
    segment.offset_expr = read_const_expr(context);
  }
  segment.bytes = reader.take(reader.length());
  return segment;
}

}  // namespace

void read_element_section(SectionContext& context) {
  context.module.elems = read_vector(context.reader, limits::elem_segments, "element segments",
                                     [&] { return read_element_segment(context); });
}

void read_data_section(SectionContext& context) {
  context.module.datas = read_vector(context.reader, limits::data_segments, "data segments",
                                     [&] { return read_data_segment(context); });
}

}  // namespace fermata
