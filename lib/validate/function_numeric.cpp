// Where a body or a constant expression begins, what the latter may hold, and the words for what is
// wrong.
//
// Instructions whose type is fixed by the opcode table (numeric, comparison, conversion, constants,
// most of the vector instructions) have no rules but OperandStack::apply. Specification:
// "Validation / Instructions / Numeric Instructions", "Constant Expressions".
#include <fmt/format.h>

#include <algorithm>

#include "fermata/limits.hpp"
#include "lib/module/limit_error.hpp"
#include "lib/validate/function_validator.hpp"
#include "lib/validate/op_rules.hpp"

namespace fermata::validation {
namespace {

Error frame_too_large(Offset offset) {
  return limit_error(
      fmt::format("the frame needs more than {} slots for parameters, locals and operands",
                  limits::frame_slots),
      offset);
}

}  // namespace

FunctionValidator::FunctionValidator(Context& context, const ValidateOptions& options)
    : context_(context),
      stack_(context.types),
      plain_run_(context),
      plain_runs_(options.plain_runs) {}

Result<std::uint32_t> FunctionValidator::check_body(FuncIdx function) {
  const FuncDef& def = context_.module.definition(function);
  const Signature signature = context_.types.signature(def.type);
  constant_ = false;
  allowed_ = context_.allowed_mask();
  results_ = signature.results;
  locals_.reset(signature.params, context_.module.data.locals(def));
  plain_run_.set_locals(locals_);
  const std::uint64_t used = locals_.slots() + limits::frame_reserve_slots;
  if (used > limits::frame_slots) return std::unexpected(frame_too_large(def.offset));
  stack_.reset(limits::frame_slots - static_cast<std::uint32_t>(used));
  caught_ = most_caught_ = 0;
  (void)open(WasmOp::block, BlockSignature(Signature{{}, results_}));
  if (auto done = run(def.body); !done) return std::unexpected(std::move(done.error()));
  if (stack_.too_deep() || used + stack_.max_slots() + most_caught_ > limits::frame_slots) {
    return std::unexpected(frame_too_large(def.offset));
  }
  return stack_.max_slots();
}

Result<void> FunctionValidator::check_constant(const ConstExpr& expr, ValType expected,
                                               std::uint32_t globals) {
  constant_ = true;
  allowed_ = 0;
  constant_globals_ = globals;
  locals_.reset({}, {});
  plain_run_.set_locals(locals_);
  stack_.reset(limits::frame_slots - limits::frame_reserve_slots);
  (void)open(WasmOp::block, BlockSignature(StackType(expected)));
  return run(expr.code);
}

/// Whether an instruction whose bits are not in `allowed_` may be judged after all: in a constant
/// expression, where `allowed_` is empty.
bool FunctionValidator::admit(const Instruction& in) {
  const WasmOpInfo& op = info(in.op);
  if (in.op == WasmOp::throw_) {
    if (!check(context_.require_tags(op.text, in.offset))) return false;
  } else if (op.feature && !context_.allows(*op.feature)) {
    return fail(context_.feature_error(*op.feature, op.text, in.offset));
  }
  return check_constant_op(in);
}

// Specification: "Validation / Instructions / Constant Expressions".
bool FunctionValidator::check_constant_op(const Instruction& in) {
  switch (in.op) {
    case WasmOp::end:
    case WasmOp::i32_const:
    case WasmOp::i64_const:
    case WasmOp::f32_const:
    case WasmOp::f64_const:
    case WasmOp::v128_const:
    case WasmOp::ref_null:
    case WasmOp::ref_func:
    case WasmOp::ref_i31:
    case WasmOp::struct_new:
    case WasmOp::struct_new_default:
    case WasmOp::array_new:
    case WasmOp::array_new_default:
    case WasmOp::array_new_fixed:
    case WasmOp::any_convert_extern:
    case WasmOp::extern_convert_any:
      return true;
    case WasmOp::global_get:
      return check_constant_global(in.index);
    case WasmOp::i32_add:
    case WasmOp::i32_sub:
    case WasmOp::i32_mul:
    case WasmOp::i64_add:
    case WasmOp::i64_sub:
    case WasmOp::i64_mul:
      return require(Feature::extended_const,
                     "constant expression required: arithmetic in a constant expression");
    default:
      return fail("constant expression required: found " + std::string(info(in.op).text));
  }
}

// --- wide arithmetic -----------------------------------------------------------------------------

/// Two or four halves of numbers of 128 bits give two.
bool FunctionValidator::wide_arithmetic(const Instruction& in) {
  const auto operands = static_cast<std::uint32_t>(info(in.op).signature.find(':'));
  if (!stack_.pop_repeated(i64, operands)) return false;
  stack_.push(i64);
  stack_.push(i64);
  return true;
}

// --- failures: nothing below runs for a valid module ---------------------------------------------

bool FunctionValidator::fail(Error error) {
  failure_ = std::move(error);
  return false;
}

bool FunctionValidator::fail(std::string message) { return fail(invalid(std::move(message), {})); }

bool FunctionValidator::expect(bool condition, std::string_view message) {
  return condition || fail(std::string(message));
}

bool FunctionValidator::expect_matches(StackType sub, StackType super) {
  return context_.types.matches(sub, super) ||
         fail(
             fmt::format("type mismatch: expected {}, found {}", to_string(super), to_string(sub)));
}

/// Whether there are as many as wanted, and each matches. An instruction of three bytes can ask
/// this of two lists of a thousand types, so what was found of long ones is remembered. Those are
/// parts of the type table, where an address tells which; a list given always has one length.
bool FunctionValidator::all_match(std::span<const StackType> given,
                                  std::span<const StackType> wanted) {
  if (given.size() != wanted.size()) return false;
  const std::pair lists(given.data(), wanted.data());
  const bool is_long = given.size() >= long_list;
  if (is_long && matching_lists_.contains(lists)) return true;
  const bool match = std::ranges::equal(
      given, wanted, [this](StackType a, StackType b) { return context_.types.matches(a, b); });
  if (match && is_long) matching_lists_.insert(lists);
  return match;
}

bool FunctionValidator::unknown(std::string_view what, std::uint32_t index, std::uint64_t count) {
  return fail(
      fmt::format("unknown {} {}: there {} {}", what, index, count == 1 ? "is" : "are", count));
}

bool FunctionValidator::require(Feature feature, std::string_view construct) {
  return context_.allows(feature) || fail(context_.feature_error(feature, construct, {}));
}

bool FunctionValidator::check(const Result<void>& result) {
  return result.has_value() || fail(result.error());
}

std::string FunctionValidator::describe_fault(WasmOp op) const {
  const StackFault& fault = stack_.fault();
  const std::string_view name = info(op).text;
  switch (fault.kind) {
    case StackFault::Kind::missing:
      return fmt::format("type mismatch: expected {}, found nothing on the operand stack in {}",
                         to_string(fault.expected), name);
    case StackFault::Kind::leftover:
      return fmt::format("type mismatch: expected an empty operand stack, found {} more in {}",
                         fault.count, name);
    case StackFault::Kind::mismatch:
    case StackFault::Kind::too_deep:
      break;
  }
  return fmt::format("type mismatch: expected {}, found {} on the operand stack in {}",
                     to_string(fault.expected), to_string(fault.found), name);
}

Error FunctionValidator::failure(const Instruction& in) const {
  if (failure_) {
    Error error = *failure_;
    error.offset = in.offset;
    return error;
  }
  if (stack_.fault().kind == StackFault::Kind::too_deep) {
    return frame_too_large(in.offset);
  }
  return invalid(describe_fault(in.op), in.offset);
}

Error FunctionValidator::malformed(std::string message, Offset offset) const {
  return {
      ErrorCode::malformed_binary, Phase::malformed, std::move(message), offset, std::nullopt, {}};
}

}  // namespace fermata::validation
