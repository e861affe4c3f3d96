// Process and Thread: a running module that never calls its embedder.
//
// A process is created paused at its entry. `Thread::run` executes until the guest needs something
// that is not WebAssembly and then returns, saying what. Between two runs everything can be looked
// at and changed, and the process can be moved to another OS thread. One process must not be used
// by two OS threads at once.
//
// Where the host has no memory left, what creates, runs, saves or restores something gives
// `out_of_memory`, and guests trap; docs/process.md, section 11, has the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/fuel.hpp"
#include "fermata/limits.hpp"
#include "fermata/little_endian.hpp"
#include "fermata/module.hpp"
#include "fermata/object.hpp"
#include "fermata/value.hpp"

namespace fermata {

/// One function import: what the resolver is asked about, in import order, and what a host call is a
/// call of. The names and the type are valid as long as the Module.
struct FunctionImport {
  std::string_view module;
  std::string_view name;
  const FuncType& type;
  FuncIdx index{};  ///< imported functions come first, so also its place among their imports
};

/// Returns the number under which `run` will report calls of this import, or nothing to refuse it
/// (`ErrorCode::unresolved_function_import`). The only callback of this API, called only while a
/// process is created, once per imported function; the same import twice is asked twice.
using Resolver = std::function<std::optional<std::uint64_t>(const FunctionImport&)>;

/// Refuses every import: for modules that have none.
[[nodiscard]] std::optional<std::uint64_t> no_imports(const FunctionImport&);

/// How the interpreter finds the next instruction's handler. `goto_` needs GCC or Clang; `auto_` is
/// the fastest that this build has.
enum class Dispatch : std::uint8_t { auto_, switch_, goto_ };

/// `optimized` is for running; in `debug` every WebAssembly instruction is a safe point and its
/// operands lie in the frame.
enum class Lowering : std::uint8_t { optimized, debug };

struct ExecutionOptions {
  Dispatch dispatch = Dispatch::auto_;
  Lowering lowering = Lowering::optimized;
  bool fusion = true;  ///< false: one instruction of register code for one of WebAssembly
  /// Counts fuel (fermata/fuel.hpp): threads pause when it has been used up, and can be interrupted
  /// from outside. Costs some time; without it nothing does.
  bool metering = false;
  /// Every NaN that an instruction computes is the canonical one, with a positive sign: the same bits
  /// on every machine. Costs some time in floating-point code; without it they are as x86 has them
  /// (docs/process.md, rule 5.5).
  bool canonical_nan = false;
  /// The budget: of all linear memories, tables, stacks and register code that a process (or store)
  /// makes, taken together. Past it a process is not created (`out_of_memory`), `memory.grow` and
  /// `table.grow` give -1, a call is the trap `out_of_memory`. docs/process.md, section 11.
  std::uint64_t max_bytes = limits::default_bytes;
  /// Of each guest thread; past it a call is the trap `call_stack_exhausted`.
  std::size_t max_stack_bytes = limits::default_stack_bytes;
  /// Of each memory; past it `memory.grow` gives -1.
  std::uint64_t max_memory_pages = limits::default_memory_pages;
  /// Of objects in the heap (structs, arrays), counted as docs/process.md says; past it an
  /// instruction that makes one is the trap `heap_exhausted`.
  std::uint64_t max_heap_bytes = limits::default_heap_bytes;
  /// Of all tables together; past it `table.grow` gives -1.
  std::uint64_t max_table_elements = limits::default_table_elements;
};

struct ProcessOptions {
  ExecutionOptions execution;

  /// The exported function of the main thread. Nothing: the process is a library, without a main
  /// thread, whose functions are called by `Process::start_thread`, any number of times
  /// (docs/process.md, rules 4.5 to 4.7).
  std::optional<std::string> entry = "_start";
  std::vector<Value> arguments;  ///< for the entry; it must take exactly these

  enum class StartSection : std::uint8_t { run_first, forbid };
  StartSection start_section = StartSection::run_first;

  /// Accepts one memory that is imported and exported again, as wasi-threads modules do.
  bool allow_reexported_memory = false;
  /// The module must have a memory, imported as `env`.`memory` or exported as `memory` and no other
  /// way.
  bool require_canonical_memory = false;
  /// Host functions take and give i32 and i64 only, and at most one result.
  bool integer_imports_only = false;
  /// Keeps what `Process::reset` needs.
  bool resettable = false;
  /// The features that the module may have been loaded with; with any other one it is refused
  /// (`feature_disabled`). Nothing: any.
  std::optional<Features> features;

