/* JSON: a document is written, parsed into a tree by recursive descent, and written again, many
 * times: bytes, switches on characters, small allocations, numbers to text and back. */
#include <stdlib.h>

#include "checksum.h"

enum kind { NUMBER, STRING, ARRAY, OBJECT, LITERAL };

struct node {
  enum kind kind;
  int64_t number;
  const char* text; /* of a string or a member's name; not terminated */
  uint32_t length;
  struct node *child, *next;
};

static char input[1 << 16], output[1 << 16];
static struct node pool[8192];
static int used;
static const char* at;

static char* write_number(char* out, int64_t value) {
  char digits[24];
  int n = 0;
  uint64_t rest = (uint64_t)(value < 0 ? -value : value);
  if (value < 0) *out++ = '-';
  do digits[n++] = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  while (n > 0) *out++ = digits[--n];
  return out;
}

static char* write_text(char* out, const char* text) {
  while (*text) *out++ = *text++;
  return out;
}

static void make_input(void) {
  char* out = write_text(input, "{\"records\": [");
  for (int i = 0; i < 300; ++i) {
    out = write_text(out, i ? ",\n  {\"id\": " : "\n  {\"id\": ");
    out = write_number(out, (int32_t)random_next());
    out = write_text(out, ", \"name\": \"item \\\"");
    out = write_number(out, i);
    out = write_text(
        out, i & 1 ? "\\\"\", \"live\": true, \"tags\": [" : "\\\"\", \"live\": null, \"tags\": [");
    for (int k = 0; k < i % 5; ++k) {
      if (k) *out++ = ',';
      out = write_number(out, k * 1000003);
    }
    out = write_text(out, "]}");
  }
  *write_text(out, "]}") = 0;
}

static void skip_space(void) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') ++at;
}

static void parse_string(const char** text, uint32_t* length) {
  *text = ++at;
  while (*at != '"') at += *at == '\\' ? 2 : 1;
  *length = (uint32_t)(at++ - *text);
}

static struct node* parse_value(void);

static void parse_members(struct node* parent, char end) {
  struct node** link = &parent->child;
  ++at;
  for (skip_space(); *at != end; skip_space()) {
    const char* name = 0;
    uint32_t length = 0;
    if (end == '}') {
      parse_string(&name, &length);
      skip_space();
      ++at;
    }
    struct node* child = parse_value();
    if (name && child->kind != STRING) child->text = name, child->length = length;
    *link = child;
    link = &child->next;
    skip_space();
    if (*at == ',') ++at;
  }
  ++at;
}

static int64_t parse_number(void) {
  const int negative = *at == '-';
  int64_t value = 0;
  at += negative;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  return negative ? -value : value;
}

static struct node* parse_value(void) {
  struct node* node = &pool[used++];
  memset(node, 0, sizeof *node);
  skip_space();
  switch (*at) {
    case '{':
      node->kind = OBJECT, parse_members(node, '}');
      break;
    case '[':
      node->kind = ARRAY, parse_members(node, ']');
      break;
    case '"':
      node->kind = STRING, parse_string(&node->text, &node->length);
      break;
    case 't':
    case 'n':
      node->kind = LITERAL, node->number = *at, at += 4;
      break;
    case 'f':
      node->kind = LITERAL, node->number = *at, at += 5;
      break;
    default:
      node->kind = NUMBER, node->number = parse_number();
  }
  return node;
}

static char* write_value(char* out, const struct node* node) {
  if (node->text) {
    *out++ = '"';
    for (uint32_t i = 0; i < node->length; ++i) *out++ = node->text[i];
    *out++ = '"';
  }
  switch (node->kind) {
    case NUMBER:
      return write_number(out, node->number);
    case LITERAL:
      *out++ = (char)node->number;
      return out;
    case STRING:
      return out;
    default:
      break;
  }
  *out++ = node->kind == ARRAY ? '[' : '{';
  for (const struct node* child = node->child; child; child = child->next) {
    out = write_value(out, child);
    if (child->next) *out++ = ',';
  }
  *out++ = node->kind == ARRAY ? ']' : '}';
  return out;
}

int main(void) {
  make_input();
  for (int round = 0; round < 700; ++round) {
    at = input;
    used = 0;
    const char* end = write_value(output, parse_value());
    uint32_t hash = 0;
    for (const char* c = output; c != end; ++c) hash = hash * 31 + (uint8_t)*c;
    checksum_add(hash), checksum_add((uint64_t)used);
    input[20 + round % 3] = ' ';
  }
  return checksum_print();
}
