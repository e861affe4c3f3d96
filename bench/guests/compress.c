/* Compression and back: LZ77 with hash chains, its output through an adaptive binary range coder.
 * Byte and bit work, tables, unpredictable branches. */
#include "checksum.h"

enum { size = 1 << 17, hash_size = 1 << 14, longest = 255, shortest = 4, window = 1 << 15 };

static uint8_t text[size], packed[size * 2], coded[size * 2], decoded[size * 2], restored[size];
static int32_t head[hash_size], previous[size];

static void make_text(void) {
  static const char* const words[] = {"the ", "pause ", "of ",  "a ",     "note ",   "holds ",
                                      "as ",  "long ",  "you ", "like, ", "until\n", "resume "};
  int at = 0;
  while (at < size) {
    const char* word = words[random_next() % 12];
    while (*word && at < size) text[at++] = (uint8_t)*word++;
    if (random_next() % 8 == 0 && at < size) text[at++] = (uint8_t)random_next();
  }
}

static uint32_t hash(const uint8_t* p) {
  return ((uint32_t)(p[0] | p[1] << 8 | p[2] << 16 | p[3] << 24) * 2654435761u) >> 18;
}

static int match_length(int a, int b) {
  int n = 0;
  while (n < longest && b + n < size && text[a + n] == text[b + n]) ++n;
  return n;
}

static int find_match(int at, int* distance) {
  int best = 0;
  int candidate = head[hash(text + at)];
  for (int tries = 0; tries < 8 && candidate >= 0 && at - candidate < window; ++tries) {
    const int n = match_length(candidate, at);
    if (n > best) best = n, *distance = at - candidate;
    candidate = previous[candidate];
  }
  return best;
}

static void insert(int at) {
  if (at + shortest > size) return;
  const uint32_t h = hash(text + at);
  previous[at] = head[h];
  head[h] = at;
}

/* A zero byte, the length and the distance for a match; a literal is escaped when it is zero. */
static int lz_pack(void) {
  int out = 0;
  for (int i = 0; i < hash_size; ++i) head[i] = -1;
  for (int at = 0; at < size;) {
    int distance = 0;
    const int n = at + shortest <= size ? find_match(at, &distance) : 0;
    const int take = n > shortest ? n : 1;
    if (take > 1) {
      packed[out++] = 0, packed[out++] = (uint8_t)n;
      packed[out++] = (uint8_t)distance, packed[out++] = (uint8_t)(distance >> 8);
    } else {
      packed[out++] = text[at];
      if (text[at] == 0) packed[out++] = 0;
    }
    for (int i = 0; i < take; ++i) insert(at + i);
    at += take;
  }
  return out;
}

static int lz_unpack(const uint8_t* in, int n) {
  int out = 0;
  for (int i = 0; i < n;) {
    if (in[i] != 0) {
      restored[out++] = in[i++];
    } else if (in[i + 1] == 0) {
      restored[out++] = 0, i += 2;
    } else {
      const int from = out - (in[i + 2] | in[i + 3] << 8);
      for (int k = 0; k < in[i + 1]; ++k) restored[out + k] = restored[from + k];
      out += in[i + 1], i += 4;
    }
  }
  return out;
}

static uint16_t odds[256];

static void reset_odds(void) {
  for (int i = 0; i < 256; ++i) odds[i] = 1 << 15;
}

static void adapt(int node, int bit) {
  if (bit)
    odds[node] = (uint16_t)(odds[node] + ((65535 - odds[node]) >> 5));
  else
    odds[node] = (uint16_t)(odds[node] - (odds[node] >> 5));
}

static uint32_t split(uint32_t low, uint32_t high, int node) {
  return low + (uint32_t)(((uint64_t)(high - low) * (odds[node] | 1)) >> 16);
}

static int range_encode(const uint8_t* in, int n) {
  uint32_t low = 0, high = 0xffffffffu;
  int out = 0;
  reset_odds();
  for (int i = 0; i < n; ++i) {
    for (int node = 1, k = 7; k >= 0; --k) {
      const int bit = in[i] >> k & 1;
      const uint32_t middle = split(low, high, node);
      if (bit)
        high = middle;
      else
        low = middle + 1;
      adapt(node, bit);
      node = node * 2 + bit;
      for (; (low ^ high) >> 24 == 0; low <<= 8, high = high << 8 | 255)
        coded[out++] = (uint8_t)(high >> 24);
    }
  }
  for (int k = 0; k < 4; ++k, low <<= 8) coded[out++] = (uint8_t)(low >> 24);
  return out;
}

static void range_decode(int n) {
  uint32_t low = 0, high = 0xffffffffu, code = 0;
  int in = 0;
  reset_odds();
  for (; in < 4; ++in) code = code << 8 | coded[in];
  for (int i = 0; i < n; ++i) {
    int node = 1;
    while (node < 256) {
      const uint32_t middle = split(low, high, node);
      const int bit = code <= middle;
      if (bit)
        high = middle;
      else
        low = middle + 1;
      adapt(node, bit);
      node = node * 2 + bit;
      for (; (low ^ high) >> 24 == 0; low <<= 8, high = high << 8 | 255)
        code = code << 8 | coded[in++];
    }
    decoded[i] = (uint8_t)node;
  }
}

int main(void) {
  for (int round = 0; round < 8; ++round) {
    make_text();
    const int n = lz_pack();
    const int bytes = range_encode(packed, n);
    range_decode(n);
    checksum_add((uint64_t)n), checksum_add((uint64_t)bytes);
    checksum_add((uint64_t)(lz_unpack(decoded, n) == size && memcmp(text, restored, size) == 0));
  }
  return checksum_print();
}