  /// How to load modules for processes with these options: with their features, if they name any.
  [[nodiscard]] ModuleOptions module_options() const;

  /// The second preset: for modules of a substrate runtime. An example:
  ///
  ///     const ProcessOptions options = ProcessOptions::substrate();
  ///     const auto module = Module::load(bytes, options.module_options());
  ///     auto process = Process::create(*module, resolver, options);
  [[nodiscard]] static ProcessOptions substrate();
  /// The default ones without an entry: for modules that are libraries. An example:
  ///
  ///     auto library = Process::create(module, resolver, ProcessOptions::library());
  ///     auto outcome = library->start_thread("add", {Value::i32(1), Value::i32(2)})->run();
  [[nodiscard]] static ProcessOptions library();
};

struct RootTable;  // interp/runtime/root_table.hpp

/// How much of its heap a process (or store) uses, counted as docs/process.md says: the same on every
/// host, however the program is executed.
struct HeapUse {
  std::uint64_t bytes = 0;       ///< of all objects but those that a collection has found to be garbage
  std::uint64_t peak_bytes = 0;  ///< the most that this has ever been
  std::uint64_t collections = 0;
  friend bool operator==(const HeapUse&, const HeapUse&) = default;
};

/// Keeps an object in the heap of a process (or store) while this lives. Without one, a reference that
/// the embedder holds is good until the process runs again: results and arguments of a host call, too.
/// Movable, not copyable; may outlive the process, and then keeps nothing.
class Root {
 public:
  Root(Root&& from) noexcept;
  Root& operator=(Root&& from) noexcept;
  ~Root();

  /// The reference. Precondition: not moved from.
  [[nodiscard]] const Value& value() const;

 private:
  friend class Process;
  friend class Store;
  Root(std::shared_ptr<RootTable> table, const Value& reference);
  std::shared_ptr<RootTable> table_;  // null: moved from
  std::size_t place_ = 0;
};

using ThreadId = std::uint32_t;  ///< unique in its process, never reused; the main thread's is 0

/// One frame of a paused thread, in WebAssembly's terms alone.
struct Frame {
  FuncIdx function;
  std::string_view function_name;  ///< as `Module::function_name`; valid as long as the module
  std::uint64_t offset = 0;     ///< byte offset in the module of the instruction that is to run, or
                                ///< for a calling frame of its call instruction
  std::vector<Value> locals;    ///< parameters first
  std::vector<Value> operands;  ///< bottom first; a call's arguments are no longer among them
  bool at_safe_point = true;    ///< false in the top frame after a trap: operands are not known
};

/// One line of a backtrace: a frame without its values.
struct TraceEntry {
  FuncIdx function;
  std::string_view function_name;  ///< valid as long as the module
  std::uint64_t offset = 0;
};

/// For `Thread::frames` and `Thread::backtrace`: all there are. A guest makes as many as its stack
/// holds: 100,000 in that of the default options, 100 million in one of 1 GiB.
inline constexpr std::size_t all_frames = SIZE_MAX;

/// The thread's function returned; the thread is gone.
struct Finished {
  std::span<const Value> results;  ///< valid until the process is run again or destroyed
};
/// The guest called an imported function; run again with its results.
struct HostCall {
  std::uint64_t number = 0;          ///< the resolver's number for this import
  std::span<const Value> arguments;  ///< valid until the thread is run again

  /// The import: its names, type and index. Nothing in a store, where functions of the host have no
  /// names. May be asked as long as the process is there.
  [[nodiscard]] std::optional<FunctionImport> import() const;

