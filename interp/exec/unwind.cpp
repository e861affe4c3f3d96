#include "interp/exec/unwind.hpp"

#include <set>
#include <utility>

#include "interp/exec/frame_walker.hpp"
#include "interp/exec/object_slow.hpp"
#include "interp/lower/handler_table.hpp"
#include "interp/runtime/heap.hpp"
#include "interp/runtime/tag.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

/// A search for who catches one exception.
class Search {
 public:
  explicit Search(const Tag& tag) : tag_(tag) {}

  /// The clause that catches the exception where code of the instance stands at `word`, or null.
  const HandlerTable::Clause* find(const HandlerTable& table, std::uint32_t word,
                                   const Instance& instance) {
    std::uint32_t steps = 0;
    for (std::uint32_t i = table.region_at(word); i != HandlerTable::none;
         i = table.regions[i].outer) {
      const HandlerTable::Region& region = table.regions[i];
      const Known known{&region, &instance};
      if (known == last_missed_) return nullptr;  // and none around it, as in the frame before
      if (!missed_.empty() && missed_.contains(known)) return nullptr;
      if (++steps % few == 0 || region.clauses > few) missed_.insert(known);
      if (const auto* clause = clause_of(table, region, instance)) return clause;
    }
    return nullptr;
  }
  /// Nothing catches it in the frame that stands there.
  void miss(const HandlerTable& table, std::uint32_t word, const Instance& instance) {
    const std::uint32_t region = table.region_at(word);
    if (region != HandlerTable::none) last_missed_ = {&table.regions[region], &instance};
  }

 private:
  /// A region of an instance: its tags are its own.
  using Known = std::pair<const HandlerTable::Region*, const Instance*>;

  // Of so many regions on a way outwards one is remembered, and each with more clauses: so every
  // frame's way soon meets one that another has gone, however many frames there are.
  static constexpr std::uint32_t few = 16;

  const HandlerTable::Clause* clause_of(const HandlerTable& table,
                                        const HandlerTable::Region& region,
                                        const Instance& instance) const {
    for (std::uint32_t i = region.first_clause; i != HandlerTable::none;
         i = table.clauses[i].next) {
      const HandlerTable::Clause& clause = table.clauses[i];
      if (!clause.has_tag || instance.tags[clause.tag.value] == &tag_) return &clause;
    }
    return nullptr;
  }

  const Tag& tag_;
  Known last_missed_{};
  std::set<Known> missed_;
};

/// What the clause takes along to where its label wants it: values, and the exception's reference.
void write_values(Slot* frame, const Object& exception, const HandlerTable::Clause& clause) {
  if (clause.has_tag) static_cast<void>(load_fields(exception, frame + clause.slot));
  if (clause.has_ref) frame[clause.ref_slot] = address_bits(&exception);
}

/// A tail call that waits for the host has given up its frame: what surrounds it catches nothing.
bool is_given_up(const Word* call) {
  const Layout shape = layout(first_part(op_of(*call)));
  return shape == Layout::tail_call || shape == Layout::tail_call_import ||
         shape == Layout::tail_call_indirect || shape == Layout::tail_call_ref;
}

/// Whether it is caught.
bool find_and_enter(GuestThread& thread, Slot exception, ThrownFrom from) {
  const Object& object = *object_of(exception);
  Search search(tag_of(object));
  FrameWalker& walker = thread.frame_walker();
  bool found = false;
  walker.walk(thread, [&](const FrameWalker::Frame& frame) {
    const FrameWalker::Site& site = walker.site(frame.site);
    const HandlerTable* const table = site.function->handlers;
    if (table == nullptr) return true;
    const bool is_innermost = frame.site == FrameWalker::innermost;
    const bool behind_call = !is_innermost || from == ThrownFrom::host_call;
    if (is_innermost && behind_call && is_given_up(thread.pc - call_words)) return true;
    const std::uint32_t word = site.word - (behind_call ? call_words : 0);
    const auto* const clause = search.find(*table, word, *frame.instance);
    if (clause == nullptr) {
      search.miss(*table, word, *frame.instance);
      return true;
    }
    thread.fp = static_cast<std::uint32_t>(frame.fp - thread.stack());
    thread.pc = site.function->entry.load(std::memory_order_relaxed) + clause->target;
    thread.instance = frame.instance;
    while (thread.cross_calls && thread.cross_calls->size() > frame.crossings) {
      static_cast<void>(thread.pop_cross_call());
    }
    write_values(thread.stack() + thread.fp, object, *clause);
    found = true;
    return false;
  });
  return found;
}

}  // namespace

Trap unwind(GuestThread& thread, Slot exception, ThrownFrom from) noexcept {
  bool caught = false;
  if (!finds_memory([&] { caught = find_and_enter(thread, exception, from); })) {
    return Trap::out_of_memory;
  }
  return caught ? Trap::none : Trap::uncaught_exception;
}

namespace {

Stop throw_object(Regs& r, Slot exception) noexcept {
  GuestThread& thread = *r.thread;
  write_back(r);
  const Trap why = unwind(thread, exception, ThrownFrom::instruction);
  if (why == Trap::uncaught_exception) thread.exception = exception;
  if (why != Trap::none) return stop(why);
  r.pc = thread.pc;
  r.fp = thread.stack() + thread.fp;
  reload_memory(r);
  return Stop::none;
}

}  // namespace

Stop throw_(Regs& r) noexcept {
  const Tag& tag = *r.instance()->tags[wide(r)];
  Object* const exception = make_object(r, tag);
  if (exception == nullptr) return stop(r.instance()->heap->failure());
  store_fields(*exception, r.fp + a(r));
  return throw_object(r, address_bits(exception));
}

Stop throw_ref(Regs& r) noexcept {
  const Slot exception = r.fp[a(r)];
  if (exception == 0) return stop(Trap::null_exception_reference);
  return throw_object(r, exception);
}

}  // namespace fermata
