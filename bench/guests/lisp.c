/* An interpreter in the guest: a little Lisp that reads its programs as text and walks the tree,
 * with tagged values, environments in lists and a mark-free arena that is reset for each program.
 */
#include "checksum.h"

enum tag { NIL, INTEGER, SYMBOL, PAIR, CLOSURE, BUILTIN };

typedef struct cell cell;
typedef cell* (*builtin_fn)(cell*);
struct cell {
  enum tag tag;
  int32_t number;     /* INTEGER: the value; SYMBOL: its index */
  cell *first, *rest; /* PAIR; CLOSURE: parameters and body in `first`, environment in `rest` */
  builtin_fn function;
};

enum { arena_size = 6000000, symbol_limit = 64 };

static cell arena[arena_size];
static int used;
static cell nil = {NIL, 0, 0, 0, 0};
static char names[symbol_limit][12];
static int symbol_count;
static const char* source;
static cell* globals[symbol_limit];

static cell* make(enum tag tag, int32_t number, cell* first, cell* rest) {
  cell* c = &arena[used++];
  c->tag = tag, c->number = number, c->first = first, c->rest = rest, c->function = 0;
  return c;
}

static int symbol_index(const char* name, int length) {
  for (int i = 0; i < symbol_count; ++i) {
    if (strncmp(names[i], name, (size_t)length) == 0 && names[i][length] == 0) return i;
  }
  memcpy(names[symbol_count], name, (size_t)length);
  names[symbol_count][length] = 0;
  return symbol_count++;
}

static cell* read_form(void) {
  while (*source == ' ' || *source == '\n') ++source;
  if (*source == '(') {
    cell head = {PAIR, 0, 0, &nil, 0};
    cell* last = &head;
    for (++source; *source != ')';) {
      last->rest = make(PAIR, 0, read_form(), &nil);
      last = last->rest;
      while (*source == ' ' || *source == '\n') ++source;
    }
    ++source;
    return head.rest;
  }
  const char* begin = source;
  while (*source != ' ' && *source != '\n' && *source != '(' && *source != ')') ++source;
  if (*begin < '0' || *begin > '9')
    return make(SYMBOL, symbol_index(begin, (int)(source - begin)), 0, 0);
  int32_t value = 0;
  for (; begin != source; ++begin) value = value * 10 + (*begin - '0');
  return make(INTEGER, value, 0, 0);
}

static int sym_if, sym_define, sym_lambda, sym_let;

static cell* look_up(int32_t symbol, const cell* environment) {
  for (; environment != &nil; environment = environment->rest) {
    if (environment->first->first->number == symbol) return environment->first->rest;
  }
  return globals[symbol];
}

static cell* bind(cell* names_list, cell* values, cell* environment) {
  for (; names_list != &nil; names_list = names_list->rest, values = values->rest) {
    environment = make(PAIR, 0, make(PAIR, 0, names_list->first, values->first), environment);
  }
  return environment;
}

static cell* evaluate(cell* form, cell* environment);

static cell* evaluate_all(cell* forms, cell* environment) {
  cell head = {PAIR, 0, 0, &nil, 0};
  for (cell* last = &head; forms != &nil; forms = forms->rest, last = last->rest) {
    last->rest = make(PAIR, 0, evaluate(forms->first, environment), &nil);
  }
  return head.rest;
}

static cell* evaluate(cell* form, cell* environment) {
  for (;;) {
    if (form->tag == SYMBOL) return look_up(form->number, environment);
    if (form->tag != PAIR) return form;
    const cell* head = form->first;
    cell* rest = form->rest;
    if (head->tag == SYMBOL && head->number == sym_if) {
      const cell* test = evaluate(rest->first, environment);
      form = test->tag != NIL ? rest->rest->first : rest->rest->rest->first;
      continue;
    }
    if (head->tag == SYMBOL && head->number == sym_lambda)
      return make(CLOSURE, 0, rest, environment);
    if (head->tag == SYMBOL && head->number == sym_define) {
      return globals[rest->first->number] = evaluate(rest->rest->first, environment);
    }
    if (head->tag == SYMBOL && head->number == sym_let) {
      cell* value = evaluate(rest->rest->first, environment);
      environment = make(PAIR, 0, make(PAIR, 0, rest->first, value), environment);
      form = rest->rest->rest->first;
      continue;
    }
    cell* function = evaluate(form->first, environment);
    cell* values = evaluate_all(rest, environment);
    if (function->tag == BUILTIN) return function->function(values);
    environment = bind(function->first->first, values, function->rest);
    form = function->first->rest->first;
  }
}

static int32_t arg(const cell* values, int i) {
  while (i-- > 0) values = values->rest;
  return values->first->number;
}
static cell* integer(uint32_t value) { return make(INTEGER, (int32_t)value, 0, 0); }
static cell* truth(int value) { return value ? make(INTEGER, 1, 0, 0) : &nil; }
static cell* fn_add(cell* v) { return integer((uint32_t)arg(v, 0) + (uint32_t)arg(v, 1)); }
static cell* fn_sub(cell* v) { return integer((uint32_t)arg(v, 0) - (uint32_t)arg(v, 1)); }
static cell* fn_mul(cell* v) { return integer((uint32_t)arg(v, 0) * (uint32_t)arg(v, 1)); }
static cell* fn_less(cell* v) { return truth(arg(v, 0) < arg(v, 1)); }
static cell* fn_cons(cell* v) { return make(PAIR, 0, v->first, v->rest->first); }
static cell* fn_first(cell* v) { return v->first->first; }
static cell* fn_rest(cell* v) { return v->first->rest; }
static cell* fn_is_nil(cell* v) { return truth(v->first->tag == NIL); }

static void define_builtin(const char* name, builtin_fn function) {
  cell* c = make(BUILTIN, 0, 0, 0);
  c->function = function;
  globals[symbol_index(name, (int)strlen(name))] = c;
}

static void start(void) {
  used = 0;
  sym_if = symbol_index("if", 2), sym_define = symbol_index("define", 6);
  sym_lambda = symbol_index("lambda", 6), sym_let = symbol_index("let", 3);
  globals[symbol_index("nil", 3)] = &nil;
  define_builtin("+", fn_add), define_builtin("-", fn_sub), define_builtin("*", fn_mul);
  define_builtin("<", fn_less), define_builtin("cons", fn_cons), define_builtin("first", fn_first);
  define_builtin("rest", fn_rest), define_builtin("nil?", fn_is_nil);
}

static const char program[] =
    "(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))"
    "(define count (lambda (n) (if (< 0 n) (cons n (count (- n 1))) nil)))"
    "(define map (lambda (f l) (if (nil? l) nil (cons (f (first l)) (map f (rest l))))))"
    "(define fold (lambda (f x l) (if (nil? l) x (fold f (f x (first l)) (rest l)))))"
    "(define filter (lambda (f l) (if (nil? l) nil"
    "  (let tail (filter f (rest l)) (if (f (first l)) (cons (first l) tail) tail)))))"
    "(define sum (lambda (n) (fold + 0 (map (lambda (x) (* x (+ x 1))) (count n)))))"
    "(define repeat (lambda (n x) (if (< 0 n) (repeat (- n 1) (+ x (sum 90))) x)))"
    "(+ (fib 19) (repeat 130 (fold + 0 (filter (lambda (x) (< 50 x)) (count 100)))))";

int main(void) {
  for (int round = 0; round < 6; ++round) {
    start();
    const cell* last = &nil;
    source = program;
    while (*source) last = evaluate(read_form(), &nil);
    checksum_add((uint32_t)last->number);
    checksum_add((uint64_t)used);
  }
  return checksum_print();
}