  const ModuleImpl* module = nullptr;  ///< for `import`: null in a store
  FuncIdx function{};                  ///< for `import`
};
/// The guest trapped; the process is poisoned.
struct Trapped {
  Trap trap = Trap::none;
  /// What the host said (`Thread::trap`), else empty. Valid as long as the thread is there.
  std::string_view message;
};

/// The guest threw an exception that nothing in its thread catches; the process is poisoned.
struct Threw {
  TagRef tag;                     ///< compare it with `Process::tag`
  std::span<const Value> values;  ///< valid until the process is run again or destroyed
};

/// The guest waits at an address of a shared memory (memory.atomic.wait32, memory.atomic.wait64),
/// until a thread or the embedder notifies it there (`MemoryRef::notify`), or the embedder says that
/// its time is over (`Thread::time_out`). Run it again after that.
struct Waiting {
  std::uint64_t address = 0;             ///< in bytes
  std::optional<std::uint64_t> timeout;  ///< nanoseconds from when it began; nothing: for ever
};

/// The fuel is used up (`FuelRef::limit`): set another limit and run again. The thread is at a safe
/// point, where a function, a loop or the rest of a long memory.fill or memory.copy begins.
struct OutOfFuel {};
/// The thread was interrupted (`Interrupter::interrupt`), at such a point as well. Run it again.
struct Interrupted {};

/// Why `run` returned.
using Outcome = std::variant<Finished, HostCall, Trapped, Threw, Waiting, OutOfFuel, Interrupted>;

enum class ThreadState : std::uint8_t { ready, waiting_for_host_call, waiting_for_notify, trapped };

class Process;
class Store;          // fermata/store.hpp
class InstanceRef;    // fermata/store.hpp
class Memory;         // interp/runtime/memory.hpp
class Table;          // interp/runtime/table.hpp
class ThreadGroup;    // interp/process/thread_group.hpp
struct ProcessImpl;   // interp/process/process_impl.hpp
class SnapshotSink;    // fermata/snapshot.hpp
class SnapshotSource;  // fermata/snapshot.hpp
class SnapshotMark;    // fermata/snapshot.hpp

/// A handle, just (process, thread id): cheap, and as valid as the process. Get it afresh whenever
/// you like.
class Thread {
 public:
  [[nodiscard]] ThreadId id() const { return id_; }

  /// Runs until the next outcome. `values` are the results of the host call that the thread waits
  /// for, none otherwise. Errors: `wrong_value_count`, `wrong_value_type` (nothing consumed: run
  /// again with the right ones; a function reference must be one of this process, a host reference
  /// below 2^62), `still_waiting`, `process_poisoned`, `no_such_thread`. An example, answering every
  /// host call with 1:
  ///
  ///     Result<Outcome> outcome = thread.run();
  ///     while (outcome && std::holds_alternative<HostCall>(*outcome)) {
  ///       outcome = thread.run({Value::i32(1)});
  ///     }
  [[nodiscard]] Result<Outcome> run(std::span<const Value> values = {});
  [[nodiscard]] Result<Outcome> run(std::initializer_list<Value> values);

  /// Answers the host call that the thread waits for with an exception, thrown at the call, and runs
  /// until the next outcome. `values` are those of the tag, judged as results are. Errors: as `run`;
  /// `no_such_tag` for one that is not of this process (or store), `no_host_call` when it waits for
  /// none, `out_of_memory` when the heap has no room for it; after these the thread waits as before.
  [[nodiscard]] Result<Outcome> throw_exception(TagRef tag, std::span<const Value> values = {});
  /// Answers the host call that the thread waits for with a trap, `Trap::host_trap`, at the call; no
  /// guest catches it. The message says why, for backtraces; its first 1000 bytes are kept. Gives
  /// `Trapped`. Error: `no_host_call` when it waits for none; as `run`.
  [[nodiscard]] Result<Outcome> trap(std::string_view message);

  [[nodiscard]] Result<ThreadState> state() const;
  /// The host call that the thread waits for, again. Error: `no_such_thread` when it waits for
  /// none.
  [[nodiscard]] Result<HostCall> pending_host_call() const;
  /// Why the thread trapped, again; `Trap::uncaught_exception` if that was an exception. Error:
  /// `no_such_thread` when it has not trapped.
  [[nodiscard]] Result<Trapped> trapped() const;
  /// Where the thread waits, again, and the timeout that it began with. Error: `not_waiting`.
  [[nodiscard]] Result<Waiting> pending_wait() const;
  /// Ends the waiting of a thread because its timeout is over, by whatever clock: its instruction
  /// gives 2 when it is run again. Error: `not_waiting`.
  [[nodiscard]] Result<void> time_out();
  /// How many frames there are. Takes time for each of them, but no memory.
  [[nodiscard]] Result<std::uint64_t> frame_count() const;
  /// Up to `count` frames, innermost first, without the `first` innermost ones. A thread that has
  /// not run yet has the one frame of the function that it will enter first, with its parameters and
  /// its locals as they will start out. Takes memory for the frames that it gives, and the time for
  /// compiling each of their functions once more.
  [[nodiscard]] Result<std::vector<Frame>> frames(std::size_t count, std::size_t first = 0) const;
  /// The same without values. An example, the function names of the innermost frames:
  ///
  ///     const auto trace = thread.backtrace(20).value();
  ///     for (const TraceEntry& entry : trace) std::cout << entry.function_name << '\n';
  [[nodiscard]] Result<std::vector<TraceEntry>> backtrace(std::size_t count,
                                                          std::size_t first = 0) const;

