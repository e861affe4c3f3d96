/* Planets under gravity: f64 loads and stores in structures, square roots and divisions. */
#include <math.h>

#include "checksum.h"

struct body {
  double x, y, z, vx, vy, vz, mass;
};

enum { bodies = 6, steps = 400000 };

static struct body system_of[bodies];

static void place(void) {
  for (int i = 0; i < bodies; ++i) {
    struct body* b = &system_of[i];
    const double r = i * i + (i != 0);
    *b = (struct body){
        r, 0.3 * r, 0.01 * i, -0.1 * i, 0.7 / (1 + i), 0.002 * i, i ? 0.001 / i : 10.0};
  }
}

static void accelerate(struct body* a, struct body* b, double dt) {
  const double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
  const double squared = dx * dx + dy * dy + dz * dz + 1e-4;
  const double pull = dt / (squared * sqrt(squared));
  a->vx -= dx * b->mass * pull;
  a->vy -= dy * b->mass * pull;
  a->vz -= dz * b->mass * pull;
  b->vx += dx * a->mass * pull;
  b->vy += dy * a->mass * pull;
  b->vz += dz * a->mass * pull;
}

static void step(double dt) {
  for (int i = 0; i < bodies; ++i) {
    for (int k = i + 1; k < bodies; ++k) accelerate(&system_of[i], &system_of[k], dt);
  }
  for (int i = 0; i < bodies; ++i) {
    system_of[i].x += dt * system_of[i].vx;
    system_of[i].y += dt * system_of[i].vy;
    system_of[i].z += dt * system_of[i].vz;
  }
}

int main(void) {
  place();
  for (int i = 0; i < steps; ++i) step(0.001);
  for (int i = 0; i < bodies; ++i) checksum_add_f64(system_of[i].x + system_of[i].vy);
  return checksum_print();
}
