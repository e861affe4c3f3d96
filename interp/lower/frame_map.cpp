// Walks the frames of a paused thread and asks the lowering what they mean.
#include "interp/lower/frame_map.hpp"

#include <map>
#include <utility>

#include "fermata/module.hpp"
#include "interp/exec/bootstrap.hpp"
#include "interp/isa/op.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

namespace {

/// A frame in the interpreter's terms.
struct RawFrame {
  Instance* instance = nullptr;
  const FuncCode* function = nullptr;
  Query query;  // what its pc means
  const Slot* fp = nullptr;
};

/// Calls f(RawFrame) for each frame, innermost first.
template <class F>
void each_frame(const GuestThread& thread, F&& f) {
  const Word* pc = thread.pc;
  const Slot* fp = thread.stack() + thread.fp;
  Instance* instance = thread.instance;
  auto kind = thread.host_call != nullptr ? Query::Kind::returning
              : thread.trap != Trap::none ? Query::Kind::at
                                          : Query::Kind::safe_point;
  std::size_t crossings = thread.cross_calls ? thread.cross_calls->size() : 0;
  while (!in_bootstrap(pc)) {
    if (op_of(*pc) == Op::return_cross) {
      const CrossCall& back = (*thread.cross_calls)[--crossings];
      pc = back.return_pc;
      instance = back.instance;
      continue;
    }
    const CodeCache::Place place = instance->code->find(pc);
    f(RawFrame{instance, place.function, Query{place.word, kind}, fp});
    pc = reinterpret_cast<const Word*>(fp[place.function->header]);
    fp -= field_c(pc[-static_cast<int>(call_words)]);
    kind = Query::Kind::returning;
  }
}

/// Explains places, each once: in a deep recursion all frames but the first stand at the same call.
class Explainer {
 public:
  struct Explained {
    Answer answer;
    FrameLayout layout;
  };

  const Explained& operator()(const RawFrame& frame) {
    const Key key{frame.function, {frame.query.word, frame.query.kind}};
    const auto [found, is_new] = known_.try_emplace(key);
    if (is_new) {
      Lowerer lowerer(*frame.function->cache);
      found->second.answer = lowerer.explain(frame.function->index, frame.query);
      found->second.layout = lowerer.layout();
    }
    return found->second;
  }

 private:
  using Key = std::pair<const FuncCode*, std::pair<std::uint32_t, Query::Kind>>;
  std::map<Key, Explained> known_;
};

/// The value of a type in a slot; of an i32 or f32 only the low half counts.
Value read(ValType type, const Slot* at) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      return Value::from_bits(type, static_cast<std::uint32_t>(at[0]));
    case ValKind::v128:
      return Value::from_bits(type, at[0], at[1]);
    default:
      return Value::from_bits(type, at[0]);
  }
}

Value read(const Operand& operand, const RawFrame& frame, const FrameLayout& layout) {
  switch (operand.kind) {
    case Operand::Kind::constant:
      return Value::from_bits(operand.type, operand.bits);
    case Operand::Kind::sum:
      return Value::u32(static_cast<std::uint32_t>(frame.fp[layout.local_slot(operand.local)]) +
                        static_cast<std::uint32_t>(operand.bits));
    case Operand::Kind::local:
      return read(operand.type, frame.fp + layout.local_slot(operand.local));
    case Operand::Kind::slot:
      break;
  }
  return read(operand.type, frame.fp + operand.slot);
}

std::string name_of(const RawFrame& frame) {
  return function_name(*frame.instance->module, frame.function->index);
}

}  // namespace

std::vector<Frame> walk_frames(const GuestThread& thread) {
  std::vector<Frame> frames;
  Explainer explain;
  each_frame(thread, [&](const RawFrame& raw) {
    const auto& [answer, layout] = explain(raw);
    Frame& frame = frames.emplace_back();
    frame.function = raw.function->index;
    frame.function_name = name_of(raw);
    frame.offset = answer.offset;
    frame.at_safe_point = raw.query.kind != Query::Kind::at;
    for (std::uint32_t i = 0; i < layout.local_count(); ++i) {
      frame.locals.push_back(read(layout.local_type(i), raw.fp + layout.local_slot(i)));
    }
    for (const Operand& operand : answer.operands) {
      frame.operands.push_back(read(operand, raw, layout));
    }
  });
  return frames;
}

std::vector<TraceEntry> walk_trace(const GuestThread& thread) {
  std::vector<TraceEntry> trace;
  Explainer explain;
  each_frame(thread, [&](const RawFrame& raw) {
    trace.push_back({raw.function->index, name_of(raw), explain(raw).answer.offset});
  });
  return trace;
}

}  // namespace fermata