  /// A number of the embedder's choosing, kept for it.
  [[nodiscard]] Result<std::uint64_t> user_data() const;
  [[nodiscard]] Result<void> set_user_data(std::uint64_t datum);

 private:
  friend class Process;
  friend class Store;
  Thread(ThreadGroup* group, ThreadId id) : group_(group), id_(id) {}
  ThreadGroup* group_;  // null: of a process that was moved from
  ThreadId id_;
};

/// What `ConstMemoryRef::load` and `MemoryRef::store` take: integers and floats of up to 8 bytes.
template <class T>
concept GuestNumber = little_endian::Number<T>;

/// The process's memory while it is paused, to be read. A handle, as valid as the process. Addresses
/// and sizes are in bytes; ranges are checked without overflow; the exact end and an empty range at
/// the end are fine, past it nothing is read or written: `memory_out_of_bounds`.
class ConstMemoryRef {
 public:
  [[nodiscard]] std::uint64_t size() const;  ///< bytes
  [[nodiscard]] std::uint64_t pages() const;
  [[nodiscard]] MemoryType type() const;  ///< as declared
  [[nodiscard]] Result<void> read(std::uint64_t address, std::span<std::byte> out) const;
  /// A number, at any address, its lowest byte first: `load<std::uint32_t>(pointer)`.
  template <GuestNumber T>
  [[nodiscard]] Result<T> load(std::uint64_t address) const {
    const auto bytes = view(address, sizeof(T));
    if (!bytes) return std::unexpected(bytes.error());
    return little_endian::decode<T>(*bytes);
  }
  /// The bytes of a string by its address and length, whatever they are.
  [[nodiscard]] Result<std::string> string(std::uint64_t address, std::uint64_t length) const;
  /// The bytes up to the first that is 0: a string of C. There must be one among the first
  /// `limit` + 1.
  [[nodiscard]] Result<std::string> c_string(std::uint64_t address,
                                             std::uint64_t limit = 65536) const;
  /// Valid until the process runs or the memory grows.
  [[nodiscard]] Result<std::span<const std::byte>> view(std::uint64_t address,
                                                        std::uint64_t count) const;

 protected:
  friend class Process;
  explicit ConstMemoryRef(Memory& memory) : memory_(&memory) {}
  Memory* memory_;
};

/// The same, to be written as well.
class MemoryRef : public ConstMemoryRef {
 public:
  [[nodiscard]] Result<void> write(std::uint64_t address, std::span<const std::byte> bytes);
  /// As `load`; of a number that does not fit nothing is written.
  template <GuestNumber T>
  [[nodiscard]] Result<void> store(std::uint64_t address, T value) {
    const auto bytes = view(address, sizeof(T));
    if (!bytes) return std::unexpected(bytes.error());
    little_endian::encode(*bytes, value);
    return {};
  }
  [[nodiscard]] Result<void> fill(std::uint64_t address, std::uint64_t count, std::byte value);
  /// Returns the previous size in pages.
  [[nodiscard]] Result<std::uint64_t> grow(std::uint64_t pages);
  /// Wakes up to `count` threads that wait at the address, those first that have waited longest:
  /// they are ready to run. Returns how many. As memory.atomic.notify does.
  std::uint32_t notify(std::uint64_t address, std::uint32_t count);
  using ConstMemoryRef::view;
  [[nodiscard]] Result<std::span<std::byte>> view(std::uint64_t address, std::uint64_t count);

 private:
  friend class Process;
  friend class Store;
  friend class InstanceRef;
  using ConstMemoryRef::ConstMemoryRef;
};

/// A table while its process is paused: the export `__indirect_function_table`. A handle, as valid
/// as the process. Errors: `table_out_of_bounds`, `wrong_value_type`.
class TableRef {
 public:
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] TableType type() const;
  [[nodiscard]] Result<Value> get(std::uint64_t index) const;
  [[nodiscard]] Result<void> set(std::uint64_t index, Value value);
  /// Returns the previous size. Error: `table_out_of_bounds` past the declared maximum or the limit
  /// of the options.
  [[nodiscard]] Result<std::uint64_t> grow(std::uint64_t count, Value init);

