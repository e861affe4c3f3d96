/* An interpreter of a bytecode for a stack machine: one switch (br_table) per instruction, loads of
 * operands, an unpredictable dispatch. It runs nested loops, primes and a little arithmetic. */
#include "checksum.h"

enum op {
  PUSH,
  LOAD,
  STORE,
  ADD,
  SUB,
  MUL,
  MOD,
  LESS,
  EQUAL,
  JUMP,
  JUMP_IF_NOT,
  DUP,
  DROP,
  XOR,
  SHIFT,
  ARRAY_GET,
  ARRAY_SET,
  PRINT,
  HALT
};

static int32_t array[1024];

static int run(const int16_t* code) {
  int32_t stack[64], variables[16] = {0};
  int32_t* top = stack;
  for (const int16_t* pc = code;;) {
    switch (*pc++) {
      case PUSH:
        *++top = *pc++;
        break;
      case LOAD:
        *++top = variables[*pc++];
        break;
      case STORE:
        variables[*pc++] = *top--;
        break;
      case ADD:
        --top, top[0] = (int32_t)((uint32_t)top[0] + (uint32_t)top[1]);
        break;
      case SUB:
        --top, top[0] = (int32_t)((uint32_t)top[0] - (uint32_t)top[1]);
        break;
      case MUL:
        --top, top[0] = (int32_t)((uint32_t)top[0] * (uint32_t)top[1]);
        break;
      case MOD:
        --top, top[0] = (int32_t)((uint32_t)top[0] % (uint32_t)top[1]);
        break;
      case LESS:
        --top, top[0] = top[0] < top[1];
        break;
      case EQUAL:
        --top, top[0] = top[0] == top[1];
        break;
      case JUMP:
        pc = code + *pc;
        break;
      case JUMP_IF_NOT:
        pc = *top-- ? pc + 1 : code + *pc;
        break;
      case DUP:
        ++top, top[0] = top[-1];
        break;
      case DROP:
        --top;
        break;
      case XOR:
        --top, top[0] ^= top[1];
        break;
      case SHIFT:
        --top, top[0] = (int32_t)((uint32_t)top[0] >> (top[1] & 31));
        break;
      case ARRAY_GET:
        top[0] = array[top[0] & 1023];
        break;
      case ARRAY_SET:
        top -= 2, array[top[1] & 1023] = top[2];
        break;
      case PRINT:
        checksum_add((uint64_t)(int64_t)*top--);
        break;
      case HALT:
        return variables[0];
    }
  }
}

/* variables: 0 outer counter, 1 inner counter, 2 hash */
static const int16_t program[] = {
    /*  0 */ PUSH, 0,   STORE, 0,
    /*  4 */ LOAD, 0,   PUSH,  2500,      LESS, JUMP_IF_NOT, 66,
    /* 11 */ PUSH, 0,   STORE, 1,
    /* 15 */ LOAD, 1,   PUSH,  600,       LESS, JUMP_IF_NOT, 55,
    /* 22 */ LOAD, 2,   LOAD,  1,         ADD,  DUP,         PUSH, 7,
    SHIFT,         XOR, PUSH,  31,        MUL,  STORE,       2,
    /* 37 */ LOAD, 1,   DUP,   ARRAY_GET, LOAD, 2,           ADD,  ARRAY_SET,
    /* 45 */ LOAD, 1,   PUSH,  1,         ADD,  STORE,       1,
    /* 52 */ JUMP, 15,  HALT,
    /* 55 */ LOAD, 0,   PUSH,  1,         ADD,  STORE,       0,
    /* 62 */ JUMP, 4,   HALT,  HALT,
    /* 66 */ LOAD, 2,   PRINT, HALT};

int main(void) {
  checksum_add((uint64_t)run(program));
  for (int i = 0; i < 1024; i += 31) checksum_add((uint32_t)array[i]);
  return checksum_print();
}