 private:
  friend class Process;
  friend class Store;
  friend class InstanceRef;
  TableRef(const StoreObjects& objects, Table& table) : objects_(&objects), table_(&table) {}
  const StoreObjects* objects_;
  Table* table_;
};

/// An index into the indirect function table, as a function to start a thread in.
struct TableElement {
  std::uint64_t index = 0;
};
/// How to name the function of a new thread: exported name, function index or table element.
using ThreadFunction = std::variant<std::string_view, FuncIdx, TableElement>;

/// Movable, not copyable; handles stay valid when it moves. Destroying it frees everything. One
/// that was moved from is poisoned and empty: it can be asked, assigned and destroyed, but for
/// `module`.
class Process {
 public:
  /// Links the module by the rules of docs/process.md and pauses its main thread at the entry. No
  /// guest instruction has run when this returns. Errors: those of phase `unlinkable`,
  /// `out_of_memory`, `data_out_of_bounds`, `elements_out_of_bounds`.
  [[nodiscard]] static Result<Process> create(const Module& module, const Resolver& resolver,
                                              const ProcessOptions& options = {});
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  [[nodiscard]] const Module& module() const;
  [[nodiscard]] Thread main_thread();
  /// A handle for an id; whether it lives shows when it is used.
  [[nodiscard]] Thread thread(ThreadId id);
  [[nodiscard]] std::vector<ThreadId> threads() const;  ///< those alive, ascending
  /// A new thread, paused at the function until it is run. Errors: `no_such_export`,
  /// `no_such_function`, `no_such_table`, `wrong_value_count`, `wrong_value_type`,
  /// `out_of_memory`, `process_poisoned`.
  [[nodiscard]] Result<Thread> start_thread(ThreadFunction function,
                                            std::span<const Value> arguments = {},
                                            std::uint64_t user_data = 0);
  [[nodiscard]] Result<Thread> start_thread(ThreadFunction function,
                                            std::initializer_list<Value> arguments,
                                            std::uint64_t user_data = 0);
  /// Ends a thread without running it on, and gives back what it takes. The process is poisoned if it
  /// is the main thread. Error: `no_such_thread`.
  [[nodiscard]] Result<void> drop_thread(ThreadId id);
  /// A new thread in an instance of its own: the module once more, over the same memory, with
  /// globals, tables and segments of its own. Its start section runs first, if there is one, then the
  /// exported function. As the proposal wasi-threads has it; docs/process.md, rules 7.6 to 7.9. Errors:
  /// `shared_memory_required`, `no_such_export`, `wrong_value_count`, `wrong_value_type`,
  /// `out_of_memory`, `process_poisoned`.
  [[nodiscard]] Result<Thread> spawn_thread(std::string_view export_name,
                                            std::span<const Value> arguments = {},
                                            std::uint64_t user_data = 0);
  [[nodiscard]] bool poisoned() const;
  /// Gives the process up: nothing runs in it any more, but everything can be read.
  void poison();
  /// An exported tag. Error: `no_such_export`.
  [[nodiscard]] Result<TagRef> tag(std::string_view export_name) const;

  /// What its threads use and may use; nothing without `ExecutionOptions::metering`.
  [[nodiscard]] std::optional<FuelRef> fuel();

  // --- the heap: docs/process.md, section 12
  [[nodiscard]] HeapUse heap_use() const;
  /// What a reference refers to: `func`, `i31`, `struct_`, `array`, `exn`, or `extern_` for the host's.
  /// Nothing for null, for numbers, and for what is not of this process or has been collected.
  [[nodiscard]] std::optional<HeapKind> kind_of(const Value& reference) const;
  /// Keeps a reference's object until the Root goes. Error: `wrong_value_type` for what is no
  /// reference to something of this process, or has been collected.
  [[nodiscard]] Result<Root> root(const Value& reference);
  /// The struct or array that a reference, of whatever type, refers to. Error: `wrong_value_type` for
  /// any other.
  [[nodiscard]] Result<ObjectRef> object(const Value& reference);

  // A new struct or array of one of the module's types, kept by the Root. May begin with a collection,
  // as the guest's own instructions do: so references without a Root are good until then, but for the
  // values given here. Errors: `no_such_index` for a type of another kind, `wrong_value_count`,
  // `wrong_value_type`, `out_of_memory` past the heap's limit, the budget, or an array's 2^32 - 1
  // elements.
  [[nodiscard]] Result<Root> make_struct(TypeIdx type, std::span<const Value> fields);
  [[nodiscard]] Result<Root> make_array(TypeIdx type, std::span<const Value> elements);
  /// Of numbers or vectors, of each the lowest byte first: as `ObjectRef::write`.
  [[nodiscard]] Result<Root> make_array_from_bytes(TypeIdx type, std::span<const std::byte> bytes);

  /// The imported memory or the one exported as `memory`.
  [[nodiscard]] std::optional<MemoryRef> memory();
  [[nodiscard]] std::optional<ConstMemoryRef> memory() const;
  [[nodiscard]] std::optional<TableRef> table();
  /// Errors: `no_such_export`, `global_immutable`, `wrong_value_type`.
  [[nodiscard]] Result<Value> global(std::string_view export_name) const;
  [[nodiscard]] Result<void> set_global(std::string_view export_name, Value value);

  /// Back to the freshly created state: memory, table, globals, segments, the main thread alone.
  /// The imports are not resolved again. Errors: `not_resettable`; `out_of_memory`, and the process
  /// is poisoned.
  [[nodiscard]] Result<void> reset();

  /// An independent process that is as this one is, with the same options: its own memory, tables,
  /// globals, heap, threads. Nothing of this one changes. Takes time and memory for what the guest has
  /// touched, not for the memory's size. Errors: `out_of_memory`; `unsupported_snapshot` for a process
  /// that was moved from. An example, both ways of a choice that the guest asks for:
  ///
  ///     Process other = process.fork().value();
  ///     outcome = process.main_thread().run({Value::i32(0)});
  ///     other_outcome = other.main_thread().run({Value::i32(1)});
  [[nodiscard]] Result<Process> fork() const;

  // --- snapshots: docs/process.md, section 13
  /// Writes all that the process is, in the format of docs/snapshot-format.md; nothing of it changes.
  /// The same state gives the same bytes, however the process is executed, on every host. Errors: the
  /// sink's; `unsupported_snapshot` for a process that was moved from.
  [[nodiscard]] Result<void> snapshot(SnapshotSink& sink) const;
  [[nodiscard]] Result<std::vector<std::byte>> snapshot() const;
  /// The same, and a mark: `delta` then writes what is different. An example, a base and what changed:
  ///
  ///     SnapshotMark mark = process.marked_snapshot(base).value();
  ///     outcome = process.main_thread().run();
  ///     if (!process.delta(mark, changes)) return;
  ///     const auto done = fermata::fold_snapshots(std::array{&base_source, &changes_source}, sink);
  [[nodiscard]] Result<SnapshotMark> marked_snapshot(SnapshotSink& sink) const;
  /// Writes a delta: all that the process is but the blocks of memory (4096 bytes each) that are as
  /// they were at the mark, which then stands for the process as it is now. The mark may be of another
  /// process of the same module. `fold_snapshots` makes one snapshot of a chain of deltas. Takes time
  /// for the memory that was touched. Errors: the sink's, and the mark is as it was;
  /// `unsupported_snapshot` for a mark of another module, and for one or a process that was moved from.
  [[nodiscard]] Result<void> delta(SnapshotMark& mark, SnapshotSink& sink) const;
  /// A process as the snapshot's was: linked as by `create`, with the same rules and options, its
  /// imports resolved again by their names. Nothing of the guest runs. The options' entry and
  /// arguments are those of `reset`, and judged for it alone. Whatever the bytes are, a process comes
  /// of them that the module itself could have come to, or an error: `malformed_snapshot`,
  /// `invalid_snapshot`, `snapshot_mismatch`, `unsupported_snapshot`, with the offset in the snapshot;
  /// those of linking; `out_of_memory` past a limit of the options; the source's. An example:
  ///
  ///     const auto bytes = process.snapshot().value();
  ///     auto again = fermata::Process::restore(module, bytes, resolver);
  [[nodiscard]] static Result<Process> restore(const Module& module,
                                               std::span<const std::byte> bytes,
                                               const Resolver& resolver,
                                               const ProcessOptions& options = {});
  /// The source is read to its end.
  [[nodiscard]] static Result<Process> restore(const Module& module, SnapshotSource& source,
                                               const Resolver& resolver,
                                               const ProcessOptions& options = {});

 private:
  static Result<Process> restore(const Module& module, SnapshotSource& source, std::uint64_t size,
                                 const Resolver& resolver, const ProcessOptions& options);
  explicit Process(std::unique_ptr<ProcessImpl> impl);
  std::unique_ptr<ProcessImpl> impl_;
};

}  // namespace fermata
